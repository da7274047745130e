from importlib import import_module
from pathlib import Path

import polars as pl
import pytest

import arte
from arte.core.errors import ArteError
from arte.core.schema import Schema
from arte.data.tables import EXEMPLARS
from arte.evaluate.tables import PREDICTIONS

ROW = {"subtask": "s", "exemplar_id": 0, "question": "q", "answer": "a", "rationale": "r"}
ARTE = Path(arte.__file__).parent
MODULES = [*ARTE.rglob("tables.py"), *ARTE.rglob("tables/[!_]*.py")]
SCHEMAS = {
    value.name: value
    for path in MODULES
    if path.parent.name != "report"
    for value in vars(
        import_module(".".join(path.relative_to(ARTE.parent).with_suffix("").parts))
    ).values()
    if isinstance(value, Schema)
}


@pytest.mark.parametrize("table", SCHEMAS.values(), ids=SCHEMAS)
def test_a_key_is_made_of_columns_that_are_never_null(table):
    assert set(table.key) <= set(table.columns)
    assert not set(table.key) & set(table.nullable)
    assert table.frame([]).height == 0


def test_a_column_has_one_type_in_all_tables():
    assert len(SCHEMAS) == 13
    types = {}
    for table in SCHEMAS.values():
        for column, type_ in table.types.items():
            assert types.setdefault(column, type_) == type_, column


def test_columns_are_put_in_order():
    frame = EXEMPLARS.frame([ROW]).select(reversed(EXEMPLARS.columns))
    assert EXEMPLARS.check(frame, "here").columns == list(EXEMPLARS.columns)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda f: f.drop("answer"), r"missing columns \['answer'\]"),
        (lambda f: f.with_columns(extra=1), r"unknown columns \['extra'\]"),
        (lambda f: f.with_columns(pl.col("exemplar_id").cast(pl.Int32)), r"\['exemplar_id'\]"),
        (lambda f: f.with_columns(answer=pl.lit(None, pl.String)), "null values.*'answer'"),
        (lambda f: pl.concat([f, f]), "2 rows share a key"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(change, found):
    with pytest.raises(ArteError, match=f"(?s){found}.*where: here"):
        EXEMPLARS.check(change(EXEMPLARS.frame([ROW])), "here")


def test_only_an_answer_may_be_null():
    row = dict.fromkeys(PREDICTIONS.columns, "x")
    row |= {"seed": 0, "shots": 0, "tagged": False, "correct": False, "correct_lenient": False}
    row |= {"answer_pred": None, "answer_lenient": None}
    assert PREDICTIONS.check(PREDICTIONS.frame([row]), "here").height == 1
