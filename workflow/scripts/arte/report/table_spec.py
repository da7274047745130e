"""What a table of accuracies is: its rows, columns, references and comparisons."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Row:
    """An arm, what its row is called here, and what the paper's table calls it (None: no row)."""

    arm: str
    label: str
    printed: str | None


@dataclass(frozen=True)
class Column:
    """The items whose `field` (category or subtask) is one of `values`.

    averages: how they are averaged, the primary measure first.
    """

    name: str
    field: str
    values: tuple[str, ...]
    averages: tuple[str, ...] = ("micro",)


@dataclass(frozen=True)
class Family:
    """Comparisons under one Holm correction.

    name: what its members are (column `holm_over`). pairs: every arm with the table's references,
    the claims, or those listed, which no block of the table shows: they are for
    config/claims.yaml. over: all columns under each average, parts (all but the last column), the
    last column's primary measure, or tasks. by: the fields that its members share.
    """

    name: str
    pairs: Literal["reference", "claims"] | tuple[tuple[str, str], ...]
    over: Literal["columns", "parts", "primary", "tasks"]
    by: tuple[str, ...]


@dataclass(frozen=True)
class TableSpec:
    """One table of accuracies.

    printed: its key in config/published.yaml. printed_shots: the settings that the paper prints,
    None where it does not say which. printed_delta: its row of differences, None where they follow
    from the accuracies. columns: the last one is over everything. best_of: arms of which the best
    is a second reference. corrected: what Holm's p is over, in words. trained_on: the arms whose
    students are tested. role: that of the students in the config. others: whether arms that no
    table names follow the rows. complete: whether no row may lack.
    """

    title: str
    printed: str
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    reference: str
    families: tuple[Family, ...]
    corrected: str
    trained_on: Literal["every arm", "rows", "rows and other data", "rows per benchmark"]
    role: Literal["student", "unseen"] = "student"
    best_of: tuple[str, ...] = ()
    claims: tuple[tuple[str, str], ...] = ()
    printed_shots: tuple[int, ...] | None = (0, 3)
    printed_delta: str | None = None
    others: bool = False
    complete: bool = False

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms of its rows."""
        return tuple(row.arm for row in self.rows)

    @property
    def overall(self) -> Column:
        """The column over everything."""
        return self.columns[-1]
