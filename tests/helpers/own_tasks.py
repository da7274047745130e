"""Folders of tasks of one's own, for tests."""

import json
from pathlib import Path

from arte.tasks.new_task import PROMPTS

COIN = {
    "name": "coin_flip",
    "category": "Own",
    "answer": "yesno",
    "description": "Say whether a coin is still heads up.",
}


def coin_rows(count: int) -> list[dict]:
    """Distinct questions about coins with right answers."""
    rows = []
    for number in range(count):
        flips = [f"{name} flips it." for name in ("Ann", "Ben", "Cem")[: number % 3]]
        text = f"Coin {number} is heads up. {' '.join(flips)} Is it still heads up?"
        rows.append({"question": text, "answer": "no" if len(flips) % 2 else "yes"})
    return rows


def jsonl(path: Path, rows: list) -> Path:
    """`rows` as JSON lines; texts as they are."""
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n")
    return path


def make_task(folder: Path, rows: list | None = None, **changes: object) -> Path:
    """A folder with all that a task needs, and changes to its task.yaml."""
    folder.mkdir(parents=True)
    content = COIN | {"name": folder.name} | changes
    (folder / "task.yaml").write_text(json.dumps(content))
    for name, text in PROMPTS.items():
        (folder / f"{name}.md").write_text(text)
    jsonl(folder / "items.jsonl", coin_rows(20) if rows is None else rows)
    return folder
