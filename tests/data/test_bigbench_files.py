"""Getting BIG-bench's task files: from a folder, a clone or the distribution, each as pinned."""

import hashlib
import io as streams
import tarfile

import pytest

from arte.core import io
from arte.core.errors import ArteError
from arte.data import bigbench_files

CONTENT = b'{"examples": []}'
PATH = "navigate/task.json"


@pytest.fixture
def pins(tmp_path):
    """Pins of one file, whose distribution is an archive beside them."""
    archive = streams.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name in ("README.md", f"b-1/tasks/{PATH}", "b-1/tasks/navigate/extra.json"):
            member = tarfile.TarInfo(name)
            member.size = len(CONTENT)
            tar.addfile(member, streams.BytesIO(CONTENT))
    (tmp_path / "b.tar.gz").write_bytes(archive.getvalue())
    distribution = {
        "url": (tmp_path / "b.tar.gz").as_uri(),
        "sha256": hashlib.sha256(archive.getvalue()).hexdigest(),
        "folder": "b-1/tasks/",
    }
    pin = {"path": PATH, "sha256": hashlib.sha256(CONTENT).hexdigest(), "spare": 0}
    io.write_json({"distribution": distribution, "files": {"navigate": pin}}, tmp_path / "p.json")
    return str(tmp_path / "p.json")


def fetch(pins: str, folder: object, allow_modified: bool = False) -> dict[str, bytes]:
    where = None if folder is None else str(folder)
    return bigbench_files.fetch(["navigate"], pins, where, allow_modified=allow_modified)


@pytest.mark.parametrize("above", ["", "bigbench/benchmark_tasks", "benchmark_tasks"])
def test_a_file_is_found_in_a_folder_of_tasks_and_in_a_clone(pins, above, tmp_path):
    file = tmp_path / "clone" / above / PATH
    file.parent.mkdir(parents=True)
    file.write_bytes(CONTENT)
    assert fetch(pins, tmp_path / "clone") == {"navigate": CONTENT}


def test_the_distribution_gives_the_same_file(pins):
    assert fetch(pins, None) == {"navigate": CONTENT}


def test_another_version_is_refused_unless_allowed(pins, tmp_path):
    file = tmp_path / PATH
    file.parent.mkdir()
    file.write_bytes(b"{}")
    with pytest.raises(ArteError) as caught:
        fetch(pins, tmp_path)
    assert "BIG-bench 1.0.0" in caught.value.expected
    assert caught.value.found == hashlib.sha256(b"{}").hexdigest()
    assert caught.value.where == str(file)
    assert "data.allow_modified" in caught.value.remedy
    assert fetch(pins, tmp_path, allow_modified=True) == {"navigate": b"{}"}


def test_a_missing_file_is_named(pins, tmp_path):
    with pytest.raises(ArteError, match=rf"(?s){PATH}.*data\.bigbench\.folder"):
        fetch(pins, tmp_path / "none")


def test_another_archive_is_never_taken_for_the_distribution(pins, tmp_path):
    (tmp_path / "b.tar.gz").write_text("<html>log in</html>")
    with pytest.raises(ArteError, match="login page"):
        fetch(pins, None, allow_modified=True)
