"""Rows of a user's own file, each with its line; all that cannot be used are named at once."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from arte.core.errors import ArteError
from arte.core.io import lone_surrogate

T = TypeVar("T")
SHOWN = 5
"""Bad rows that an error names; all are counted."""


class Placed(NamedTuple):
    """What was read from a row, and where that stands: line 3, or example 3 of a JSON list."""

    where: str
    value: Any


def read(path: str | Path, reader: Callable[[dict], T | str], expected: str) -> list[Placed]:
    """What `reader` makes of each row of a .jsonl or .json file; a text from it is a fault.

    A .json file is a list, or BBH's form {"examples": [...]}. Blank lines are skipped. Raises
    ArteError where the file cannot be read, has no rows, or some of its rows have a fault.
    """
    path = Path(path)
    found, faults = [], []
    for where, row in _rows(path, expected):
        value = fault(row) or reader(row)
        if isinstance(value, str):
            faults.append(f"{where}: {value}")
        else:
            found.append(Placed(where, value))
    refuse(faults, len(faults) + len(found), expected, path)
    if not found:
        raise _unreadable(expected, "no rows", path, "add rows")
    return found


def refuse(faults: list[str], count: int, expected: str, path: str | Path) -> None:
    """Raise ArteError with the first of `faults` among `count` rows; none: all is well."""
    if faults:
        shown = "; ".join(faults[:SHOWN]) + ("; …" if len(faults) > SHOWN else "")
        found = f"{len(faults)} of {count} rows cannot be used: {shown}"
        raise _unreadable(expected, found, path, "correct or remove these rows")


def fault(row: Any) -> str | None:
    """What no row may be: no JSON object, or with half a character; None if all is well."""
    if isinstance(row, json.JSONDecodeError):
        return f"no JSON ({row.msg})"
    if not isinstance(row, dict):
        return "no JSON object"
    half = lone_surrogate(row)
    return f"half a character, {half}" if half else None


def _rows(path: Path, expected: str) -> Iterator[tuple[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise _unreadable(expected, reason, path, "correct the path, or write the file") from None
    except UnicodeDecodeError as error:
        found = f"{error.reason} at byte {error.start}"
        raise _unreadable("text in UTF-8", found, path, "save it in UTF-8") from None
    if path.suffix != ".json":
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                yield f"line {number}", _parsed(line)
        return
    content = _parsed(text)
    if isinstance(content, json.JSONDecodeError):
        found, remedy = f"line {content.lineno}: {content.msg}", "correct it"
        raise _unreadable("JSON", found, path, f"{remedy}; JSON lines belong into a .jsonl file")
    examples = content.get("examples") if isinstance(content, dict) else content
    if not isinstance(examples, list):
        expected = 'a JSON list of rows, or {"examples": [rows]} as in BIG-Bench Hard'
        raise _unreadable(expected, f"{type(content).__name__} without one", path, "correct it")
    yield from ((f"example {number}", row) for number, row in enumerate(examples, start=1))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        return error


def _unreadable(expected: str, found: str, path: str | Path, remedy: str) -> ArteError:
    return ArteError(expected=expected, found=found, where=str(path), remedy=remedy)
