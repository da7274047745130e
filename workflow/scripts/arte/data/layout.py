"""Where a folder on disk holds the files of BBH and of BIG-bench: flat, or as a clone of theirs."""

import json
from pathlib import Path
from typing import Any

ABOVE = ("", "bigbench/benchmark_tasks", "benchmark_tasks")
"""Where BIG-bench's tasks lie below a folder: in itself, or in its clone or distribution."""


def local(folder: str, name: str) -> Path:
    """The place of `<subtask>.json` or `cot-prompts/<subtask>.txt`; `~` is the home directory.

    `folder` holds both, or is a clone of BIG-Bench-Hard (`bbh/` beside `cot-prompts/`), or that
    clone's `bbh/` or `cot-prompts/`. Where the file is in none of these places, the first is given.
    """
    base = Path(folder).expanduser()
    places = [base / name, base / "bbh" / name, base.parent / name, base.parent / "bbh" / name]
    if base.name not in ("bbh", "cot-prompts"):
        places = places[:2]
    return next((path for path in places if path.is_file()), places[0])


def bigbench_file(folder: str, path: str) -> Path:
    """The place of a BIG-bench task file, by its path among the tasks; `~` is the home directory.

    Where the file is in no known place, the first is given.
    """
    base = Path(folder).expanduser()
    places = [base / above / path for above in ABOVE]
    return next((place for place in places if place.is_file()), places[0])


def bigbench_pins(pins: str | Path) -> dict[str, dict[str, Any]]:
    """BBH subtask to BIG-bench's path and SHA-256, and `spare`: its items that BBH has not."""
    return json.loads(Path(pins).read_text(encoding="utf-8"))["files"]
