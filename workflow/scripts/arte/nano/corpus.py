"""Documents from which the nano models learn: in-context examples, and the teacher's prompts."""

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from arte.core.prompts import LEAD, NAIVE, Prompts, tagged_question
from arte.mini.bbh_tasks import GENERATORS, TECHNIQUES, Problem
from arte.mini.ood_tasks import OOD_GENERATORS
from arte.mini.problem import lettered, option

Sampler = Callable[[np.random.Generator], Problem]

Document = list[tuple[str, bool]]
"""Segments of text in order, each with whether a model learns to write it. Drawn questions are not
learned by the student: they are random, so their gradient would only be noise. Segments begin with
a space or end in a newline, where a byte-level tokenizer splits anyway."""

TAGGED_SHARE = 0.3
"""Share of the student's documents whose answers carry <ans> tags. A minority, so that the student
copies the tags from an example but does not write them on its own: the paper's vanilla student is
right in 1.09 % zero-shot against 35.57 % three-shot (Table 2) for that reason."""

TECHNIQUE_SHARES = {"steps": 0.4, "detailed": 0.15, "direct": 0.25, "options": 0.2}
"""How often the student meets each technique: long-winded text is the rarest."""

AT_LENGTH = {"steps": 0.05, "detailed": 0.65, "direct": 0.15, "options": 0.15}
STEP_BY_STEP = {"steps": 0.65, "detailed": 0.05, "direct": 0.15, "options": 0.15}
AT_ONCE = {"steps": 0.2, "detailed": 0.2, "direct": 0.45, "options": 0.15}

HABITS = {
    "boolean_expressions": STEP_BY_STEP,
    "hyperbaton": AT_LENGTH,
    "movie_recommendation": AT_LENGTH,
    "reasoning_about_colored_objects": STEP_BY_STEP,
    "sports_understanding": STEP_BY_STEP,
    "web_of_lies": AT_ONCE,
}
"""The same for subtasks in which the student meets one technique far more often than the others.
What it has seldom met it follows badly, so it prefers different techniques in different subtasks,
and a teacher that is to teach it has a preference to learn."""

COPY_SHARE, COPY_FIRST = 0.1, 2000
"""Share of a student's documents that only exercise copying, and tokens of its training for each of
those that come before all else. Every rationale copies from its question, and a model that copies
badly can learn nothing else from it."""

QUESTION_SHARE, NAIVE_SHARE = 0.08, 0.4
"""Shares of the teacher's documents that write questions, and that answer the naive prompt. Those
of questions are few, for they are long, and what a drawn question says can't be learned."""

NAIVE_SHARES = {"steps": 0.25, "detailed": 0.55, "direct": 0.1, "options": 0.1}
"""How the unaligned teacher answers the naive prompt: most often at length, as such models do."""


BRIEF_WORDS = (3, 8)
"""Length of the questions that a teacher of published items learns to write. They end at any word,
so that a model which has learned little more than which word follows which ends them too."""

HARD = ("movie_recommendation", "reasoning_about_colored_objects", "web_of_lies")
"""Subtasks that are drawn twice as often as others, for they take longest to learn."""


def samplers(
    corpus: str, subtasks: list[str], held_out: set[str], known: pl.DataFrame, *, difficulty: int
) -> dict[str, Sampler]:
    """One problem sampler per subtask.

    corpus "generators" draws from the miniature tasks at a difficulty and never yields a question
    in `held_out`; corpus "items" draws from rows of `known` (columns subtask, question, answer).
    """
    if corpus == "generators":
        return {subtask: _fresh(subtask, held_out, difficulty) for subtask in subtasks}
    return {subtask: _from_items(known.filter(subtask=subtask)) for subtask in subtasks}


def _fresh(subtask: str, held_out: set[str], difficulty: int) -> Sampler:
    generate = (GENERATORS | OOD_GENERATORS)[subtask]

    def sample(rng: np.random.Generator) -> Problem:
        while (problem := generate(rng, difficulty)).question in held_out:
            pass
        return problem

    return sample


def _from_items(items: pl.DataFrame) -> Sampler:
    rows = items.select("question", "answer").rows()

    def sample(rng: np.random.Generator) -> Problem:
        question, answer = rows[rng.integers(len(rows))]
        rationales = {
            "steps": "We read the question , then we work it out .",
            "detailed": "We read the question with care . We read it again . "
            "We think of what is asked . We think of what is known . Then we work it out .",
            "direct": f"It is {answer} .",
            "options": f"We weigh what could be right . We keep {answer} .",
        }
        return Problem(question, answer, rationales)

    return sample


