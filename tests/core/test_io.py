import os

import polars as pl
import pytest

from arte.core import io
from arte.core.errors import ArteError
from arte.prefer.tables.scores import QUESTION_SCORES

ROWS = [
    {"subtask": "snarks", "question_id": "002-00", "score": 0.5, "n": 4},
    {"subtask": "snarks", "question_id": "001-00", "score": 0.25, "n": 4},
]


@pytest.fixture
def table():
    return QUESTION_SCORES.frame(ROWS)


def test_a_table_comes_back_sorted_by_its_key(table, tmp_path):
    path = tmp_path / "new" / "scores.parquet"
    io.write_table(table, path, QUESTION_SCORES, {"seed": 0})
    assert io.read_table(path, QUESTION_SCORES)["question_id"].to_list() == ["001-00", "002-00"]


def test_equal_rows_give_equal_bytes_in_any_order(table, tmp_path):
    io.write_table(table, tmp_path / "a", QUESTION_SCORES, {"seed": 0})
    io.write_table(table.reverse(), tmp_path / "b", QUESTION_SCORES, {"seed": 0})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


HALF = "moon \ud83c rises"


def test_half_a_character_is_an_error_that_shows_the_place(tmp_path):
    for call in (io.digest, lambda text: io.write_json(text, tmp_path / "a.json")):
        with pytest.raises(ArteError, match=r"(?s)U\+D83C, after .*moon"):
            call({"question": HALF})
    assert list(tmp_path.iterdir()) == []
    assert io.lone_surrogate({"question": ["moon \U0001f315", "naïve"]}) is None


def test_what_a_killed_writer_left_is_deleted_and_nothing_else(tmp_path):
    left = tmp_path / ".a.json.ab_1cd2e.tmp"
    others = [tmp_path / name for name in (".b.json.ab_1cd2e.tmp", ".a.json.old.ab1cd2e.tmp")]
    for file in (left, *others):
        file.touch()
    io.write_text("{}", tmp_path / "a.json")
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "a.json", *others])


def test_a_table_tells_what_made_it(table, tmp_path):
    for name, seed in (("a", 0), ("b", 1)):
        io.write_table(table, tmp_path / name, QUESTION_SCORES, {"seed": seed})
    first, second = (pl.read_parquet_metadata(tmp_path / name) for name in "ab")
    assert first["arte.schema"] == "question_scores"
    assert first["arte.cfg"] != second["arte.cfg"]


def test_a_missing_table_and_a_broken_one_are_told_apart(tmp_path):
    with pytest.raises(ArteError, match="no such file"):
        io.read_table(tmp_path / "none.parquet", QUESTION_SCORES)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(ArteError, match=r"(?s)readable.*broken\.parquet.*delete the file"):
        io.read_table(tmp_path / "broken.parquet", QUESTION_SCORES)


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path):
    path = tmp_path / "text"
    io.write_text("old", path)

    def fail():
        with io.replacing(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["text"]


def test_colleagues_may_read_what_is_written(tmp_path):
    io.write_json({}, tmp_path / "file")
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o644


def test_broken_json_names_its_line(tmp_path):
    (tmp_path / "file").write_text('{\n"a": 1,\n}')
    with pytest.raises(ArteError, match="file line 3"):
        io.read_json(tmp_path / "file")


def test_a_digest_depends_on_values_and_not_on_key_order():
    assert io.digest({"a": 1, "b": 2}) == io.digest({"b": 2, "a": 1})
    assert io.digest({"a": 1, "b": 2}) != io.digest({"a": 2, "b": 1})
