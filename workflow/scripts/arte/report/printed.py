"""What the paper prints where one of our cells or differences stands."""

from dataclasses import dataclass

from arte.report.table_spec import TableSpec
from arte.stats.cells import Cell, Comparison

SETTINGS = {0: "zero_shot", 3: "three_shot"}
"""Shots to what the setting is called in config/published.yaml."""


@dataclass(frozen=True)
class Printed:
    """The numbers of one table in config/published.yaml, in percent or points."""

    spec: TableSpec
    numbers: dict

    @property
    def columns(self) -> list[str]:
        """The columns of the paper's table."""
        return self.numbers["columns"]

    def rows(self, shots: int) -> dict[str, list[float]]:
        """Row to values of one shot setting; {} where the paper has none."""
        if self.spec.printed_shots is not None and shots not in self.spec.printed_shots:
            return {}
        rows = dict(self.numbers.get(SETTINGS.get(shots), self.numbers))
        rows.pop("columns", None)
        return rows

    def of_cell(self, cell: Cell) -> float | None:
        """The printed accuracy; the paper's average is undefined, so only the primary has one."""
        return self._accuracy(cell, cell.arm)

    def of_comparison(self, row: Comparison) -> float | None:
        """The printed difference: the row that the paper has for it, else from its accuracies."""
        if self.spec.printed_delta:
            return self._value(row, self.spec.printed_delta)
        first, second = self._accuracy(row, row.arm), self._accuracy(row, row.reference)
        return None if first is None or second is None else first - second

    def _accuracy(self, at: Cell | Comparison, arm: str) -> float | None:
        for row in self.spec.rows:
            if row.arm == arm and row.printed:
                return self._value(at, row.printed)
        return None

    def _value(self, at: Cell | Comparison, row: str) -> float | None:
        values = self.rows(at.shots).get(row)
        if values is None or at.column not in self.columns:
            return None
        for column in self.spec.columns:
            if (column.name, column.averages[0]) == (at.column, at.average):
                return values[self.columns.index(at.column)]
        return None
