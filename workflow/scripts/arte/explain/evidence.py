"""The rows of kept tables that a cell or a point is counted from."""

import functools
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from arte.core import io
from arte.core.schema import Schema
from arte.data.tables import ITEMS
from arte.elicit.tables import RATIONALES
from arte.evaluate.tables import PREDICTIONS
from arte.prefer.tables.outputs import SCORE_OUTPUTS
from arte.provenance.reread import schema_of
from arte.report.specs import SPECS

KINDS: dict[str, Schema] = {
    each.name: each for each in (PREDICTIONS, SCORE_OUTPUTS, RATIONALES, ITEMS)
}
"""What a cell can be counted from, the first kind that its job reads."""

TOTAL = ("total", "all")
"""Values of a column that stand for all of its values."""

SAME = ("subtask", "technique", "category", "task", "student", "shots")
"""Columns by which rows of results and of kept tables belong together."""

NAIVE_ANSWERS = {"technique_shift": "tailor/"}
"""Results that sort naive answers by technique, and where these lie: they ask for none."""


KEPT_IN = "kept_in"
"""The column of evidence with the table of the run from which a row is."""


@dataclass(frozen=True)
class Evidence:
    """Rows of one kind and the tables of the run that hold them."""

    kind: str
    rows: pl.DataFrame
    paths: list[str]


@functools.lru_cache(maxsize=1024)
def table(path: Path, kind: str) -> pl.DataFrame:
    """A kept table, read once."""
    return io.read_table(path, KINDS[kind])


def evidence(run: Path, name: str, row: dict[str, str | None], job: dict) -> Evidence:
    """What one row of the csv `name` is counted from, among what its job read.

    No rows where a job read none of KINDS, as Figure 1's, which draws the workflow itself.
    """
    by_kind: dict[str, list[str]] = {}
    for path in job["inputs"]:
        if not path.startswith(NAIVE_ANSWERS.get(name, "")):
            continue
        kind = schema_of(run / path) if (run / path).exists() else ""
        if kind in KINDS:
            by_kind.setdefault(kind, []).append(path)
    kind = next((each for each in KINDS if each in by_kind), "")
    if not kind:
        return Evidence("", pl.DataFrame(), [])
    wanted = _wanted(name, row, KINDS[kind])
    parts, paths = [], []
    for path in by_kind[kind]:
        found = table(run / path, kind)
        if kind == SCORE_OUTPUTS.name:
            found = _with_drafts(run, path, found, by_kind.get(RATIONALES.name, []))
        found = found.filter(_present(found, wanted)).filter(_words(row, found))
        if found.height:
            parts.append(found.with_columns(pl.lit(path).alias(KEPT_IN)))
            paths.append(path)
    rows = pl.concat(parts) if parts else KINDS[kind].frame([])
    return Evidence(kind, rows, paths)


def _wanted(name: str, row: dict[str, str | None], schema: Schema) -> list[tuple[str, list]]:
    """(column, values) that the rows of the evidence must have."""
    found: list[tuple[str, list]] = []
    for column in SAME:
        value = row.get(column)
        known = value is not None and value.casefold() not in TOTAL
        if known and not (column == "technique" and name in NAIVE_ANSWERS):
            found.append((column, [int(value) if column == "shots" else value]))
    arms = [row[key] for key in ("arm", "reference") if row.get(key)]
    if arms and "arm" in schema.types:
        # the arms of Table 4 are trained for one benchmark each: transfer_aligned-piqa
        found.append(("arm", arms))
    if row.get("column"):
        found.append(_column(name.partition("_")[0], row["column"]))
    return found


def _column(table_name: str, column: str) -> tuple[str, list]:
    """The field and values of a table's column; a task where the table has none of this name."""
    spec = SPECS.get(table_name)
    for each in spec.columns if spec else ():
        if each.name == column:
            return each.field, list(each.values)
    return "task", [column]


def _present(frame: pl.DataFrame, wanted: list[tuple[str, list]]) -> pl.Expr:
    tests = [pl.lit(value=True)]
    for column, values in wanted:
        if column == "arm":
            names = [f"{value}-" for value in values]
            begins = [pl.col("arm").str.starts_with(name) for name in names]
            tests.append(pl.any_horizontal(pl.col("arm").is_in(values), *begins))
        elif column in frame.columns:
            tests.append(pl.col(column).is_in(values))
    return pl.all_horizontal(tests)


def _with_drafts(run: Path, path: str, outputs: pl.DataFrame, drafts: list[str]) -> pl.DataFrame:
    """Outputs with the technique and text of the draft that was their example, where known."""
    own = [each for each in drafts if Path(each).name == Path(path).name]
    if not own:
        return outputs
    known = table(run / own[0], RATIONALES.name)
    return outputs.join(
        known.select(
            "subtask", "question_id", "rationale_id", "technique", "question", "rationale"
        ),
        on=["subtask", "question_id", "rationale_id"],
    )


def _words(row: dict[str, str | None], frame: pl.DataFrame) -> pl.Expr:
    """Of Figure 2's bins: the drafts with as many words."""
    if row.get("words_from") is None or "rationale" not in frame.columns:
        return pl.lit(value=True)
    words = pl.col("rationale").str.count_matches(r"\S+")
    return words.is_between(int(row["words_from"]), int(row["words_below"]), closed="left")
