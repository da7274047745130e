"""An append-only record of every generation, so that nothing is asked of a model twice."""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path

from arte.core import job, lock
from arte.core.errors import ArteError, cli
from arte.core.io import replacing
from arte.engine.contract import Completion

PATIENCE = 600
"""Seconds to wait for another job that writes the same journal."""

_TYPES = {"key": str} | {field.name: field.type for field in fields(Completion)}


class Journal:
    """The generations of one (model, stage, subtask): a JSON line each, found by key.

    A context manager: it holds the file's lock while it is open, so that two jobs can't mix their
    lines; it raises ArteError if another job doesn't let go of it. Opening drops a torn last line
    (a job was killed while it wrote) and raises ArteError on any other damage, naming the line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> "Journal":
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # a file of its own: `compact` replaces the journal, and with it any lock on it
        self._lock = open(self.path.with_suffix(".lock"), "w")
        try:
            # arms with equal training sets give equal models, so two jobs may meet here
            lock.take(
                self._lock,
                PATIENCE,
                expected="a journal that no other job writes",
                where=str(self.path),
                remedy="wait for the other job, or run one workflow at a time on this folder",
            )
            self.entries = _open_entries(self.path)
            self._file = open(self.path, "a", encoding="ascii")
        except BaseException:
            self._lock.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()
        self._lock.close()

    def append(self, key: str, completion: Completion) -> None:
        """Record a completion; it survives a kill of this process from here on."""
        self._file.write(_line(key, completion))
        self._file.flush()
        self.entries[key] = completion


def journal_path(root: Path, *, fingerprint: str, stage: str, subtask: str) -> Path:
    """The journal of a model's generations for one stage and subtask."""
    return root / fingerprint[:16] / stage / f"{subtask}.jsonl"


def read_entries(path: Path) -> tuple[list[tuple[str, Completion]], int]:
    """The (key, completion) lines of a journal in order, and the length in bytes of what is whole.

    Beyond that length lies a torn last line, if anything. Raises ArteError on another bad line.
    """
    lines = path.read_bytes().split(b"\n")
    tail = lines.pop()  # nothing, unless the last line lacks its end
    entries, whole = [], 0
    for number, line in enumerate(lines, start=1):
        entry = _parse(line)
        if entry is None:
            if number == len(lines) and not tail:
                break
            raise ArteError(
                expected=f"a JSON object with the keys {', '.join(_TYPES)}",
                found=repr(line[:80].decode(errors="replace")),
                where=f"{path} line {number}",
                remedy="restore the file, or delete that line: its generation is then made anew",
            )
        entries.append(entry)
        whole += len(line) + 1
    return entries, whole


def compact(path: Path) -> tuple[int, int]:
    """Rewrite a journal without torn or repeated lines; returns its lines before and after."""
    with Journal(path) as journal:
        before = path.read_bytes().count(b"\n")
        with replacing(path) as temporary:
            lines = [_line(key, entry) for key, entry in journal.entries.items()]
            temporary.write_text("".join(lines), encoding="ascii")
    return before, len(journal.entries)


def stats(root: Path) -> Iterator[str]:
    """A tab-separated line per journal below `root`: what it holds, and its tokens."""
    yield "journal\tgenerations\tprompt_tokens\tcached_tokens\toutput_tokens\tbytes"
    for path in sorted(root.rglob("*.jsonl")):
        entries = [entry for _, entry in read_entries(path)[0]]
        prompt = sum(entry.n_prompt_tokens for entry in entries)
        cached = sum(entry.n_cached_tokens for entry in entries)
        output = sum(entry.n_output_tokens for entry in entries)
        size = path.stat().st_size
        yield f"{path.relative_to(root)}\t{len(entries)}\t{prompt}\t{cached}\t{output}\t{size}"


def _line(key: str, completion: Completion) -> str:
    return json.dumps({"key": key, **asdict(completion)}) + "\n"


def _parse(line: bytes) -> tuple[str, Completion] | None:
    """One line as (key, completion); None if it is not what `_line` writes."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    if not isinstance(record, dict) or {k: type(v) for k, v in record.items()} != _TYPES:
        return None
    return record.pop("key"), Completion(**record)


def _open_entries(path: Path) -> dict[str, Completion]:
    """The entries of a journal by key, its torn last line cut off; none where there is no file."""
    if not path.exists():
        return {}
    entries, whole = read_entries(path)
    torn = path.stat().st_size - whole
    if torn:
        job.log(f"{path}: dropped a torn last line of {torn} bytes")
        with open(path, "rb+") as file:
            file.truncate(whole)
    return dict(entries)


@cli
def main() -> None:
    """Show what journals hold, or rewrite them without torn and repeated lines."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("command", choices=["stats", "compact"])
    parser.add_argument("root", type=Path, help="the folder of all journals")
    arguments = parser.parse_args()
    if arguments.command == "stats":
        print("\n".join(stats(arguments.root)))
        return
    for path in sorted(arguments.root.rglob("*.jsonl")):
        before, after = compact(path)
        job.log(f"{path}: {before} lines, now {after}")


if __name__ == "__main__":
    main()
