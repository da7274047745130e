"""What a task is: one file, `task.yaml`, says its name, category, answer form and description.

Such a file lies beside the prompts of each of the 27 BIG-Bench Hard subtasks and five benchmarks,
and in the folder of a user's own task. Nothing else knows their names.
"""

import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from arte.core.errors import ArteError
from arte.core.forms import Form, form_of

CATEGORIES = ("BBH-Logic", "BBH-CS", "BBH-Math", "BBH-Knowl")
"""The categories of BIG-Bench Hard (Table 7)."""

OUTSIDE = "OOD"
"""The category of the benchmarks that the paper tests on without training on them (Table 3)."""

FILE = "task.yaml"

CANARY = "26b5c67b"
"""The start of the GUID that marks BIG-bench data; it must never enter a training file."""

NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Subtask:
    """The generation unit; `task` and `category` are reporting levels (Table 7)."""

    name: str
    task: str
    category: str
    answer_type: Form
    description: str = ""

    @property
    def is_bbh(self) -> bool:
        """Whether it is one of the public BIG-Bench Hard files."""
        return self.category in CATEGORIES

    @property
    def is_benchmark(self) -> bool:
        """Whether it is one of the benchmarks outside (Table 3)."""
        return self.category == OUTSIDE


@dataclass(frozen=True)
class Source:
    """Where the items of a user's own task come from, by paths from the task's folder.

    None stands for items.jsonl, validation.jsonl and exemplars.jsonl. Without validation items they
    are held out of the items; without exemplars these are drawn from the validation items.
    answer_after: the mark before the answer in a longer text, such as "####".
    """

    items: str | None = None
    validation: str | None = None
    exemplars: str | None = None
    answer_after: str | None = None


def declared(cfg: dict[str, Any]) -> Subtask:
    """The subtask that a job's config declares: its name as "subtask", the rest as "declared"."""
    own = cfg["declared"]
    return Subtask(cfg["subtask"], own["task"], own["category"], form_of(own["answer"]))


def read(path: str | Path) -> Subtask:
    """The subtask that a `task.yaml` declares; raises ArteError where it says it wrongly."""
    return _subtask(_content(path), path)


def read_source(path: str | Path) -> Source:
    """Where a user's own task has its items."""
    content = _content(path)
    return Source(**{name: content[name] for name in _SOURCE_KEYS if name in content})


def read_all(folder: str | Path) -> dict[str, Subtask]:
    """Every subtask that has a folder with a `task.yaml` in `folder`, by name, in their order."""
    paths = sorted(Path(folder).glob(f"*/{FILE}"))
    return {found.name: found for found in map(read, paths)}


_SUBTASK_KEYS = ("name", "task", "category", "answer", "description")
_SOURCE_KEYS = tuple(each.name for each in fields(Source))
KEYS = (*_SUBTASK_KEYS, *_SOURCE_KEYS)


def _content(path: str | Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        remedy = "write it (docs/own-task.md), or correct the path"
        raise _wrong("a task.yaml", error.strerror or str(error), path, remedy) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        found = " ".join(str(error).split())
        raise _wrong("YAML", found, path, "correct it; quote texts with a colon") from None
    if not isinstance(content, dict):
        raise _wrong(f"the keys {', '.join(_SUBTASK_KEYS)}", repr(content), path, "write them")
    unknown = [key for key in content if key not in KEYS]
    if unknown:
        raise _wrong(f"only the keys {', '.join(KEYS)}", repr(unknown[0]), path, "remove it")
    for key, value in content.items():
        if key != "answer" and not (isinstance(value, str) and value.strip()):
            raise _wrong(f"a text as {key}", repr(value), path, "write it, in quotes if need be")
    return content


def _subtask(content: dict[str, Any], path: str | Path) -> Subtask:
    missing = [key for key in ("name", "category", "answer", "description") if key not in content]
    if missing:
        found = f"no {', no '.join(missing)}"
        raise _wrong(f"the keys {', '.join(_SUBTASK_KEYS)}", found, path, "add what is missing")
    name, description = content["name"], content["description"].strip()
    folder = Path(path).resolve().parent.name
    if not NAME.fullmatch(name):
        rule = "a name of lower-case letters, digits and underscores"
        raise _wrong(rule, repr(name), path, "rename the task and its folder")
    if name != folder:
        raise _wrong(f"the name of its folder, {folder}", repr(name), path, "make the two equal")
    if set("{}") & set(description) or CANARY in description:
        rule = "a description without braces or a benchmark's canary"
        raise _wrong(rule, repr(description), path, "reword it")
    try:
        form = form_of(content["answer"])
    except ValueError as error:
        raise _wrong(*error.args, path, "correct the key answer (docs/own-task.md)") from None
    task = content.get("task", name)
    return Subtask(name, task, content["category"], form, description)


def _wrong(expected: str, found: str, path: str | Path, remedy: str) -> ArteError:
    return ArteError(expected=expected, found=found, where=str(path), remedy=remedy)
