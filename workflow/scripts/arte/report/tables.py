"""Tables 1 to 7 of the paper from our results, with the printed numbers beside ours."""

import argparse
from pathlib import Path

import polars as pl
import yaml

from arte.core import io, job
from arte.core.errors import cli
from arte.data.tables import ITEMS
from arte.evaluate.tables import PREDICTIONS
from arte.prefer.tables.preference_set import PREFERENCE_SET
from arte.report import render
from arte.report.bbh import table2, table6
from arte.report.categories import table1, table7
from arte.report.ood import table3
from arte.report.teachers import pooled
from arte.report.text import Table
from arte.report.transfer import table4, table5

OF_PREDICTIONS = {
    "table2": table2,
    "table3": table3,
    "table4": table4,
    "table5": table5,
    "table6": table6,
}
"""The tables of accuracies, each made from PREDICTIONS, the printed numbers and cfg."""


def write(table: Table, paths: list[str]) -> None:
    """Write what each path ends with: csv of cells, _differences.csv, md or tex."""
    for path in paths:
        rows = table.differences if path.endswith("_differences.csv") else table.cells
        render.write(rows, table.document, path)


def read_predictions(paths: list[str], cfg: dict) -> pl.DataFrame:
    """PREDICTIONS of one run or, with cfg `teachers`, of that many, in equal parts of `paths`."""
    size = len(paths) // cfg.get("teachers", 1)
    runs = [
        io.read_tables(paths[first : first + size], PREDICTIONS)
        for first in range(0, len(paths), size)
    ]
    return runs[0] if len(runs) == 1 else pooled(runs, cfg["fixed"])


def build(args: argparse.Namespace) -> Table:
    """The table that the command line names."""
    published = yaml.safe_load(Path(args.published).read_text(encoding="utf-8"))
    if args.command == "table1":
        preference = io.read_tables(args.preference, PREFERENCE_SET)
        origins = [io.read_json(path) for path in args.origins]
        return Table(*table1(io.read_tables(args.items, ITEMS), preference, published, origins))
    if args.command == "table7":
        return Table(*table7(io.read_tables(args.items, ITEMS), published))
    predictions = read_predictions(args.predictions, args.cfg)
    return OF_PREDICTIONS[args.command](predictions, published, args.cfg)


def parse() -> argparse.Namespace:
    """The command line: one command per table."""
    made = ("--published", "--output+")
    of_predictions = dict.fromkeys(OF_PREDICTIONS, ("--cfg", "--predictions+", *made))
    return job.parse_command(
        __doc__,
        {
            "table1": ("--items+", "--preference+", "--origins*", *made),
            "table7": ("--items+", *made),
            **of_predictions,
        },
    )


@cli
def main() -> None:
    """Parse the command line and make a table."""
    args = parse()
    write(build(args), args.output)


if __name__ == "__main__":
    main()
