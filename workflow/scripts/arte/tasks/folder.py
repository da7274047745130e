"""What is wrong with the folder of a user's own task, before anything is generated."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from arte.core import tasks
from arte.core.errors import ArteError
from arte.core.tasks import CATEGORIES, OUTSIDE, Source, Subtask
from arte.tasks.items import EXPECTED, N_EXEMPLARS, Splits, splits

TAGS = ("<ans>", "</ans>")
CATEGORY = re.compile(r"[A-Za-z][A-Za-z0-9 _.+-]*")
TAKEN = (*CATEGORIES, OUTSIDE, "BBH", "All", "Total", "Average")
"""Names of columns that the tables have for the paper's tasks and for totals."""
MORE = "docs/own-task.md shows one"


def files(folder: Path, source: Source) -> dict[str, Path]:
    """The files of items, validation items and exemplars that a task has.

    Those that task.yaml does not name are <split>.jsonl, where it is there.
    """
    found = {}
    for split in Splits._fields:
        name, usual = getattr(source, split), folder / f"{split}.jsonl"
        if name is not None:
            found[split] = folder / Path(name).expanduser()
        elif split == "items" or usual.is_file():
            found[split] = usual
    return found


def load(folder: Path) -> tuple[Subtask, Source, Splits]:
    """What a folder declares, and all its rows. Raises ArteError."""
    kind, source = tasks.read(folder / tasks.FILE), tasks.read_source(folder / tasks.FILE)
    return kind, source, splits(kind, source, files(folder, source).get)


def problems(
    folder: Path, techniques: Iterable[str], *, validation_items: int | None = None
) -> Iterator[ArteError]:
    """All that is wrong with a folder: declaration, prompts, items, and too few of them."""
    yield from _prompts(folder, techniques)
    try:
        kind, _, found = load(folder)
    except ArteError as error:
        yield error
        yield from _no_items(folder, error)
        return
    if kind.category in TAKEN or not CATEGORY.fullmatch(kind.category):
        yield ArteError(
            expected=f"a category of letters, digits and spaces, other than {', '.join(TAKEN)}",
            found=repr(kind.category),
            where=str(folder / tasks.FILE),
            remedy="choose another: your category gets a column of its own",
        )
    if validation_items is not None:
        yield from _sizes(folder, found, validation_items)


def _no_items(folder: Path, said: ArteError) -> Iterator[ArteError]:
    """That there are no items, where a wrong declaration was `said` and hid it."""
    usual = folder / "items.jsonl"
    if said.where == str(folder / tasks.FILE) and not usual.is_file():
        yield ArteError(
            expected=EXPECTED,
            found="no such file",
            where=str(usual),
            remedy="write it, or name another file by the key items of task.yaml",
        )


def _prompts(folder: Path, techniques: Iterable[str]) -> Iterator[ArteError]:
    for name in techniques:
        path = folder / f"{name}.md"
        if not path.is_file():
            yield ArteError(
                expected=f"instructions for the technique {name}",
                found="no such file",
                where=str(path),
                remedy=f"write it: how to answer, and the answer in tags; {MORE}",
            )
            continue
        text = path.read_text(encoding="utf-8")
        if not all(tag in text for tag in TAGS):
            yield ArteError(
                expected="a prompt that asks for the answer in tags, <ans> and </ans>",
                found=f"{len(text.split())} words without both tags",
                where=str(path),
                remedy='end it with "Finish with the final answer alone between the tags <ans> '
                'and </ans>."',
            )


def _sizes(folder: Path, found: Splits, wanted: int) -> Iterator[ArteError]:
    """Too few rows for the validation items, the exemplars drawn besides and one test item."""
    needed = wanted + (0 if found.exemplars else N_EXEMPLARS)
    split, least = ("validation", needed) if found.validation else ("items", needed + 1)
    count = len(getattr(found, split))
    if count < least:
        drawn = "" if found.exemplars else f", {N_EXEMPLARS} exemplars that are drawn"
        yield ArteError(
            expected=f"at least {least} {split} of {folder.name}: {wanted} validation items{drawn}"
            + (", and a test item" if split == "items" else ""),
            found=str(count),
            where=f"{folder}, config key data.validation_items",
            remedy="lower data.validation_items, or add items",
        )
