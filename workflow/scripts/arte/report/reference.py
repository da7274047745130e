"""The range of each number over several finished runs, and whether another run lies inside.

python -m arte.report.reference range --runs DIR.. --output CSV
python -m arte.report.reference compare --run DIR --reference CSV
"""

from pathlib import Path
from typing import NamedTuple

import polars as pl

from arte.core import io, job
from arte.core.errors import ArteError, cli


class Source(NamedTuple):
    """A table of a run: its file, the columns that name a cell, value with interval, a filter."""

    file: str
    names: tuple[str, ...]
    numbers: tuple[str, str, str]
    only: dict[str, str]


ARMS = ("shots", "arm", "column")
POOLED = {"average": "micro"}
SHIFTED = ("subtask", "measure", "technique")
SCORE = ("strict", "low", "high")
GATE = ("value", "low", "high")

DIFFERENCES = "table2_differences"
"""The table whose cells are claims: that one arm is better than another."""

SOURCES = {
    "table2": Source("tables/table2.csv", ARMS, SCORE, POOLED),
    DIFFERENCES: Source(
        "tables/table2_differences.csv",
        ("shots", "arm", "reference", "column"),
        ("difference", "low", "high"),
        POOLED | {"column": "BBH"},
    ),
    "table6": Source("tables/table6.csv", ("row", "shots", "column"), SCORE, POOLED),
    "shift_before": Source(
        "tables/technique_shift.csv", SHIFTED, ("before", "before_low", "before_high"), {}
    ),
    "shift_after": Source(
        "tables/technique_shift.csv", SHIFTED, ("after", "after_low", "after_high"), {}
    ),
    "gates_teacher": Source("models/gates-teacher.csv", ("subtask", "measure"), GATE, {}),
    "gates_student": Source("models/gates-student.csv", ("subtask", "measure"), GATE, {}),
}
"""The tables that a reference holds: those of the default run, without counts of items."""

KEY = ["table", "cell"]


def cells(run: Path) -> pl.DataFrame:
    """All cells of a run's results folder as rows of table, cell, value, low, high.

    Raises ArteError where a table is absent.
    """
    found = []
    for table, source in SOURCES.items():
        path = run / source.file
        if not path.exists():
            raise ArteError(
                expected="the results of a finished run",
                found="no such file",
                where=str(path),
                remedy="finish the run, or name a folder like results/embedded",
            )
        rows = pl.read_csv(path, infer_schema_length=None).filter(**source.only)
        value, low, high = (pl.col(name).cast(pl.Float64) for name in source.numbers)
        cell = pl.concat_str(source.names, separator=" ", ignore_nulls=True)
        found.append(
            rows.select(
                pl.lit(table).alias("table"),
                cell.alias("cell"),
                value.alias("value"),
                low.alias("low"),
                high.alias("high"),
            ).drop_nulls()
        )
    return pl.concat(found).unique(KEY, keep="first", maintain_order=True)


def verdict() -> pl.Expr:
    """What an interval says of a difference: higher, lower or undecided; null of other cells."""
    said = pl.when(pl.col("low") > 0).then(pl.lit("higher"))
    said = said.when(pl.col("high") < 0).then(pl.lit("lower")).otherwise(pl.lit("undecided"))
    return pl.when(pl.col("table") == DIFFERENCES).then(said)


def ranges(runs: list[pl.DataFrame]) -> pl.DataFrame:
    """Cells of several runs as one row each: smallest and largest value, range, n, verdict.

    The range goes from the lowest end to the highest end of the runs' 95 % intervals: of n runs
    alike, another one's value falls outside their smallest and largest value in 2 of n + 1 cases.
    A verdict on which the runs differ is "differs". `n` counts the runs that have the cell.
    """
    agreed = pl.when(pl.col("verdict").n_unique() == 1).then(pl.col("verdict").first())
    one = pl.concat(runs).with_columns(verdict().alias("verdict"))
    return one.group_by(KEY, maintain_order=True).agg(
        pl.col("value").min().alias("smallest"),
        pl.col("value").max().alias("largest"),
        pl.col("low").min(),
        pl.col("high").max(),
        pl.len().alias("n"),
        agreed.otherwise(pl.lit("differs")).alias("verdict"),
    )


def outside(run: pl.DataFrame, reference: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The cells of a run whose value leaves its reference range, and how many were compared."""
    both = run.select(*KEY, "value").join(reference, on=KEY, how="inner", maintain_order="left")
    return both.filter(~pl.col("value").is_between("low", "high")), both.height


def contradicted(run: pl.DataFrame, reference: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Claims on which all reference runs agree and this run does not, and how many they agree on.

    `found` is this run's verdict, `verdict` theirs.
    """
    ours = run.with_columns(verdict().alias("found")).select(*KEY, "found")
    both = ours.join(reference, on=KEY, how="inner", maintain_order="left")
    both = both.filter(pl.col("verdict").is_in(["higher", "lower"]))
    return both.filter(pl.col("found") != pl.col("verdict")), both.height


def summary(run: pl.DataFrame, reference: pl.DataFrame) -> str:
    """What a run's reader wants to know: inside or not, and where not.

    Raises ArteError if the two have no cell in common.
    """
    left, compared = outside(run, reference)
    broken, agreed = contradicted(run, reference)
    if not compared:
        raise ArteError(
            expected="cells that the reference has, too",
            found="none in common",
            where="the run and the reference given",
            remedy="compare a run of the configuration that the reference was made with",
        )
    lines = [
        f"{table} {cell}: found {found}, reference {theirs}"
        for table, cell, found, theirs in broken.select(*KEY, "found", "verdict").rows()
    ]
    names = [
        f"{table} {cell} {value:.4g} [{low:.4g}, {high:.4g}]"
        for table, cell, value, low, high in left.select(*KEY, "value", "low", "high").rows()
    ]
    if len(names) > SHOWN:
        names[SHOWN:] = [f"and {len(names) - SHOWN} more"]
    lines.append(
        f"This run agrees with the reference in {agreed - broken.height} of {agreed} verdicts, and "
        f"is inside the reference range in {compared - left.height} of {compared} cells"
        f"{'; outside: ' + '; '.join(names) if names else ''}"
    )
    return "\n".join(lines)


SHOWN = 8
"""How many cells that lie outside are named."""


@cli
def main() -> None:
    """Write the ranges of several runs, or compare one with them."""
    args = job.parse_command(
        __doc__, {"range": ("--runs+", "--output"), "compare": ("--run", "--reference")}
    )
    if args.command == "range":
        made = ranges([cells(Path(run)) for run in args.runs])
        with io.replacing(args.output) as temporary:
            made.write_csv(temporary, float_precision=4)
    else:
        print(summary(cells(Path(args.run)), pl.read_csv(args.reference)))


if __name__ == "__main__":
    main()
