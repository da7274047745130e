"""Rows of data sets as the hub has them."""

import re

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


def test_files_of_a_split_follow_each_other(tmp_path):
    (tmp_path / "test-1.jsonl").write_text('{"n": 2}\n{"n": 3}\n')
    hub_files.write_rows([{"n": 1}], tmp_path / "test-0.parquet")
    (tmp_path / "train-0.jsonl").write_text('{"n": 9}\n')
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
    (tmp_path / name).write_text(content)
    with pytest.raises(ArteError, match=re.escape(where)):
        list(hub_files.read_rows(str(tmp_path), "train"))
