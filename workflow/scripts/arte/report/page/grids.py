"""Accuracies with intervals and printed values, from the csv of a table of accuracies."""

from dataclasses import dataclass

import polars as pl

from arte.report.specs import SPECS
from arte.report.text import setting


@dataclass(frozen=True)
class Grid:
    """One shot setting of a table: heads, and rows of cells (None where there is none)."""

    caption: str
    header: list[str]
    rows: list[tuple[str, list[dict | None]]]


def grids(table: str, cells: pl.DataFrame) -> list[Grid]:
    """A grid per shot setting under the primary averages.

    The cells are rows of the csv: strict, low, high, published, …, in percent.
    """
    primary = pl.concat(
        [
            cells.filter(column=column.name, average=column.averages[0])
            for column in SPECS[table].columns
        ]
    )
    several = cells["student"].n_unique() > 1
    found = []
    for shots in primary["shots"].unique().sort():
        here = primary.filter(shots=shots)
        columns = here["column"].unique(maintain_order=True).to_list()
        rows = []
        for student, arm in here.select("student", "arm").unique(maintain_order=True).rows():
            mine = here.filter(student=student, arm=arm)
            by_column = {row["column"]: row for row in mine.iter_rows(named=True)}
            name = f"{student}: {arm}" if several else arm
            rows.append((name, [by_column.get(column) for column in columns]))
        caption = f"{setting(shots)}: strict accuracy, %"
        found.append(Grid(caption, ["arm", *columns], rows))
    return found
