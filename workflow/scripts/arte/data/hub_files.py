"""Files of data sets as the Hugging Face hub has them, and their rows.

A data set is a folder of files <split>-<number>.<parquet|json|jsonl>, downloaded or written by a
miniature's generator, with a record of them. Only recorded files are read, so that what an earlier
job left does not count. Parquet and JSON only: no code of a data set ever runs.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from arte.core import io
from arte.core.errors import ArteError

T = TypeVar("T")

Row = tuple[str, Any]
"""Where a row stands, as file and number from 1, and its content."""

RECORD = "record.json"
"""Names the files of a folder with their SHA-256; the one file of it that Snakemake compares."""

_BATCH = 1024
"""Rows read at once, so that a file of gigabytes needs little memory."""


def read_rows(folder: str, split: str) -> Iterator[Row]:
    """The rows of a split's files in order of their numbers, each with where it stands.

    Raises ArteError where there is no file or one cannot be read.
    """
    recorded = io.read_json(Path(folder, RECORD))["files"]
    names = sorted(name for name in recorded if name.startswith(f"{split}-"))
    if not names:
        raise ArteError(
            expected=f"{split}-0.parquet, .json or .jsonl",
            found=f"a record of {', '.join(recorded) or 'no files'}",
            where=folder,
            remedy="run the rule that makes it, or correct the path",
        )
    for name in names:
        yield from _rows(Path(folder, name), recorded[name]["sha256"])


def _rows(path: Path, sha256: str) -> Iterator[Row]:
    """The rows of one file, which must be the recorded one."""
    found = io.file_sha256(path) if path.is_file() else "no such file"
    if found != sha256:
        raise ArteError(
            expected=f"the recorded file, SHA-256 {sha256}",
            found=found,
            where=os.fspath(path),
            remedy=f"delete {RECORD} beside it and run again: its rule makes both anew",
        )
    yield from read_file(path)


def read_file(path: Path) -> Iterator[Row]:
    """The rows of one file by its ending: .parquet, .json or .jsonl. Raises ArteError."""
    rows = _parquet_rows(path) if path.suffix == ".parquet" else _json_rows(path)
    for number, row in enumerate(rows, start=1):
        yield f"{path} row {number}", row


def read_row(reader: Callable[[dict], T | str], row: Any) -> T | str:
    """What `reader` makes of a row, or the reason why there is nothing in it."""
    if not isinstance(row, dict):
        return "no fields"
    return "half a character" if io.lone_surrogate(row) else reader(row)


def _parquet_rows(path: Path) -> Iterator[Any]:
    try:
        for batch in pq.ParquetFile(path).iter_batches(_BATCH):
            yield from batch.to_pylist()
    except pa.ArrowException as error:
        raise _unreadable(path, "Parquet", _first_line(error)) from None


def _json_rows(path: Path) -> Iterator[Any]:
    """Rows of a JSON list, or of a file with one JSON value per line."""
    if path.suffix == ".json":
        content = io.read_json(path)
        if not isinstance(content, list):
            raise _unreadable(path, "a JSON list", type(content).__name__)
        yield from content
        return
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield json.loads(line)
            except json.JSONDecodeError as error:
                raise _unreadable(f"{path} row {number}", "JSON", error.msg) from None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _unreadable(where: str | Path, expected: str, found: str) -> ArteError:
    return ArteError(
        expected=expected,
        found=found,
        where=os.fspath(where),
        remedy="delete the file and fetch it again, or correct your own",
    )


def write_rows(rows: list[dict], path: Path) -> None:
    """Replace `path` with `rows`, a Parquet table or (.json) a JSON list, and record the file."""
    if path.suffix == ".json":
        io.write_json(rows, path)
    else:
        with io.replacing(path) as temporary:
            pq.write_table(pa.Table.from_pylist(rows), temporary, compression="zstd")
    record_file(path)


def record_file(path: Path) -> None:
    """Add a file to its folder's record."""
    record = path.with_name(RECORD)
    known = io.read_json(record) if record.exists() else {"files": {}}
    known["files"][path.name] = {"sha256": io.file_sha256(path)}
    io.write_json(known, record)
