"""Tables 1 and 7: tasks, preference items and test items per category, beside the printed ones."""

import polars as pl

from arte.core.tasks import CATEGORIES
from arte.report.render import Block, Document
from arte.report.specs import own_categories
from arte.report.text import DASH

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

    The user's own categories follow the total of those that the paper has. With `origins` of
    validation items (arte.data.bigbench) it also says what each subtask got.
    """
    names = (*CATEGORIES, *own_categories(items["category"]))
    categories = pl.DataFrame({"category": names})
    found = categories.join(counted(items, preference), on="category", how="left").fill_null(0)
    counts = found.select("category", "tasks", "subtasks", "pref", "test")
    ours, own = counts.head(len(CATEGORIES)), counts.slice(len(CATEGORIES))
    total = ours.sum().with_columns(category=pl.lit("Total"))
    nothing = [[None] * len(COUNTS)] * own.height
    printed = pl.DataFrame(
        [published["table1"][name] for name in (*CATEGORIES, "Total")] + nothing,
        schema=[f"printed_{name}" for name in COUNTS],
        orient="row",
    )
    counts = pl.concat([ours, total, own], how="vertical_relaxed")
    frame = pl.concat([counts, printed], how="horizontal")
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
    """Table 7: all 23 tasks by category, with the files and items of each in ITEMS tables.

    The user's own tasks follow, without a printed name.
    """
    here = items.group_by("task").agg(subtasks=pl.col("subtask").n_unique(), test=pl.len())
    ours = {printed: task for task, printed in RENAMED.items()}
    tasks = []
    for category in CATEGORIES:
        printed = published["table7"][category]
        tasks += sorted((category, ours.get(name, name), name) for name in printed)
    of_own = items.filter(pl.col("category").is_in(own_categories(items["category"])))
    own = sorted(set(of_own.select("category", "task").iter_rows()))
    tasks += [(category, task, None) for category, task in own]
    names = pl.DataFrame(tasks, schema=["category", "task", "printed_name"], orient="row")
    frame = names.join(here, on="task", how="left", maintain_order="left")
    frame = frame.with_columns(pl.col("subtasks", "test").fill_null(0))
    header = ["category", "task", "printed name", "files here", "items here"]
    note = "Tasks under the names of the public files; printed: arXiv 2406.19227, Table 7."
    block = _block("Tasks by category", header, frame)
    return frame, Document("Table 7: tasks by category", [note], [block])


def _block(caption: str, header: list[str], frame: pl.DataFrame) -> Block:
    rows = []
    for row in frame.iter_rows():
        rows.append([DASH if cell is None else str(cell) for cell in row])
    return Block(caption, header, rows)
