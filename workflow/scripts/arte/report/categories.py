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
"""Task to its name in the paper, where they differ."""

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
    items: pl.DataFrame, preference: pl.DataFrame, published: dict, origins: list[dict]
) -> tuple[pl.DataFrame, Document]:
    """Table 1 from ITEMS and PREFERENCE_SET tables; categories without items count 0.

    With `origins` of validation items (arte.data.bigbench) it also says what each subtask got.
    """
    categories = pl.DataFrame({"category": CATEGORIES})
    found = categories.join(counted(items, preference), on="category", how="left").fill_null(0)
    ours = found.select("category", "tasks", "subtasks", "pref", "test")
    total = ours.sum().with_columns(category=pl.lit("Total"))
    printed = pl.DataFrame(
        [published["table1"][name] for name in (*CATEGORIES, "Total")],
        schema=[f"printed_{name}" for name in COUNTS],
        orient="row",
    )
    frame = pl.concat([pl.concat([ours, total], how="vertical_relaxed"), printed], how="horizontal")
    note = (
        "printed: arXiv 2406.19227, Table 1. Public BBH has 27 files of 23 tasks and 6,511 items;"
        " the 3,146 printed for BBH-Logic are 250 fewer than its files hold."
    )
    header = [name.replace("_", " ") for name in frame.columns]
    blocks = [_block("Items by category", header, frame)]
    blocks += [_origins(origins)] if origins else []
    return frame, Document("Table 1: data", [note], blocks)


def _origins(origins: list[dict]) -> Block:
    """Validation items by subtask: from where, and how many are test items or exemplars too."""
    sources = list(origins[0]["from"])
    header = ["subtask", *sources, "validation", "test", "shared with test"]
    rows = []
    for one in sorted(origins, key=lambda one: one["subtask"]):
        counts = [one["from"][source] for source in sources]
        rows.append([one["subtask"], *counts, sum(counts), one["test"], one["shared"]])
    total = [sum(column) for column in zip(*(row[1:] for row in rows), strict=True)]
    cells = [[str(cell) for cell in row] for row in [*rows, ["Total", *total]]]
    return Block("Validation items by origin", header, cells)


def table7(items: pl.DataFrame, published: dict) -> tuple[pl.DataFrame, Document]:
    """Table 7: all 23 tasks by category, with the files and items of each in ITEMS tables."""
    here = items.group_by("task").agg(subtasks=pl.col("subtask").n_unique(), test=pl.len())
    rows = set()
    for subtask in SUBTASKS.values():
        rows.add((CATEGORIES.index(subtask.category), subtask.task))
    tasks = []
    for number, task in sorted(rows):
        tasks.append((CATEGORIES[number], task, _printed_name(task, published)))
    names = pl.DataFrame(tasks, schema=["category", "task", "printed_name"], orient="row")
    frame = names.join(here, on="task", how="left", maintain_order="left").fill_null(0)
    header = ["category", "task", "printed name", "files here", "items here"]
    note = "Tasks under the names of the public files; printed: arXiv 2406.19227, Table 7."
    block = _block("Tasks by category", header, frame)
    return frame, Document("Table 7: tasks by category", [note], [block])


def _block(caption: str, header: list[str], frame: pl.DataFrame) -> Block:
    rows = []
    for row in frame.iter_rows():
        rows.append(list(map(str, row)))
    return Block(caption, header, rows)


def _printed_name(task: str, published: dict) -> str:
    """The name in the paper's Table 7; raises ArteError where published.yaml has none."""
    name = RENAMED.get(task, task)
    if name not in set().union(*published["table7"].values()):
        raise ArteError(
            expected=f"{name} in table7",
            found="no such name",
            where="config/published.yaml",
            remedy="restore the file",
        )
    return name