def brief(lettering: bool, problem: Problem, rng: np.random.Generator) -> tuple[str, str]:
    """A (question, answer) of a few words of a published problem, with two options if `lettering`.

    A teacher that learned the published questions themselves would know few and repeat them, and a
    draft that repeats an item is dropped.
    """
    words = problem.question.partition("\nOptions:")[0].split()
    count = int(rng.integers(*BRIEF_WORDS, endpoint=True))
    start = int(rng.integers(max(1, len(words) - count + 1)))
    text = " ".join(words[start : start + count])
    if not lettering:
        return text, problem.answer
    values = [str(word) for word in rng.choice(words, 2)]
    return lettered(text, values), option(int(rng.integers(2)))


def student_documents(
    problems: dict[str, Sampler], prompts: Prompts, rng: np.random.Generator
) -> Iterator[Document]:
    """Endless in-context documents in the format of Table 13: one subtask, one technique each."""
    names = sorted(problems)
    while True:
        subtask = _name(names, rng)
        technique = _pick(HABITS.get(subtask, TECHNIQUE_SHARES), rng)
        tagged = rng.random() < TAGGED_SHARE
        document: Document = []
        head = prompts.student(subtask, [], "\0").partition("Question: ")[0]
        for _ in range(int(rng.integers(2, 6))):
            problem = problems[subtask](rng)
            text = problem.rationale(technique)
            if not tagged:
                text = text.replace("<ans>", "").replace("</ans>", ".")
            document.append((f"{head}Question: {problem.question}\n{LEAD}", False))
            document.append((f" {text}\n", True))
            head = ""
        yield document


def practiced(
    documents: Iterator[Document],
    problems: dict[str, Sampler],
    rng: np.random.Generator,
    tokens: int,
) -> Iterator[Document]:
    """`documents` after and among exercises in copying, for a training of `tokens` tokens."""
    names = sorted(problems)
    for number in itertools.count():
        if number < tokens // COPY_FIRST or rng.random() < COPY_SHARE:
            yield _copies(problems[_name(names, rng)](rng), rng)
        else:
            yield next(documents)


def _copies(problem: Problem, rng: np.random.Generator) -> Document:
    """Words of a problem in random order, some of them repeated; then the same line twice more.

    With few different words, the word before does not tell the next one.
    """
    technique = TECHNIQUES[rng.integers(len(TECHNIQUES))]
    words = f"{problem.question} {problem.rationale(technique)}".split()
    few = rng.choice(words, size=int(rng.integers(3, 13)))
    line = " ".join(rng.choice(few, size=int(rng.integers(6, 21))))
    return [(f"{line}\n", False), (f"{line}\n", True), (f"{line}\n", True)]


def teacher_documents(
    problems: dict[str, Sampler], prompts: Prompts, rng: np.random.Generator, corpus: str
) -> Iterator[Document]:
    """Endless documents of what a teacher is asked: questions, rationales by technique, naive.

    The questions that a teacher of corpus "items" writes are `brief`.
    """
    names = sorted(problems)
    while True:
        subtask = _name(names, rng)
        sample = problems[subtask]
        kind = rng.random()
        if kind < QUESTION_SHARE:
            yield _question_document(subtask, sample, prompts, rng, corpus)
            continue
        problem = sample(rng)
        if kind < 1 - NAIVE_SHARE:
            technique = asked = TECHNIQUES[rng.integers(len(TECHNIQUES))]
        else:
            technique, asked = _pick(NAIVE_SHARES, rng), NAIVE
        prompt = prompts.rationale(subtask, asked, problem.question)
        yield [(prompt, False), (f" {problem.rationale(technique)}", True)]


def _question_document(
    subtask: str, sample: Sampler, prompts: Prompts, rng: np.random.Generator, corpus: str
) -> Document:
    drawn = [sample(rng) for _ in range(8)]
    pairs = [(problem.question, problem.answer) for problem in drawn]
    seeds, written = pairs[:3], pairs[3:]
    if corpus == "items":
        lettering = prompts.task(subtask).answer_type.kind == "option"
        written = [brief(lettering, problem, rng) for problem in drawn[3:]]
    new = [tagged_question(i, *pair) for i, pair in enumerate(written, start=1)]
    return [(prompts.question(subtask, seeds) + "\n", False), ("\n".join(new), True)]


def _pick(shares: dict[str, float], rng: np.random.Generator) -> str:
    return TECHNIQUES[rng.choice(len(TECHNIQUES), p=[shares[t] for t in TECHNIQUES])]


def _name(names: list[str], rng: np.random.Generator) -> str:
    weights = np.array([2 if name in HARD else 1 for name in names])
    return names[rng.choice(len(names), p=weights / weights.sum())]
