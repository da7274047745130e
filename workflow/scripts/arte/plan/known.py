"""What a plan has learned from the jobs that come before: tables, texts and models.

A job that makes a table says how many rows it will have, one that makes a model says its shape. The
jobs that read them take both from here, by the path, and need to know nothing about other rules.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from arte.core.prompts import Prompts
from arte.plan.jobs import Job
from arte.plan.lengths import Lengths
from arte.plan.shapes import Model
from arte.plan.work import Work


class Rows(NamedTuple):
    """Some rows of a table: `chars` characters each in a training set, `each` of one question.

    `kind` is that of preference pairs.
    """

    count: int
    chars: float = 0.0
    each: int = 1
    kind: str = ""


class UnknownFileError(Exception):
    """A job reads a table, texts or a model that no planned job makes."""


@dataclass
class Known:
    """Tables and models by path, lengths of texts by subtask or instruction set.

    `assumed` is config/throughput.yaml. Of an instruction set, lengths are (request, response).
    """

    prompts: Prompts
    assumed: dict
    tables: dict[str, list[Rows]] = field(default_factory=dict)
    models: dict[str, Model] = field(default_factory=dict)
    texts: dict[str, Lengths] = field(default_factory=dict)
    instructions: dict[str, tuple[float, float]] = field(default_factory=dict)

    def make(self, paths: Iterable[str], count: int) -> None:
        """Note that each of these tables will have `count` rows."""
        for path in paths:
            self.tables[path] = [Rows(count)]

    def kinds(self, path: str) -> list[Rows]:
        """The kinds of rows of a table. Raises UnknownFileError."""
        if path not in self.tables:
            raise UnknownFileError(f"rows of {path}")
        return self.tables[path]

    def rows(self, path: str) -> int:
        """The number of rows of a table. Raises UnknownFileError."""
        return sum(kind.count for kind in self.kinds(path))

    def subtasks(self, job: Job, option: str) -> list[tuple[Lengths, int]]:
        """Lengths of each subtask of a job, and rows of its table among those of an option."""
        names, paths = job.cfg["subtasks"], job.files(option)
        return [
            (self.lengths(name), self.rows(path)) for name, path in zip(names, paths, strict=True)
        ]

    def lengths(self, subtask: str) -> Lengths:
        """Lengths of a subtask's texts. Raises UnknownFileError."""
        if subtask not in self.texts:
            raise UnknownFileError(f"texts of {subtask}")
        return self.texts[subtask]

    def model(self, folder: str) -> Model:
        """The model in a folder. Raises UnknownFileError."""
        path = str(Path(folder))
        if path not in self.models:
            raise UnknownFileError(f"model {path}")
        return self.models[path]

    def generation(self, job: Job) -> Work:
        """The empty work of a job that asks a model by an engine."""
        model, engine = self.model(job.file("model")), job.cfg["engine"]
        marks, system = self.template(engine.get("chat"), model)
        return Work(model, job.gpus, engine=engine, marks=marks, system=system)

    def template(self, chat: dict | None, model: Model) -> tuple[float, float]:
        """Characters that turns add to a prompt: marks, as characters of so many tokens; system.

        `chat` is that key of a job, None for bare text. Whether a tokenizer has a template is not
        known before the run, so `auto` counts as `on`.
        """
        if chat is None:
            return 0.0, 0.0
        marks = self.assumed["lengths"]["chat_tokens"] * model.chars_per_token
        return marks, float(len(chat.get("system", "")))
