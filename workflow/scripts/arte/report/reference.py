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

SOURCES = {
    "table2": Source("tables/table2.csv", ARMS, SCORE, POOLED),
    "table2_differences": Source(
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

CLAIMS = "claims"
"""The table whose cells are verdicts on the paper's claims, and no numbers."""

DECIDED = ("supported", "contradicted")

KEY = ["table", "cell"]


def read(run: Path, file: str) -> pl.DataFrame:
    """A table of a run's results folder. Raises ArteError where it is absent."""
    path = run / file
    if not path.exists():
        raise ArteError(
            expected="the results of a finished run",
            found="no such file",
            where=str(path),
            remedy="finish the run, or name a folder like results/embedded",
        )
    return pl.read_csv(path, infer_schema_length=None)


def cells(run: Path) -> pl.DataFrame:
    """All cells of a run's results folder as rows of table, cell, value, low, high, verdict.

    Claims have a verdict alone, all others have numbers alone. Raises ArteError where a table is
    absent.
    """
    found = []
    for table, source in SOURCES.items():
        rows = read(run, source.file).filter(**source.only)
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
    claims = read(run, "tables/claims.csv").select(
        pl.lit(CLAIMS).alias("table"), pl.col("claim").alias("cell"), "verdict"
    )
    return pl.concat([*found, claims], how="diagonal").unique(
        KEY, keep="first", maintain_order=True
    )


def ranges(runs: list[pl.DataFrame]) -> pl.DataFrame:
    """Cells of several runs as one row each: smallest and largest value, range, n, verdict.

    The range goes from the lowest end to the highest end of the runs' 95 % intervals: of n runs
    alike, another one's value falls outside their smallest and largest value in 2 of n + 1 cases.
    A verdict on which the runs differ is "differs". `n` counts the runs that have the cell.
    """
    agreed = pl.when(pl.col("verdict").n_unique() == 1).then(pl.col("verdict").first())
    return (
        pl.concat(runs)
        .group_by(KEY, maintain_order=True)
        .agg(
            pl.col("value").min().alias("smallest"),
            pl.col("value").max().alias("largest"),
            pl.col("low").min(),
            pl.col("high").max(),
            pl.len().alias("n"),
            agreed.otherwise(pl.lit("differs")).alias("verdict"),
        )
    )


def outside(run: pl.DataFrame, reference: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The cells of a run whose value leaves its reference range, and how many were compared."""
    numbers = run.filter(pl.col("table") != CLAIMS).select(*KEY, "value")
    both = numbers.join(reference, on=KEY, how="inner", maintain_order="left")
    return both.filter(~pl.col("value").is_between("low", "high")), both.height


def contradicted(run: pl.DataFrame, reference: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Claims that all reference runs decide alike and this run does not, and how many they do.

    `found` is this run's verdict, `verdict` theirs.
    """
    ours = run.filter(table=CLAIMS).select(*KEY, pl.col("verdict").alias("found"))
    both = ours.join(reference, on=KEY, how="inner", maintain_order="left")
    both = both.filter(pl.col("verdict").is_in(DECIDED))
    return both.filter(pl.col("found") != pl.col("verdict")), both.height


def summary(run: pl.DataFrame, reference: pl.DataFrame) -> list[str]:
    """What a run's reader wants to know, in lines: inside or not, and where not.

    Raises ArteError if the two have no cell in common.
    """
    left, compared = outside(run, reference)
    broken, decided = contradicted(run, reference)
    if not compared:
        raise ArteError(
            expected="cells that the reference has, too",
            found="none in common",
            where="the run and the reference given",
            remedy="compare a run of the configuration that the reference was made with",
        )
    told = [
        f"    {claim}: {found}, reference {theirs}"
        for claim, found, theirs in broken.select("cell", "found", "verdict").rows()
    ]
    told += [
        f"    {table}, {cell}: {value:.4g}, reference [{low:.4g}, {high:.4g}]"
        for table, cell, value, low, high in left.select(*KEY, "value", "low", "high").rows()
    ]
    if len(told) > SHOWN:
        told[SHOWN:] = [f"    and {len(told) - SHOWN} more"]
    inside = f"{compared - left.height} of {compared} numbers lie in its ranges"
    return [
        f"  Beside the reference of {reference['n'].max()} runs: {inside},",
        f"  {decided - broken.height} of {decided} verdicts are the same{':' if told else '.'}",
        *told,
    ]


SHOWN = 4
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
        print("\n".join(summary(cells(Path(args.run)), pl.read_csv(args.reference))))


if __name__ == "__main__":
    main()
