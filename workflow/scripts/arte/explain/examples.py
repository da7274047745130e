"""Single items behind a number: the prompt, what the model wrote, and what was read from it."""

from pathlib import Path

import polars as pl

from arte.core import io
from arte.core.errors import ArteError
from arte.core.job import first_exemplars
from arte.core.prompts import Prompts
from arte.data.tables import EXEMPLARS, ITEMS
from arte.elicit.tables import RATIONALES
from arte.evaluate.tables import PREDICTIONS
from arte.explain.evidence import Evidence, table
from arte.prefer.tables.outputs import SCORE_OUTPUTS

SHOWN = 3
"""Items that are shown unless one is asked for."""


def examples(run: Path, prompts: Prompts, found: Evidence, item: str | None) -> list[dict]:
    """A few rows of the evidence, or all of one item, each with its `prompt` where it has one.

    The first and the last, and what lies between: rows are sorted, so these are of several kinds.
    """
    rows = found.rows
    if item is not None:
        key = "item_id" if "item_id" in rows.columns else "question_id"
        rows = rows.filter(pl.col(key) == item) if rows.height else rows
    elif rows.height > SHOWN:
        rows = rows[[0, rows.height // 2, rows.height - 1]]
    return [{**row, **asked(run, prompts, found.kind, row)} for row in rows.to_dicts()]


def asked(run: Path, prompts: Prompts, kind: str, row: dict) -> dict[str, str]:
    """The prompt of a row, with the published answer where it lacks."""
    subtask = row["subtask"]
    if kind == PREDICTIONS.name:
        question = _item(run, "items", subtask, row["item_id"])["question"]
        shots = _shots(run, subtask, row["shots"])
        return {"prompt": prompts.student(subtask, shots, question)}
    if kind == SCORE_OUTPUTS.name and "rationale" in row:
        item = _item(run, "validation", subtask, row["item_id"])
        shots = [(row["question"], row["rationale"])]
        text = prompts.student(subtask, shots, item["question"])
        return {"prompt": text, "answer": item["answer"]}
    if kind == SCORE_OUTPUTS.name:
        item = _item(run, "validation", subtask, row["item_id"])
        return {"question": item["question"], "answer": item["answer"]}
    if kind == RATIONALES.name:
        return {"prompt": prompts.rationale(subtask, row["technique"], row["question"])}
    return {}


def _item(run: Path, split: str, subtask: str, item: str) -> dict:
    path = run / f"data/{subtask}/{split}.parquet"
    rows = table(path, ITEMS.name).filter(item_id=item).to_dicts()
    if not rows:
        raise ArteError(
            expected="the item that was answered",
            found=f"no item {item}",
            where=str(path),
            remedy="the data and the answers are of two runs: restore the folder",
        )
    return rows[0]


def _shots(run: Path, subtask: str, n: int) -> list[tuple[str, str]]:
    if not n:
        return []
    rows = io.read_table(run / f"data/{subtask}/exemplars.parquet", EXEMPLARS)
    return [(each["question"], each["rationale"]) for each in first_exemplars(rows, subtask, n)]
