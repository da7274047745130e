"""Pinned files of the hub, and reading rows. Nothing is downloaded."""

import hashlib
import json
import re
from pathlib import Path

import huggingface_hub
import pytest

from arte.core import io
from arte.core.errors import ArteError
from arte.core.tasks import OOD
from arte.data import hub_files
from arte.tailor.instructions import READERS

PINS = Path(__file__).parents[2] / "resources/hub_files.json"
ROWS = [{"a": i, "b": [{"c": str(i)}]} for i in range(3)]


@pytest.fixture
def pins(tmp_path):
    content = {
        "small": {
            "repo": "some/set",
            "revision": "0" * 40,
            "licence": "MIT",
            "train": [{"path": "data/x.json", "sha256": None}],
            "test": [{"path": "y.parquet", "sha256": hashlib.sha256(b"y.parquet").hexdigest()}],
        }
    }
    io.write_json(content, tmp_path / "pins.json")
    return str(tmp_path / "pins.json")


def hub(repo, path, *, repo_type, revision, local_dir):
    """What hf_hub_download does, with the path as content."""
    assert (repo, repo_type, revision) == ("some/set", "dataset", "0" * 40)
    target = Path(local_dir, path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(path)
    return str(target)


def test_every_pin_is_a_full_commit_of_parquet_or_json_files():
    pinned = json.loads(PINS.read_text())
    assert set(pinned) == set(OOD) | set(READERS)
    for name, entry in pinned.items():
        assert re.fullmatch(r"[0-9a-f]{40}", entry["revision"]), name
        assert ("test" in entry) == (name in OOD), name
        for file in entry["train"] + entry.get("test", []):
            assert Path(file["path"]).suffix in (".parquet", ".json")
            assert file["sha256"] is None or re.fullmatch(r"[0-9a-f]{64}", file["sha256"])


def test_files_are_fetched_and_recorded(pins, tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", hub)
    hub_files.fetch("small", pins, str(tmp_path / "raw"))
    names = ["record.json", "test-0.parquet", "train-0.json"]
    assert sorted(path.name for path in (tmp_path / "raw").iterdir()) == names
    record = io.read_json(tmp_path / "raw/record.json")
    assert record["revision"] == "0" * 40
    assert record["files"]["train-0.json"] == {
        "path": "data/x.json",
        "sha256": hashlib.sha256(b"data/x.json").hexdigest(),
    }


def test_another_file_than_the_pinned_one_is_refused(pins, tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", hub)
    io.write_text(Path(pins).read_text().replace("y.parquet", "z.parquet"), pins)
    with pytest.raises(ArteError, match=r"z\.parquet at 0{40}"):
        hub_files.fetch("small", pins, str(tmp_path / "raw"))
    assert not (tmp_path / "raw/test-0.parquet").exists()


def test_a_failed_download_names_the_file(pins, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise OSError("no route\nto host")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", fail)
    with pytest.raises(ArteError, match=r"OSError: no route\n[^$]*data/x\.json"):
        hub_files.fetch("small", pins, str(tmp_path / "raw"))


@pytest.mark.parametrize("suffix", ["parquet", "json"])
def test_written_rows_are_read_back_with_their_places(suffix, tmp_path):
    hub_files.write_rows(ROWS, tmp_path / f"train-0.{suffix}")
    found = list(hub_files.read_rows(str(tmp_path), "train"))
    assert [row for _, row in found] == ROWS
    assert found[1][0] == f"{tmp_path}/train-0.{suffix} row 2"


def recorded(path, content):
    path.write_text(content)
    hub_files.record_file(path)


def test_what_an_earlier_job_left_is_not_read(tmp_path):
    hub_files.write_rows([{"n": 1}], tmp_path / "test-0.parquet")
    (tmp_path / "test-1.jsonl").write_text('{"n": 2}\n')
    assert [row["n"] for _, row in hub_files.read_rows(str(tmp_path), "test")] == [1]


@pytest.mark.parametrize("damage", [lambda p: p.write_text('{"n": 2}\n'), Path.unlink])
def test_a_file_that_is_not_the_recorded_one_is_refused(damage, tmp_path):
    recorded(tmp_path / "test-0.jsonl", '{"n": 1}\n')
    damage(tmp_path / "test-0.jsonl")
    with pytest.raises(ArteError, match=r"the recorded file[^$]*test-0\.jsonl"):
        list(hub_files.read_rows(str(tmp_path), "test"))


def test_files_of_a_split_follow_each_other(tmp_path):
    recorded(tmp_path / "test-1.jsonl", '{"n": 2}\n{"n": 3}\n')
    hub_files.write_rows([{"n": 1}], tmp_path / "test-0.parquet")
    recorded(tmp_path / "train-0.jsonl", '{"n": 9}\n')
    assert [row["n"] for _, row in hub_files.read_rows(str(tmp_path), "test")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("name", "content", "where"),
    [
        ("train-0.jsonl", '{"a": 1}\n{"a"\n', "row 2"),
        ("train-0.json", '{"a": 1}', "train-0.json"),
        ("train-0.parquet", "PAR?", "train-0.parquet"),
        ("other.json", "[]", "train-0.parquet, .json or .jsonl"),
    ],
)
def test_an_unreadable_file_is_named(name, content, where, tmp_path):
    recorded(tmp_path / name, content)
    with pytest.raises(ArteError, match=re.escape(where)):
        list(hub_files.read_rows(str(tmp_path), "train"))
