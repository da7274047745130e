"""Files of data sets as the Hugging Face hub has them, and their rows.

A data set is a folder of files <split>-<number>.<parquet|json|jsonl>, downloaded or written by a
miniature's generator. Parquet and JSON only: no code of a data set ever runs.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from arte.core import io
from arte.core.errors import ArteError

Row = tuple[str, Any]
"""Where a row stands, as file and number from 1, and its content."""

_BATCH = 1024
"""Rows read at once, so that a file of gigabytes needs little memory."""


def read_rows(folder: str, split: str) -> Iterator[Row]:
    """The rows of a split's files in order of their numbers, each with where it stands.

    Raises ArteError where there is no file or one cannot be read.
    """
    paths = sorted(
        path
        for path in Path(folder).glob(f"{split}-*")
        if path.suffix in (".parquet", ".json", ".jsonl")
    )
    if not paths:
        raise ArteError(
            expected=f"{split}-0.parquet, .json or .jsonl",
            found="no such file",
            where=folder,
            remedy="run the rule that makes it, or mend the path",
        )
    for path in paths:
        rows = _parquet_rows(path) if path.suffix == ".parquet" else _json_rows(path)
        for number, row in enumerate(rows, start=1):
            yield f"{path} row {number}", row


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
        remedy="delete the file and fetch it again",
    )


def write_rows(rows: list[dict], path: Path) -> None:
    """Replace `path` with `rows`: a Parquet table, or a JSON list where its name ends in .json."""
    if path.suffix == ".json":
        io.write_json(rows, path)
        return
    with io.replacing(path) as temporary:
        pq.write_table(pa.Table.from_pylist(rows), temporary, compression="zstd")
