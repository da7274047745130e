"""Getting the published files."""

import hashlib

import pytest

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


def test_a_download_returns_the_bytes(folder, tmp_path):
    assert bbh_files.download((tmp_path / "bbh/navigate.json").as_uri()) == b"{}"


def test_a_download_is_tried_again_before_it_fails(tmp_path, capsys):
    with pytest.raises(ArteError, match="within 4 attempts"):
        bbh_files.download((tmp_path / "none").as_uri(), pause=0.0)
    assert capsys.readouterr().err.count("failed") == 4
