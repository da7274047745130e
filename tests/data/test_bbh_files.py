"""Getting the published files."""

import hashlib
from pathlib import Path

import pytest
from hub_server import Hub

from arte.core import io
from arte.core.errors import ArteError
from arte.data import bbh_files

TEXTS = {"navigate.json": b"{}", "cot-prompts/navigate.txt": b"Q: a"}


@pytest.fixture
def folder(tmp_path):
    for name, content in TEXTS.items():
        path = tmp_path / "bbh" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return str(tmp_path / "bbh")


@pytest.fixture
def files(tmp_path):
    json, cot = (hashlib.sha256(content).hexdigest() for content in TEXTS.values())
    pins = {"commit": "abc", "files": {"navigate": {"json": json, "cot": cot}}}
    io.write_json(pins, tmp_path / "pins.json")
    return bbh_files.published_files("navigate", str(tmp_path / "pins.json"))


def test_public_paths_name_the_pinned_commit(files):
    assert [file.public for file in files] == [
        "abc/bbh/navigate.json",
        "abc/cot-prompts/navigate.txt",
    ]


def test_published_files_are_taken_from_a_folder(files, folder):
    assert [bbh_files.fetch(file, folder, False) for file in files] == list(TEXTS.values())


def test_a_modified_file_is_refused_unless_allowed(files, folder, tmp_path):
    (tmp_path / "bbh/navigate.json").write_bytes(b"{ }")
    with pytest.raises(ArteError, match="allow_modified: true"):
        bbh_files.fetch(files[0], folder, False)
    assert bbh_files.fetch(files[0], folder, True) == b"{ }"


def test_a_missing_file_is_named(files, tmp_path):
    with pytest.raises(ArteError, match=r"navigate\.json"):
        bbh_files.fetch(files[0], str(tmp_path), False)


def test_what_is_downloaded_is_never_taken_for_data_of_ones_own(files, tmp_path, monkeypatch):
    """A login page in place of the file is refused, whatever allow_modified says."""
    (tmp_path / "abc/bbh").mkdir(parents=True)
    (tmp_path / "abc/bbh/navigate.json").write_text("<html>log in</html>")
    monkeypatch.setattr(bbh_files, "PUBLISHED", tmp_path.as_uri())
    with pytest.raises(ArteError, match="login page"):
        bbh_files.fetch(files[0], None, True)


@pytest.fixture
def server(folder):
    with Hub() as hub:
        hub.publish("a/b", "main", Path(folder))
        yield hub


def url(server: Hub) -> str:
    return f"{server.url}/a/b/resolve/main/navigate.json"


def test_a_download_returns_the_bytes(server):
    assert bbh_files.download(url(server)) == b"{}"


@pytest.mark.parametrize(
    ("how", "attempts"), [("401", 1), ("404", 1), ("500", 4), ("503", 4), ("cut", 4)]
)
def test_a_download_is_tried_again_where_that_can_help(server, folder, how, attempts):
    (Path(folder) / "navigate.json").write_text("longer than what is sent")
    server.fail(how)
    with pytest.raises(ArteError, match=r"data\.source: folder") as caught:
        bbh_files.download(url(server), pause=0.0)
    assert len(server.requests) == attempts
    assert f"attempt {attempts}" in caught.value.found


def test_a_silent_server_is_given_up(server, monkeypatch, folder):
    (Path(folder) / "navigate.json").write_text("longer than what is sent")
    monkeypatch.setattr(bbh_files, "TIMEOUT", 0.2)
    server.fail("stall")
    with pytest.raises(ArteError, match="TimeoutError"):
        bbh_files.download(url(server), pause=0.0)


def test_an_address_without_a_server_is_named():
    with pytest.raises(ArteError, match=r"127\.0\.0\.1:9"):
        bbh_files.download("http://127.0.0.1:9/x", pause=0.0)
