"""Prompt templates (Tables 8, 11, 12 and 13 of the paper, in our words) and how they are filled."""

import os
import re
from functools import cache
from pathlib import Path
from typing import Self

from arte.core import tasks
from arte.core.errors import ArteError
from arte.core.tasks import Subtask

NAIVE = "naive"
"""The technique of Table 8: no technique is asked for (App. F, G)."""

LEAD = "Answer: Let's think step by step."
"""How an answer begins in Tables 8 and 13; a rationale follows after one space."""

LABEL = "Answer:"
"""How the line begins on which an answer is to be written. A chat needs none: it has turns."""

_SLOT = re.compile(r"\{(\w+)\}")


def fill(template: str, **values: str) -> str:
    """Replace each {slot} once, in one pass, so that braces in model text stay as they are."""
    return _SLOT.sub(lambda slot: values[slot.group(1)], template)


class Prompt(str):
    """A prompt as a base model reads it, which knows its parts: a chat has turns for them.

    `lead` is its last line where the answer begins there: "Answer: Let's think step by step.",
    "Answer:", or nothing where the answer begins a line of its own; None where it has no such line.
    `written` is how the answer goes on, where a model is asked to complete it.
    """

    __slots__ = ("lead", "system", "user", "written")

    def __new__(
        cls, user: str, *, lead: str | None = None, system: str = "", written: str = ""
    ) -> Self:
        """A prompt of these parts, one below the other."""
        above = f"{system}\n" if system else ""
        below = "" if lead is None else f"\n{lead}"
        prompt = super().__new__(cls, f"{above}{user}{below}{written}")
        prompt.user, prompt.lead, prompt.system, prompt.written = user, lead, system, written
        return prompt

    @classmethod
    def of(cls, text: str) -> Self:
        """The prompt with this text; one that is not known by parts has its lead taken off."""
        if isinstance(text, cls):
            return text
        user, newline, last = text.rpartition("\n")
        if newline and (not last or last.startswith(LABEL)):
            return cls(user, lead=last)
        return cls(text)

    @property
    def opening(self) -> str:
        """The words with which the answer begins, without their label."""
        return (self.lead or "").removeprefix(LABEL).strip()

    def followed_by(self, text: str) -> Self:
        """The same prompt after a model wrote `text`."""
        parts = {"lead": self.lead, "system": self.system}
        return type(self)(self.user, **parts, written=self.written + text)


class Prompts:
    """Prompt files: shared templates in one folder, and a folder of files for each subtask.

    `folders` is the shared one, in which those of subtasks lie, or a list of it and of subtasks'
    folders that lie elsewhere. A subtask's folder has its name.
    """

    def __init__(self, folders: str | os.PathLike | list[str]) -> None:
        given = folders if isinstance(folders, list) else [folders]
        self.folder, *others = map(Path, given)
        self._elsewhere = {folder.name: folder for folder in others}
        self.task = cache(self._task)

    def _task(self, subtask: str) -> Subtask:
        """What the `task.yaml` of a subtask says. Raises ArteError where there is none."""
        return tasks.read(self.folder_of(subtask) / tasks.FILE)

    def folder_of(self, subtask: str) -> Path:
        """The folder of a subtask's files."""
        return self._elsewhere.get(subtask, self.folder / subtask)

    def question(self, subtask: str, seeds: list[tuple[str, str]], n_questions: int = 5) -> str:
        """The question-generation prompt with numbered (question, answer) seeds (Table 11)."""
        return fill(
            self._read("question.md"),
            task=subtask.replace("_", " "),
            description=self.task(subtask).description,
            n_seeds=str(len(seeds)),
            n_questions=str(n_questions),
            seeds="\n".join(tagged_question(i, *seed) for i, seed in enumerate(seeds, start=1)),
        )

    def rationale(self, subtask: str, technique: str, question: str) -> Prompt:
        """The prompt for a rationale in one technique (Table 12), or the naive one (Table 8).

        What stands above the question in rationale.md is a system prompt (App. A).
        """
        if technique == NAIVE:
            text = fill(
                self._read("naive.md"),
                description=self.task(subtask).description,
                question=question,
            )
            return Prompt.of(text)
        instruction = _text(self.folder_of(subtask) / f"{technique}.md")
        above, asks, below = self._read("rationale.md").partition("\nQuestion:")
        system = fill(above, instruction=instruction, question=question)
        if not asks:
            return Prompt.of(system)
        asked = Prompt.of(fill(asks[1:] + below, instruction=instruction, question=question))
        return Prompt(asked.user, lead=asked.lead, system=system)

    def student(self, subtask: str, examples: list[tuple[str, str]], question: str) -> str:
        """The student's prompt with in-context (question, rationale) examples (Table 13).

        No example gives the zero-shot prompt, which is also the prompt of fine-tuning.
        """
        blocks = [f"Question: {q}\n{LEAD} {rationale}\n" for q, rationale in examples]
        return fill(
            self._read("student.md"),
            description=self.task(subtask).description,
            examples="".join(blocks),
            question=question,
        )

    def instruction(self, system: str, question: str) -> str:
        """The prompt of an instruction-tuning set's row; its response follows after one space."""
        above = f"{system}\n" if system else ""
        return fill(self._read("instruction.md"), system=above, question=question)

    def _read(self, name: str) -> str:
        return _text(self.folder / name)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise ArteError(
            expected="a prompt file",
            found="no such file",
            where=str(path),
            remedy="write it (see resources/prompts/README.md), or fix config data.subtasks",
        ) from None


def tagged_question(number: int, question: str, answer: str) -> str:
    """One question in the output format of Table 11."""
    return (
        f"<Question_{number}><input>{question}</input><target>{answer}</target></Question_{number}>"
    )
