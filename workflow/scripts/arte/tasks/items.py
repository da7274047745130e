"""Items of a user's own task: question, answer and, where there is one, a worked solution."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from arte.core import rows
from arte.core.answers import normalize
from arte.core.forms import Form
from arte.core.options import option_letters
from arte.core.parse import answer_tags, extract, is_correct, same_text
from arte.core.tasks import CANARY, Source, Subtask

N_EXEMPLARS = 3
"""As many as BIG-Bench Hard has for each subtask. They are the seed questions, too (Table 11)."""
EXPECTED = 'rows like {"question": "…", "answer": "…"}, with "rationale" for a worked solution'
_NAMES = {"question": ("question", "input"), "answer": ("answer", "target")}
"""Names of a row's fields: ours, and those of BIG-Bench Hard."""


class Item(NamedTuple):
    """A question with its options, the gold answer, and a worked solution (may be empty)."""

    question: str
    answer: str
    solution: str = ""


class Splits(NamedTuple):
    """The rows of a task's files, each an Item with its place; None where there is no such file."""

    items: list[rows.Placed]
    validation: list[rows.Placed] | None
    exemplars: list[rows.Placed] | None


def splits(
    kind: Subtask, source: Source, file: Callable[[str], str | os.PathLike | None]
) -> Splits:
    """The rows of the files that `file` gives for items, validation and exemplars, if any.

    Raises ArteError where rows cannot be used, or two files have a question in common.
    """
    found: dict[str, list[rows.Placed] | None] = {}
    owners: dict[str, tuple[str, str]] = {}
    for split in Splits._fields:
        path = file(split)
        own = None if path is None else read(path, kind, source, shown=split == "exemplars")
        shared = []
        for where, item in own or []:
            name, line = owners.setdefault(same_text(item.question), (str(path), where))
            if name != str(path):
                shared.append(f"{where}: the question of {Path(name).name}, {line}")
        rows.refuse(shared, len(own or []), f"no question of {kind.name} in two files", str(path))
        found[split] = own
    return Splits(**found)


def read(
    path: str | os.PathLike, kind: Subtask, source: Source, *, shown: bool = False
) -> list[rows.Placed]:
    """The items of a file; as exemplars (`shown`), each answered by its own solution.

    Raises ArteError naming the rows that cannot be used, and those whose question came before.
    """
    found = rows.read(path, lambda row: read_item(row, kind.answer_type, source), EXPECTED)
    faults, seen = [], {}
    for where, item in found:
        first = seen.setdefault(same_text(item.question), where)
        if first != where:
            faults.append(f"{where}: the question of {first} again")
        elif shown and not is_right(rationale(item), item.answer, kind.answer_type):
            faults.append(f"{where}: a rationale whose tagged answer is not {item.answer!r}")
    if shown and len(found) < N_EXEMPLARS:
        faults.append(f"{len(found)} rows are fewer than {N_EXEMPLARS} exemplars")
    rows.refuse(faults, len(found), f"{EXPECTED}; no question twice", path)
    return found


def read_item(row: dict[str, Any], form: Form, source: Source) -> Item | str:
    """The item in a row, or what is wrong with it."""
    values = {}
    for field, names in _NAMES.items():
        given = [row[name] for name in names if name in row]
        if len(given) != 1:
            return f"no {' or '.join(map(repr, names))}" if not given else f"{field} twice"
        values[field] = _written(given[0])
        if values[field] is None:
            return f"no text as {field}"
    question, answer = values["question"], values["answer"]
    solution = row.get("rationale", "")
    if not isinstance(solution, str):
        return "no text as rationale"
    if source.answer_after is not None:
        solution, mark, answer = answer.rpartition(source.answer_after)
        answer = answer.strip()
        if not mark:
            return f"no {source.answer_after!r} in the answer"
    canonical = normalize(answer, form)
    if canonical is None:
        return f"answer {answer[:60]!r} is not of the form {form.kind}"
    if form.kind == "option" and canonical[1] not in option_letters(question):
        return f"option {canonical} is not among those of the question (after a line Options:)"
    if any(CANARY in text for text in (question, solution)):
        return "benchmark canary"
    return Item(question, answer, solution.strip())


def _written(value: Any) -> str | None:
    """A text, number, truth value, or list of such, as text; None for anything else or nothing."""
    if isinstance(value, list):
        parts = [_written(part) for part in value]
        return None if None in parts or not parts else ", ".join(parts)
    if isinstance(value, str | bool | int | float):
        return str(value).strip() or None
    return None


def rationale(item: Item) -> str:
    """An exemplar's rationale: the item's own solution if any, then the tagged answer."""
    if any(not tag.echo for tag in answer_tags(item.solution)):
        return item.solution
    answer = f"So the answer is <ans>{item.answer}</ans>"
    if not item.solution:
        return answer
    period = "" if item.solution[-1] in ".!?" else "."
    return f"{item.solution}{period} {answer}"


def is_right(text: str, gold: str, form: Form) -> bool:
    """Whether the tagged answer of a text is `gold`."""
    return is_correct(extract(text, form).strict, gold, form)
