"""How long prompts and answers will be, in characters, per subtask.

Templates and instructions are the prompt files' own; questions and answers of the miniatures are
drawn from their generators, those of public data are means stated in config/throughput.yaml.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import fmean

from arte.core.errors import ArteError
from arte.core.prompts import Prompts, tagged_question
from arte.mini.problem import TECHNIQUES
from arte.tasks.items import Splits
from arte.tasks.items import rationale as rationale_of

SAMPLE = 60
"""Miniature problems or rows whose lengths are averaged."""


@dataclass(frozen=True)
class Lengths:
    """Mean characters of one subtask's texts, and of the prompts that hold them.

    `answer` is a student's without an example or after a draft, `few_shot_answer` after published
    exemplars, `exemplar` such an exemplar's answer. Prompts are without the question asked.
    """

    subtask: str
    prompts: Prompts
    question: float
    rationale: float
    answer: float
    few_shot_answer: float
    exemplar: float

    @property
    def tagged_question(self) -> float:
        """A question with its answer as the teacher writes both (Table 11)."""
        return len(tagged_question(1, "", "answer")) + self.question

    def question_prompt(self, seeds: int, per_call: int) -> float:
        """Table 11 with its seed questions."""
        asked = self.prompts.question(self.subtask, [("", "answer")] * seeds, per_call)
        return len(asked) + seeds * self.question

    def technique(self, name: str) -> float:
        """The prompt for a rationale (Tables 8 and 12)."""
        return len(self.prompts.rationale(self.subtask, name, ""))

    def student(self, examples: int, answer: float | None = None) -> float:
        """Table 13 with examples, whose answers are a teacher's or `answer` long."""
        empty = len(self.prompts.student(self.subtask, [], ""))
        one = len(self.prompts.student(self.subtask, [("", "")], "")) - empty
        return empty + examples * (one + self.question + (answer or self.rationale))

    def exemplars(self, shots: int) -> float:
        """Table 13 with published exemplars."""
        return self.student(shots, self.exemplar)

    def answer_after(self, shots: int) -> float:
        """A student's answer after published exemplars."""
        return self.few_shot_answer if shots else self.answer

    @property
    def example(self) -> float:
        """An example of a training set: Table 13 with the question, and its rationale."""
        return self.student(0) + self.question + self.rationale


def published(subtask: str, prompts: Prompts, assumed: dict) -> Lengths:
    """Lengths of public data. Raises ArteError for a subtask that `assumed` lacks.

    `assumed` is block `lengths` of config/throughput.yaml.
    """
    block = "ood" if prompts.task(subtask).is_benchmark else "bbh"
    if subtask not in assumed[block]:
        raise ArteError(
            expected="the lengths of every subtask",
            found=f"none of {subtask}",
            where=f"config/throughput.yaml, block lengths.{block}",
            remedy="add its examples, mean characters of a question and of an exemplar's answer",
        )
    _, question, exemplar = assumed[block][subtask]
    answer = assumed["answer_chars"]
    return Lengths(subtask, prompts, question, assumed["rationale_chars"], answer, answer, exemplar)


def measured(subtask: str, prompts: Prompts, found: Splits, assumed: dict) -> Lengths:
    """Lengths of a task of the user's own: questions and exemplars by its files, answers assumed.

    `assumed` is block `lengths` of config/throughput.yaml.
    """
    items = [item for _, item in found.items]
    shown = [item for _, item in found.exemplars or found.validation or found.items]
    question = mean_length(item.question for item in items)
    exemplar = mean_length(map(rationale_of, shown))
    answer = assumed["answer_chars"]
    return Lengths(subtask, prompts, question, assumed["rationale_chars"], answer, answer, exemplar)


def miniature(subtask: str, prompts: Prompts, *, seed: int, difficulty: int) -> Lengths:
    """Lengths of a miniature subtask or benchmark, measured on problems drawn for it."""
    # Too heavy for plans that need no miniatures.
    from arte.data import ood
    from arte.mini import bbh as mini
    from arte.mini import ood as mini_ood

    if prompts.task(subtask).is_benchmark:
        problems = mini_ood.draw(subtask, SAMPLE, seed=seed, difficulty=difficulty)
        items = [ood.READERS[subtask](mini_ood.ROWS[subtask](problem)) for problem in problems]
        exemplar = mean_length(rationale_of(item) for item in items)
    else:
        problems = mini.draw(subtask, SAMPLE, seed, difficulty)
        exemplar = mean_length(p.rationale(mini.EXEMPLAR_TECHNIQUE) for p in problems)
    rationale = mean_length(p.rationale(t) for p in problems for t in TECHNIQUES)
    question = mean_length(p.question for p in problems)
    # A nano student answers as its example does.
    return Lengths(subtask, prompts, question, rationale, rationale, exemplar, exemplar)


def miniature_instructions(name: str, seed: int) -> tuple[float, float]:
    """Characters of a request (with its system text) and of a response of a miniature set."""
    from arte.mini.instructions import draw
    from arte.tailor.instructions import READERS

    turns = [READERS[name](row) for row in draw(name, SAMPLE, seed)]
    request = mean_length(turn.system + turn.request for turn in turns)
    return request, mean_length(turn.response for turn in turns)


def own_instructions(path: Path) -> tuple[float, float]:
    """The same of the first rows of a user's own file. Raises ArteError where none is usable."""
    from arte.data.hub_files import read_file, read_row
    from arte.tailor.instructions import Turn, read_any

    turns = [read_row(read_any, row) for _, row in islice(read_file(path), SAMPLE)]
    turns = [turn for turn in turns if isinstance(turn, Turn)]
    if not turns:
        raise ArteError(
            expected="rows in the columns of a published instruction set",
            found=f"none in the first {SAMPLE}",
            where=str(path),
            remedy="correct the file: arte/tailor/instructions.py has the columns",
        )
    request = mean_length(turn.system + turn.request for turn in turns)
    return request, mean_length(turn.response for turn in turns)


def mean_length(strings: Iterable[str]) -> float:
    """Mean number of characters."""
    return fmean(len(text) for text in strings)
