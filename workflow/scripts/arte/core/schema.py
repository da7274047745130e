"""What a table's schema is and checks; each stage has its own (docs/design.md, Artefacts)."""

from dataclasses import dataclass

import polars as pl

from arte.core.errors import ArteError

VERSION = "1"

TEXT, INTEGER, FLOAT, BOOLEAN = pl.String, pl.Int64, pl.Float64, pl.Boolean


@dataclass(frozen=True)
class Schema:
    """A table's name, its columns with their types in order, and its key.

    Rows are sorted by the key and unique in it. Null means something in the columns `nullable`
    alone: that no answer could be extracted.
    """

    name: str
    types: dict[str, pl.DataType]
    key: tuple[str, ...]
    nullable: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names, in order."""
        return tuple(self.types)

    def frame(self, rows: list[dict]) -> pl.DataFrame:
        """Rows as a DataFrame of this schema (also when there are none)."""
        return pl.DataFrame(rows, schema=self.types, orient="row")

    def check(self, frame: pl.DataFrame, where: str) -> pl.DataFrame:
        """`frame` with columns in order; raise ArteError on a wrong column, type, null or key."""
        if dict(frame.schema) != self.types:
            missing = sorted(set(self.types) - set(frame.columns))
            extra = sorted(set(frame.columns) - set(self.types))
            wrong = [c for c, t in self.types.items() if c in frame.columns and frame[c].dtype != t]
            if missing or extra or wrong:
                raise self._error(
                    f"missing columns {missing}, unknown columns {extra}, wrong types {wrong}",
                    where,
                )
        frame = frame.select(self.columns)
        for column in self.columns:
            if column not in self.nullable and frame[column].null_count():
                raise self._error(f"null values in column {column!r}", where)
        twice = frame.filter(frame.select(self.key).is_duplicated())
        if twice.height:
            raise self._error(f"{twice.height} rows share a key, first {twice.row(0)}", where)
        return frame

    def _error(self, found: str, where: str) -> ArteError:
        return ArteError(
            expected=f"a {self.name} table with columns {list(self.columns)} and unique {self.key}",
            found=found,
            where=where,
            remedy="delete the file and run again; if it comes back, report it as a bug",
        )
