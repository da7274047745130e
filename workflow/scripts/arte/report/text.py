"""Cells and differences as text: the values, the blocks that tables share, and csv."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TypeVar

import polars as pl

from arte.report.build import Results
from arte.report.render import Block, Document
from arte.stats.cells import Cell, Comparison

SETTINGS = {0: "Zero-shot", 3: "Three-shot"}
"""Shots to what the setting is called."""

Record = TypeVar("Record", Cell, Comparison)

DASH = "–"

DTYPES = {
    str: pl.String,
    int: pl.Int64,
    float: pl.Float64,
    float | None: pl.Float64,
}
"""Types of the fields of records to those of csv columns."""


@dataclass(frozen=True)
class Table:
    """A table's cells and differences, one row each (csv), and what people read (md, tex)."""

    cells: pl.DataFrame
    document: Document
    differences: pl.DataFrame | None = None


def table(results: Results, notes: list[str], blocks: list[Block]) -> Table:
    """Records and blocks as a Table; the printed numbers stand in the csv column `published`."""
    printed = results.printed
    return Table(
        frame(Cell, results.cells, map(printed.of_cell, results.cells)),
        Document(results.spec.title, notes, blocks),
        frame(Comparison, results.comparisons, map(printed.of_comparison, results.comparisons)),
    )


def frame(kind: type, records: list, published: Iterable[float | None]) -> pl.DataFrame:
    """Records of one kind as rows, also where there are none, with the column `published`."""
    schema = {field.name: DTYPES[field.type] for field in fields(kind)}
    values = pl.Series("published", list(published), pl.Float64)
    return pl.DataFrame(list(map(vars, records)), schema=schema).with_columns(values)


def setting(shots: int) -> str:
    """How a shot setting is called: Zero-shot, Three-shot, else 5-shot."""
    return SETTINGS.get(shots, f"{shots}-shot")


def spelled(average: str) -> str:
    """An average in words: macro over tasks."""
    return average.replace("_", " over ")


def interval(cell: Cell) -> str:
    """A cell's value and 95 % interval: 41.0 [31.9, 50.8]."""
    return f"{cell.strict:.1f} [{cell.low:.1f}, {cell.high:.1f}]"


def signed(row: Comparison) -> str:
    """A difference and its 95 % interval: +4.0 [-1.2, +9.3]."""
    return f"{row.difference:+z.1f} [{row.low:+z.1f}, {row.high:+z.1f}]"


def p_text(p: float) -> str:
    """A p value with four decimals, or that it is smaller."""
    return f"{p:.4f}" if p >= 0.00005 else "<0.0001"


def spread(cell: Cell) -> str:
    """The standard deviation between seeds, a dash for one seed."""
    return DASH if cell.seed_sd is None else f"{cell.seed_sd:.1f}"


def printed_text(value: float | None, *, sign: bool = False) -> str:
    """A printed value with two decimals, a dash where the paper has none."""
    if value is None:
        return DASH
    return f"{value:+z.2f}" if sign else f"{value:.2f}"


def select(records: list[Record], **where: object) -> list[Record]:
    """The records whose fields have the values given, in order."""
    found = []
    for record in records:
        if where.items() <= vars(record).items():
            found.append(record)
    return found


def distinct(records: list, field: str) -> list:
    """The values of a field, in order of their first appearance."""
    return list(dict.fromkeys(getattr(record, field) for record in records))


def primary(results: Results, shots: int) -> list[Cell]:
    """The cells of one shot setting under the primary average of their columns."""
    found = []
    for column in results.spec.columns:
        found += select(results.cells, shots=shots, column=column.name, average=column.averages[0])
    return found


def accuracies(results: Results, shots: int) -> Block:
    """Arms by columns in one shot setting: what is read first. Only the last has its interval."""
    cells = primary(results, shots)
    *columns, whole = distinct(cells, "column")
    sizes, rows = [], []
    for arm in distinct(results.cells, "arm"):
        here = select(cells, arm=arm)
        overall = here[-1]
        sizes = [str(cell.n) for cell in here]
        values = [f"{cell.strict:.1f}" for cell in here[:-1]]
        rows.append([arm, str(overall.seeds), *values, interval(overall), spread(overall)])
    rows.insert(0, ["items", "", *sizes, ""])
    caption = f"{setting(shots)}: strict accuracy, %; SD: of {whole} between training seeds"
    return Block(caption, ["arm", "seeds", *columns, f"{whole} [95 %]", "SD"], rows)


def intervals(results: Results, shots: int) -> Block:
    """The 95 % intervals of the columns that `accuracies` shows without."""
    cells = primary(results, shots)
    columns = distinct(cells, "column")[:-1]
    rows = []
    for arm in distinct(results.cells, "arm"):
        parts = select(cells, arm=arm)[:-1]
        rows.append([arm, *(f"[{cell.low:.1f}, {cell.high:.1f}]" for cell in parts)])
    return Block(f"{setting(shots)}: 95 % intervals, %", ["arm", *columns], rows)


def readings(results: Results, shots: int) -> Block:
    """The last column under other averages and the lenient reading, with tags and cut answers."""
    whole = results.spec.overall
    rows = []
    for arm in distinct(results.cells, "arm"):
        here = select(results.cells, shots=shots, arm=arm, column=whole.name)
        first = here[0]
        shares = (first.lenient, first.tagged, first.cut_off)
        rows.append([arm, *map(interval, here[1:]), *map("{:.1f}".format, shares)])
    header = ["arm", *map(spelled, whole.averages[1:]), "lenient", "tagged", "cut off"]
    return Block(f"{setting(shots)}: {whole.name}, other averages and readings, %", header, rows)


def differences(
    results: Results, caption: str, head: str, named: list[tuple[str, Comparison]]
) -> list[Block]:
    """Differences, each with its row's name, and the printed ones if any; no block of no rows.

    head: what the names are, over their column.
    """
    header = [head, "items", "difference", "MDE", "p", "p (Holm)"]
    rows, printed = [], []
    for name, apart in named:
        tests = [p_text(apart.p), p_text(apart.p_holm)]
        rows.append([name, str(apart.n), signed(apart), f"{apart.mde:.1f}", *tests])
        printed.append(printed_text(results.printed.of_comparison(apart), sign=True))
    if set(printed) - {DASH}:
        header.append("printed")
        for row, value in zip(rows, printed, strict=True):
            row.append(value)
    return [Block(caption, header, rows)] if rows else []


def printed_rows(results: Results, shots: int, caption: str) -> Block:
    """The paper's own rows of one shot setting."""
    rows = []
    for name, values in results.printed.rows(shots).items():
        sign = name == results.spec.printed_delta
        rows.append([name, *(printed_text(value, sign=sign) for value in values)])
    return Block(caption, ["row", *results.printed.columns], rows)
