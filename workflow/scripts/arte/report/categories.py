"""Tables 1 and 7: tasks, preference items and test items per category, beside the printed ones."""

import polars as pl

from arte.core.errors import ArteError
from arte.core.tasks import CATEGORIES, SUBTASKS
from arte.report.render import Block, Document

RENAMED = {
    "causal_judgement": "causal_judgment",
    "formal_fallacies": "formal_fallacies_syllogisms_negation",
    "multistep_arithmetic_two": "multistep_arithmetic",
}
"""Task to its name in the paper, where they differ (audit item 26)."""

COUNTS = ("tasks", "pref", "test")
"""The columns that Table 1 prints."""


def counted(items: pl.DataFrame, preference: pl.DataFrame) -> pl.DataFrame:
    """Per category: tasks, subtasks (files), preference items and test items."""
    by_category = items.group_by("category").agg(
        tasks=pl.col("task").n_unique(), subtasks=pl.col("subtask").n_unique(), test=pl.len()
    )
    return by_category.join(
        preference.group_by("category").agg(pref=pl.len()), on="category", how="left"
    ).with_columns(pl.col("pref").fill_null(0))


def table1(
    items: pl.DataFrame, preference: pl.DataFrame, published: dict
) -> tuple[pl.DataFrame, Document]:
    """Table 1 from ITEMS and PREFERENCE_SET tables; categories without items count 0."""
    found = {row["category"]: row for row in counted(items, preference).iter_rows(named=True)}
    rows = [_row1(category, found.get(category, {}), published) for category in CATEGORIES]
    numbers = [name for name in rows[0] if name != "category"]
    rows.append({"category": "Total"} | {n: sum(row[n] for row in rows) for n in numbers})
    printed_total = dict(zip(COUNTS, published["table1"]["Total"], strict=True))
    rows[-1] |= {f"printed_{name}": value for name, value in printed_total.items()}
    frame = pl.DataFrame(rows)
    note = (
        "printed: arXiv 2406.19227, Table 1. Public BBH has 27 files of 23 tasks and 6,511 items;"
        " the 3,146 printed for BBH-Logic are 250 fewer than its files hold."
    )
    header = [name.replace("_", " ") for name in frame.columns]
    cells = [[str(value) for value in row] for row in frame.iter_rows()]
    return frame, Document("Table 1: data", [note], [Block("Items by category", header, cells)])


def _row1(category: str, row: dict, published: dict) -> dict:
    ours = {name: row.get(name, 0) for name in ("tasks", "subtasks", "pref", "test")}
    printed = zip(COUNTS, published["table1"][category], strict=True)
    return {"category": category} | ours | {f"printed_{name}": value for name, value in printed}


def table7(items: pl.DataFrame, published: dict) -> tuple[pl.DataFrame, Document]:
    """Table 7: all 23 tasks by category, with the files and items of each in ITEMS tables."""
    here = items.group_by("task").agg(subtasks=pl.col("subtask").n_unique(), test=pl.len())
    tasks = pl.DataFrame(
        [
            {"category": category, "task": task, "printed_name": _printed_name(task, published)}
            for category in CATEGORIES
            for task in sorted({s.task for s in SUBTASKS.values() if s.category == category})
        ]
    )
    frame = tasks.join(here, on="task", how="left", maintain_order="left").fill_null(0)
    cells = [[str(value) for value in row] for row in frame.iter_rows()]
    header = ["category", "task", "printed name", "files here", "items here"]
    note = "Tasks under the names of the public files; printed: arXiv 2406.19227, Table 7."
    return frame, Document(
        "Table 7: tasks by category", [note], [Block("Tasks by category", header, cells)]
    )


def _printed_name(task: str, published: dict) -> str:
    """The name in the paper's Table 7; raises ArteError where published.yaml has none."""
    name = RENAMED.get(task, task)
    if not any(name in names for names in published["table7"].values()):
        raise ArteError(
            expected=f"{name} in table7",
            found="no such name",
            where="config/published.yaml",
            remedy="restore the file",
        )
    return name
