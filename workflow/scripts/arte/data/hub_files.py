"""Files of data sets on the Hugging Face hub at pinned commits, and their rows.

A data set is a folder of files <split>-<number>.<parquet|json|jsonl>, downloaded or written by a
miniature's generator. Parquet and JSON only: no code of a data set ever runs.
"""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from arte.core import io, job
from arte.core.errors import ArteError

if TYPE_CHECKING:
    from arte.core import hub

Row = tuple[str, Any]
"""Where a row stands, as file and number from 1, and its content."""

_BATCH = 1024
"""Rows read at once, so that a file of gigabytes needs little memory."""


def fetch(name: str, pins: str, folder: str) -> None:
    """Copy the files that the JSON file `pins` names for `name` from the hub, and record them.

    The record has repository, revision, licence and the SHA-256 of every file. They come through
    the hub's shared cache, as models do (arte.core.hub). Whatever `folder` held is removed. Raises
    ArteError where a file cannot be had, is not the hub's, or is not the one whose SHA-256 is
    pinned (null: recorded only).
    """
    from arte.core import hub  # reading rows needs no hub

    pinned = io.read_json(pins)[name]
    where = hub.Pinned(pinned["repo"], pinned["revision"], pinned["licence"], kind="dataset")
    record = {key: pinned[key] for key in ("repo", "revision", "licence")} | {"files": {}}
    shutil.rmtree(folder, ignore_errors=True)
    for split in ("train", "test"):
        for number, file in enumerate(pinned.get(split, [])):
            target = Path(folder, f"{split}-{number}{Path(file['path']).suffix}")
            found = _get(where, file, target)
            record["files"][target.name] = {"path": file["path"], "sha256": found}
            job.log(f"{target.name}: {where.repo} {file['path']}, SHA-256 {found}")
    io.write_json(record, Path(folder, "record.json"))


def _get(where: "hub.Pinned", file: dict, target: Path) -> str:
    """Copy one checked file from the hub's cache to `target` and return its SHA-256."""
    from arte.core import hub

    cached = hub.file(where, file["path"])
    found = hub.checked_sha256(cached, hub.stored_hash(cached))
    if file["sha256"] not in (None, found):
        raise ArteError(
            expected=f"SHA-256 {file['sha256']}",
            found=found,
            where=f"{where.repo} {file['path']} at {where.revision}",
            remedy=f"delete {cached.resolve()} and run again; if that does not help, correct the "
            "pin in resources/hub_files.json",
        )
    with io.replacing(target) as temporary:
        shutil.copyfile(cached, temporary)
    return found


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
