"""Rows of data sets as the hub has them."""

import re
from pathlib import Path

import pytest

from arte.core.errors import ArteError
from arte.data import hub_files

ROWS = [{"a": i, "b": [{"c": str(i)}]} for i in range(3)]


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
