"""How words name a row of a csv."""

import polars as pl
import pytest

from arte.core.errors import ArteError
from arte.explain import cells

FRAME = pl.DataFrame(
    {
        "shots": ["0", "0", "3", "0"],
        "arm": ["arte", "arte", "arte", "question_only"],
        "reference": ["question_only", None, None, "arte"],
        "column": ["BBH-Math", "BBH", "BBH", "BBH"],
        "strict": ["50.000000", "41.000000", "40.000000", "12.500000"],
    }
)


def found(*words):
    return [row["strict"] for row in cells.find(FRAME, list(words), "tables/table2.csv")]


def test_words_are_values_of_the_row_in_any_order_and_case():
    assert found("arte", "BBH-Math", "zero-shot") == ["50.000000"]
    assert found("bbh", "Three-Shot", "ARTE") == ["40.000000"]
    assert found("3-shot") == ["40.000000"]
    assert found("41.000000") == ["41.000000"]


def test_a_column_can_be_named():
    assert found("reference=arte") == ["12.500000"]


def test_the_arm_is_meant_before_the_reference():
    assert found("question_only") == ["12.500000", "50.000000"]


def test_a_wrong_word_is_answered_with_the_right_ones():
    with pytest.raises(
        ArteError, match=r"(?s)no row with BBH-Logic among 4.*column: BBH-Math, BBH"
    ):
        found("arte", "BBH-Logic")


def test_a_table_is_found_by_its_name_or_path(tmp_path):
    for name in ("tables/table2.csv", "tables/shift.csv", "figures/shift.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert cells.csv_of(tmp_path, "table2") == "tables/table2.csv"
    assert cells.csv_of(tmp_path, "shift") == "tables/shift.csv"
    assert cells.csv_of(tmp_path, "figures/shift.csv") == "figures/shift.csv"
    with pytest.raises(
        ArteError, match=r"(?s)table9.*figures/shift.csv, tables/shift.csv, tables/t"
    ):
        cells.csv_of(tmp_path, "table9")
