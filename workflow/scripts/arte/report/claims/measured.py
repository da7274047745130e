"""The differences that a claim is about, as the tables have them, or why there are none."""

from dataclasses import dataclass
from itertools import product

import polars as pl

from arte.report.claims.listed import BEST, CONSISTENCY, CONTAMINATION, FIGURE2, Claim
from arte.report.claims.needed import is_asked


@dataclass(frozen=True)
class Part:
    """One comparison of a claim: its value with the 95 % interval, in points or percent.

    mde: the smallest true difference that it finds with 80 % power, None where unknown; printed:
    the paper's value, None where it has none; missing: why there is no value, else empty.
    """

    what: str
    student: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    mde: float | None = None
    printed: float | None = None
    missing: str = ""


Tables = dict[str, pl.DataFrame]
"""Name of a table to its rows: differences, or those of Appendix E, contamination or Figure 2."""


def parts(claim: Claim, tables: Tables, ids: dict[str, str], lacking: str = "") -> list[Part]:
    """The comparisons of a claim; raise KeyError where its table is not given.

    ids: student to its hub id (nothing for other models), for the claims on some models only;
    lacking: why this run can test nothing of it.
    """
    missing = claim.untested or lacking
    if missing:
        return [Part(claim.table or "", missing=missing)]
    frame = tables[claim.table]
    if claim.table == CONSISTENCY:
        return [_share(frame, claim)]
    if claim.table == CONTAMINATION:
        return _copies(frame)
    if claim.table == FIGURE2:
        return [_correlation(frame, name) for name in claim.columns]
    if claim.shots not in frame["shots"]:
        return [Part(claim.table, missing=f"evaluate.shots has no {claim.shots}")]
    students = frame["student"].unique(maintain_order=True)
    asked = [name for name in students if is_asked(claim, ids[name])]
    here = frame.filter(pl.col("shots") == claim.shots)
    against = [BEST] if claim.against == BEST else claim.against
    found = []
    for student, arm, reference, column in product(asked, claim.arms, against, claim.columns):
        found.append(_difference(here.filter(student=student), claim, (arm, reference, column)))
    return found


def _difference(rows: pl.DataFrame, claim: Claim, names: tuple[str, str, str]) -> Part:
    """One comparison; families repeat some, with the same numbers."""
    arm, reference, column = names
    references = claim.references if reference == BEST else (reference,)
    what = f"{arm} − {reference}, {column}"
    found = rows.filter(
        pl.col("reference").is_in(references),
        pl.col("arm") == arm,
        pl.col("column") == column,
        pl.col("average") == claim.column(column).averages[0],
    )
    if found.is_empty():
        return Part(what, missing=_why_none(rows, arm, references, column))
    row = found.row(0, named=True)
    return Part(
        what=f"{arm} − {row['reference']}, {column}",
        student=row["student"],
        value=row["difference"],
        low=row["low"],
        high=row["high"],
        mde=row["mde"],
        printed=row["published"],
    )


def _why_none(rows: pl.DataFrame, arm: str, references: tuple[str, ...], column: str) -> str:
    here = {*rows["arm"], *rows["reference"]}
    if column not in rows["column"]:
        return f"nothing of {column} is tested here"
    if arm not in here:
        return f"this run has no arm {arm}"
    return f"this run has no arm {' or '.join(references)}"


def _share(frame: pl.DataFrame, claim: Claim) -> Part:
    """A share of Appendix E over all subtasks, in percent."""
    row = frame.filter(subtask="total", reference="all items", measure=claim.measure).row(
        0, named=True
    )
    if not row["n"]:
        return Part(claim.measure, missing="no question has a pair")
    return Part(
        what=f"{claim.measure}, {row['x']} of {row['n']} questions",
        value=100 * row["share"],
        low=100 * row["low"],
        high=100 * row["high"],
        printed=row["printed"],
    )


def _copies(frame: pl.DataFrame) -> list[Part]:
    """Shares, in percent, of the questions of each source that are test items, or come near one.

    Both, for where test items are nothing but template, or copies, none comes near another.
    """
    found = []
    for row in frame.filter(subtask="all").iter_rows(named=True):
        for measure, ends in (("normalized", "normalized_"), ("above", "")):
            what = f"{row['source']}, {measure}: {row[measure]} of {row['questions']} questions"
            names = {"value": f"share_{measure}", "low": f"{ends}low", "high": f"{ends}high"}
            found.append(Part(what, **{key: 100 * row[name] for key, name in names.items()}))
    return found


def _correlation(frame: pl.DataFrame, subtask: str) -> Part:
    """The correlation of words and score in a subtask, from -1 to 1."""
    rows = frame.filter(subtask=subtask).to_dicts()
    what = f"{subtask}, words and score"
    if not rows:
        return Part(what, missing=f"nothing of {subtask} is tested here")
    if rows[0]["correlation"] is None:
        return Part(what, missing=f"{subtask} has one question, length or score alone")
    return Part(what, value=rows[0]["correlation"], low=rows[0]["low"], high=rows[0]["high"])
