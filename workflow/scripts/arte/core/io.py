"""Every artifact is read and written here: schema-checked, sorted, atomic, reproducible."""

import contextlib
import glob
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from arte.core.errors import ArteError
from arte.core.schema import VERSION, Schema

_SURROGATE = re.compile("[\ud800-\udfff]")


@contextlib.contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success fsync it and rename it over `path`.

    Temporary files of `path` that a killed job left are deleted: a path has one writer at a time.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{glob.escape(path.name)}.{'[a-z0-9_]' * 8}.tmp"):
        left.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    os.close(handle)
    try:
        yield Path(name)
        with open(name, "rb+") as file:
            os.fsync(file.fileno())
        os.chmod(name, 0o644)  # mkstemp gives 0600, which colleagues on a cluster can't read
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: Any, length: int = 16) -> str:
    """The first `length` hex digits of the SHA-256 of `value`'s canonical JSON.

    Raises ArteError where a text holds half a character (see `lone_surrogate`).
    """
    return hashlib.sha256(_utf8(canonical(value))).hexdigest()[:length]


def lone_surrogate(value: Any) -> str | None:
    r"""The first half of a character in the texts of `value`, as in "U+D83D"; None if all is well.

    JSON can hold one ("\ud83d" without its partner), UTF-8 and hence every table cannot.
    """
    found = _SURROGATE.search(json.dumps(value, ensure_ascii=False, default=str))
    return f"U+{ord(found[0]):04X}" if found else None


def _utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        before = text[max(0, error.start - 40) : error.start]
        raise ArteError(
            expected="text that UTF-8 can hold",
            found=f"half a character, {lone_surrogate(text)}, after {before!r}",
            where="a text of the data",
            remedy="remove it from the file that the text comes from",
        ) from None


def file_sha256(path: str | os.PathLike) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_table(frame: pl.DataFrame, path: str | os.PathLike, schema: Schema, cfg: Any) -> None:
    """Check `frame` against `schema`, sort it by its key and replace `path` atomically.

    The Parquet metadata carries the schema's name and version and the hash of `cfg`, so that a
    table found on its own still says what made it.
    """
    frame = schema.check(frame, where=os.fspath(path)).sort(schema.key)
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest()).replace_schema_metadata(
        {"arte.schema": schema.name, "arte.version": VERSION, "arte.cfg": digest(cfg)}
    )
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def read_table(path: str | os.PathLike, schema: Schema) -> pl.DataFrame:
    """Read a table written by `write_table`; raise ArteError where it does not fit `schema`."""
    try:
        frame = pl.read_parquet(path)
    except FileNotFoundError:
        raise ArteError(
            expected=f"a {schema.name} table",
            found="no such file",
            where=os.fspath(path),
            remedy="run the rule that makes it, or fix the path",
        ) from None
    except pl.exceptions.ComputeError as error:
        raise ArteError(
            expected=f"a readable {schema.name} table (Parquet)",
            found=str(error).splitlines()[0],
            where=os.fspath(path),
            remedy="delete the file and run again: its rule makes it anew",
        ) from None
    return schema.check(frame, where=os.fspath(path))


def read_tables(paths: list[str], schema: Schema) -> pl.DataFrame:
    """The rows of several tables of one schema, sorted by its key."""
    return pl.concat([read_table(path, schema) for path in paths]).sort(schema.key)


def write_text(text: str, path: str | os.PathLike) -> None:
    """Replace `path` atomically with `text` in UTF-8."""
    content = _utf8(text)
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_json(value: Any, path: str | os.PathLike) -> None:
    """Replace `path` atomically with indented, key-sorted JSON."""
    write_text(json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False) + "\n", path)


def read_json(path: str | os.PathLike) -> Any:
    """Parse a JSON file; raise ArteError naming the line where it is not JSON."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ArteError(
            expected="a JSON file",
            found="no such file",
            where=os.fspath(path),
            remedy="run the rule that makes it, or fix the path",
        ) from None
    except json.JSONDecodeError as error:
        raise ArteError(
            expected="valid JSON",
            found=error.msg,
            where=f"{os.fspath(path)} line {error.lineno}",
            remedy="restore the file",
        ) from None
