"""The cells and differences of a table, from predictions and the table's specification (§4, §5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product, repeat

import polars as pl

from arte.core import job
from arte.core.errors import ArteError
from arte.report.printed import Printed
from arte.report.specs import shown, with_own_categories
from arte.report.table_spec import Column, Family, TableSpec
from arte.stats import cells
from arte.stats.cells import Cell, Comparison, Outcomes, outcomes
from arte.stats.slices import Slice, weights


@dataclass(frozen=True)
class Results:
    """A table's cells and differences as records, with its specification and printed numbers.

    teachers: how many runs with a teacher of their own the predictions come from.
    """

    spec: TableSpec
    printed: Printed
    cells: list[Cell]
    comparisons: list[Comparison]
    teachers: int = 1

    @property
    def settings(self) -> list[int]:
        """The numbers of shots, from the smallest."""
        return sorted({cell.shots for cell in self.cells})


def build(predictions: pl.DataFrame, spec: TableSpec, published: dict, cfg: dict) -> Results:
    """Measure what `spec` names, from PREDICTIONS.

    published: config/published.yaml; cfg: student or, of several, students (each with a name), and
    of several teachers their number.
    Raises ArteError where a student, a required arm or an answer is missing.
    """
    spec = with_own_categories(spec, predictions["category"].unique())
    found: list[Cell] = []
    apart: list[Comparison] = []
    students = cfg["students"] if "students" in cfg else [{"name": cfg["student"]}]
    for student in students:
        mine = of_student(predictions, spec, student["name"])
        arms = shown(spec, set(mine["arm"]))
        for _, data in by_shots(mine):
            parts = slices(data.strata, spec.columns)
            here = []
            for arm, part in product(arms, parts):
                here.append(cells.level(data, arm, part))
            found += here
            for family in spec.families:
                over = _over(family, spec, data.strata)
                for pairs in _pairs(family, spec, here):
                    apart += cells.differences(data, pairs, over, family.name)
    by = {family.name: family.by for family in spec.families}
    printed = Printed(spec, published[spec.printed])
    compared = cells.with_holm(apart, by)
    return Results(spec, printed, found, compared, cfg.get("teachers", 1))


def of_student(predictions: pl.DataFrame, spec: TableSpec, student: str) -> pl.DataFrame:
    """One student's PREDICTIONS that a table is about.

    Where the students of the table have every arm, arms that are not shown stay: they also tell how
    much training seeds vary, so that a comparison is the same in every table. Raises ArteError
    where the student, or an arm without which there is no table, is missing.
    """
    inside = pl.any_horizontal([_holds(column) for column in spec.columns])
    mine = predictions.filter((pl.col("student") == student) & inside)
    arms = shown(spec, set(mine["arm"]))
    lacking = sorted(set(spec.arms) - set(arms))
    if mine.filter(_holds(spec.overall)).is_empty():
        raise _missing(predictions, spec.overall, student)
    if not arms or (spec.complete and lacking):
        raise ArteError(
            expected=f"predictions of the arms {', '.join(spec.arms)}",
            found=f"none of {', '.join(lacking)}",
            where=f"the predictions of {student} given for {spec.title.partition(':')[0]}",
            remedy="train and evaluate these arms",
        )
    if lacking:
        job.log(f"{spec.title}: rows not run: {', '.join(lacking)}")
    return mine if spec.trained_on == "every arm" else mine.filter(pl.col("arm").is_in(arms))


def _holds(column: Column) -> pl.Expr:
    return pl.col(column.field).is_in(column.values)


def _missing(predictions: pl.DataFrame, column: Column, student: str) -> ArteError:
    what = column.name if column.field == "category" else ", ".join(column.values)
    return ArteError(
        expected=f"predictions of student {student} on {what}",
        found=f"students {sorted(set(predictions['student']))} on"
        f" {sorted(set(predictions['subtask']))}",
        where="the predictions given",
        remedy="evaluate that student, or correct the student of --cfg",
    )


def by_shots(predictions: pl.DataFrame) -> Iterator[tuple[int, Outcomes]]:
    """(shots, the outcomes of every arm in `predictions`) for each shot setting, in order."""
    arms = sorted(set(predictions["arm"]))
    for shots in sorted(set(predictions["shots"])):
        yield shots, outcomes(predictions, shots, arms)


def slices(strata: pl.DataFrame, columns: tuple[Column, ...]) -> list[Slice]:
    """The columns that occur, in order, each under its averages."""
    found = []
    for column in columns:
        inside = strata[column.field].is_in(column.values)
        if not inside.any():
            continue
        for average in column.averages:
            found.append(Slice(column.name, average, weights(strata, inside, average)))
    return found


def tasks(strata: pl.DataFrame) -> list[Slice]:
    """The reporting tasks (23 in all of BBH), over items, in alphabetical order."""
    names = strata["task"].unique().sort()
    return slices(strata, tuple(Column(name, "task", (name,)) for name in names))


def _over(family: Family, spec: TableSpec, strata: pl.DataFrame) -> list[Slice]:
    """The slices in which a family compares."""
    if family.over == "tasks":
        return tasks(strata)
    if family.over == "parts":
        return slices(strata, spec.columns[:-1])
    if family.over == "primary":
        return slices(strata, (spec.overall,))[:1]
    return slices(strata, spec.columns)


def _pairs(family: Family, spec: TableSpec, here: list[Cell]) -> list[list[tuple[str, str]]]:
    """The pairs (arm, reference) of a family in one shot setting, apart for each reference."""
    arms = list(dict.fromkeys(cell.arm for cell in here))
    if family.pairs != "reference":
        listed = spec.claims if family.pairs == "claims" else family.pairs
        return [[pair for pair in listed if set(pair) <= set(arms)]]
    found = []
    for reference in references(spec, here):
        others = [arm for arm in arms if arm != reference]
        found.append(list(zip(others, repeat(reference))))
    return found


def references(spec: TableSpec, here: list[Cell]) -> list[str]:
    """The arms that others are compared with, given the cells of one shot setting.

    These are the table's reference and, of `best_of`, the arm that is best overall, if they ran.
    """
    best: Cell | None = None
    found = []
    for cell in here:
        if (cell.column, cell.average) != (spec.overall.name, spec.overall.averages[0]):
            continue
        if cell.arm == spec.reference:
            found.append(cell.arm)
        if cell.arm in spec.best_of and (best is None or cell.strict > best.strict):
            best = cell
    return [*found, best.arm] if best else found
