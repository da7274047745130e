"""Find the row of a table or figure that a person names in a few words."""

from pathlib import Path

import polars as pl

from arte.core.errors import ArteError
from arte.report.claims.listed import file_of
from arte.report.text import SETTINGS

FOLDERS = ("tables", "figures", ".", "models")
"""Where the csv files of a run lie."""


def csv_of(run: Path, name: str) -> str:
    """The path in the run of the csv of `table2`, `figures/technique_shift` or `table2.csv`."""
    stem = name.removesuffix(".csv")
    for folder in FOLDERS:
        path = Path(folder, f"{stem}.csv").as_posix()
        if (run / path).is_file():
            return path
    known = sorted(path.relative_to(run).as_posix() for path in run.glob("[tf]*/*.csv"))
    raise ArteError(
        expected="a table or figure of the run",
        found=name,
        where=str(run),
        remedy=f"name one of {', '.join(known)}",
    )


def read(path: Path) -> pl.DataFrame:
    """A csv with all its values as they are printed in it; empty fields are null."""
    return pl.read_csv(path, infer_schema=False)


def matches(row: dict[str, str | None], word: str) -> bool:
    """Whether a word names this row: `arte`, `zero-shot`, `column=BBH`, in any case of letters."""
    column, given, value = word.partition("=")
    if given:
        return (row.get(column) or "").casefold() == value.casefold()
    values = {value.casefold() for value in row.values() if value is not None}
    if word.casefold() in values:
        return True
    shots = row.get("shots")
    return shots is not None and word.casefold() in _called(int(shots))


def _called(shots: int) -> set[str]:
    return {f"{shots}-shot", SETTINGS.get(shots, "").casefold()}


def find(frame: pl.DataFrame, words: list[str], where: str) -> list[dict[str, str | None]]:
    """The rows that all words name, in the order of the csv; raise ArteError where there is none.

    Of rows that several words name equally, those come first whose arm is named, not its reference.
    """
    found = list(frame.iter_rows(named=True))
    for word in words:
        left = [row for row in found if matches(row, word)]
        if not left:
            raise ArteError(
                expected="words that name a row, each one of its values",
                found=f"no row with {word}" + (f" among {len(found)}" if found else ""),
                where=where,
                remedy=f"choose among {_choices(found)}",
            )
        found = left
    named = {word.casefold() for word in words}
    return sorted(found, key=lambda row: (row.get("arm") or "").casefold() not in named)


def _choices(rows: list[dict[str, str | None]]) -> str:
    """The values of the columns that tell rows apart, for a message."""
    parts = []
    for column in rows[0] if rows else []:
        values = list(dict.fromkeys(row[column] for row in rows if row[column] is not None))
        if 1 <= len(values) <= 20 and not values[0].replace(".", "").lstrip("-").isdigit():
            parts.append(f"{column}: {', '.join(values)}")
    return "; ".join(parts) or "the values of that csv"


def judged_by(run: Path, row: dict[str, str | None]) -> tuple[str, dict[str, str | None]] | None:
    """The csv and its row by which a row of claims.csv is judged; None where nothing was tested."""
    table, comparison = row.get("table"), row.get("comparison")
    if row.get("value") is None:
        return None
    if not table or not comparison or not (run / (path := file_of(table))).is_file():
        return None
    for each in read(run / path).iter_rows(named=True):
        if _is_of(each, row, comparison):
            return path, each
    return None


def _is_of(each: dict[str, str | None], row: dict[str, str | None], comparison: str) -> bool:
    """Whether a difference, or a share over all subtasks, is what was judged."""
    if "correlation" in each:  # of Figure 2
        return comparison.startswith(f"{each['subtask']},")
    if "source" in each:  # of contamination
        return each["subtask"] == "all" and comparison.startswith(f"{each['source']},")
    if "difference" not in each:
        return each["subtask"] == "total" and comparison.startswith(f"{each['measure']},")
    named = f"{each['arm']} − {each['reference']}, {each['column']}" == comparison
    return named and all(each[key] == row.get(key) for key in ("student", "low", "high", "mde"))
