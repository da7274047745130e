"""Prompt templates (Tables 8, 11, 12 and 13 of the paper, in our words) and how they are filled."""

import os
import re
from pathlib import Path

from arte.core.errors import ArteError

NAIVE = "naive"
"""The technique of Table 8: no technique is asked for (App. F, G)."""

LEAD = "Answer: Let's think step by step."
"""How an answer begins in Tables 8 and 13; a rationale follows after one space."""

_SLOT = re.compile(r"\{(\w+)\}")


def fill(template: str, **values: str) -> str:
    """Replace each {slot} once, in one pass, so that braces in model text stay as they are."""
    return _SLOT.sub(lambda slot: values[slot.group(1)], template)


class Prompts:
    """The prompt files below one folder: shared templates, and five files per subtask."""

    def __init__(self, folder: str | os.PathLike) -> None:
        self.folder = Path(folder)

    def question(self, subtask: str, seeds: list[tuple[str, str]], n_questions: int = 5) -> str:
        """The question-generation prompt with numbered (question, answer) seeds (Table 11)."""
        return fill(
            self._read("question.md"),
            task=subtask.replace("_", " "),
            description=self._read(f"{subtask}/description.md"),
            n_seeds=str(len(seeds)),
            n_questions=str(n_questions),
            seeds="\n".join(tagged_question(i, *seed) for i, seed in enumerate(seeds, start=1)),
        )

    def rationale(self, subtask: str, technique: str, question: str) -> str:
        """The prompt for a rationale in one technique (Table 12), or the naive one (Table 8)."""
        if technique == NAIVE:
            description = self._read(f"{subtask}/description.md")
            return fill(self._read("naive.md"), description=description, question=question)
        instruction = self._read(f"{subtask}/{technique}.md")
        return fill(self._read("rationale.md"), instruction=instruction, question=question)

    def student(self, subtask: str, examples: list[tuple[str, str]], question: str) -> str:
        """The student's prompt with in-context (question, rationale) examples (Table 13).

        No example gives the zero-shot prompt, which is also the prompt of fine-tuning.
        """
        blocks = [f"Question: {q}\n{LEAD} {rationale}\n" for q, rationale in examples]
        return fill(
            self._read("student.md"),
            description=self._read(f"{subtask}/description.md"),
            examples="".join(blocks),
            question=question,
        )

    def instruction(self, system: str, question: str) -> str:
        """The prompt of an instruction-tuning set's row; its response follows after one space."""
        above = f"{system}\n" if system else ""
        return fill(self._read("instruction.md"), system=above, question=question)

    def _read(self, name: str) -> str:
        try:
            return (self.folder / name).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise ArteError(
                expected="a prompt file",
                found="no such file",
                where=str(self.folder / name),
                remedy="write it (see resources/prompts/README.md), or fix config data.subtasks",
            ) from None


def tagged_question(number: int, question: str, answer: str) -> str:
    """One question in the output format of Table 11."""
    return (
        f"<Question_{number}><input>{question}</input><target>{answer}</target></Question_{number}>"
    )
