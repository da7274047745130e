"""Write one out-of-domain benchmark in miniature, in the columns of the published files.

python -m arte.mini.ood --cfg JSON --output-raw DIR
"""

import re
from pathlib import Path

from arte.core import job
from arte.core.errors import ArteError, cli
from arte.data import hub_files
from arte.mini.ood_tasks import OOD_GENERATORS
from arte.mini.problem import Problem, distinct
from arte.mini.world import TOOLS

N_EXEMPLARS = 3
"""Rows of the training split that become the exemplars of few-shot prompts."""


def draw(subtask: str, count: int, *, seed: int, difficulty: int) -> list[Problem]:
    """`count` problems with distinct questions, the same for the same seed and difficulty.

    Raises ArteError where the benchmark has no generator or too few distinct questions.
    """
    if subtask not in OOD_GENERATORS:
        raise ArteError(
            expected=f"a benchmark in miniature: {', '.join(OOD_GENERATORS)}",
            found=repr(subtask),
            where="the benchmark's name",
            remedy="choose among these",
        )
    return distinct(
        lambda rng: OOD_GENERATORS[subtask](rng, difficulty),
        lambda problem: problem.question,
        name=subtask,
        seed=seed,
        count=count,
        shortage=(
            "distinct questions",
            "the numbers of training and test rows",
            "lower them: the miniature has no more questions",
        ),
    )


def _split(problem: Problem) -> tuple[str, list[str], int]:
    """A problem's question, the texts of its options, and the position of the right one."""
    stem, _, options = problem.question.partition("\nOptions:\n")
    return stem, [line[4:] for line in options.splitlines()], "ABCDE".index(problem.answer[1])


def piqa_row(problem: Problem) -> dict:
    """A row of PIQA."""
    goal, (first, second), label = _split(problem)
    return {"goal": goal, "sol1": first, "sol2": second, "label": label}


def arc_row(problem: Problem) -> dict:
    """A row of ARC without its id; one in ten has labels 1 to 4, as some of the published have."""
    stem, texts, gold = _split(problem)
    labels = list("1234" if len(problem.question) % 10 == 0 else "ABCD")
    choices = {"text": texts, "label": labels}
    return {"question": stem, "choices": choices, "answerKey": labels[gold]}


def commonsense_qa_row(problem: Problem) -> dict:
    """A row of CommonsenseQA without its id; the concept is the tool asked about, if any."""
    stem, texts, gold = _split(problem)
    concept = next((word for word in re.findall(r"\w+", stem) if word in TOOLS), texts[gold])
    return {
        "question": stem,
        "question_concept": concept,
        "choices": {"label": list("ABCDE"), "text": texts},
        "answerKey": "ABCDE"[gold],
    }


def gsm8k_row(problem: Problem) -> dict:
    """A row of GSM8K: the solution in sums with calculator marks, then the answer."""
    sums = problem.rationales["steps"]
    marked = re.sub(r"(\d+) ([+-]) (\d+) = (\d+)", r"\1 \2 \3 = <<\1\2\3=\4>>\4", sums)
    return {"question": problem.question, "answer": f"{marked}\n#### {problem.answer}"}


ROWS = {
    "arc_challenge": arc_row,
    "arc_easy": arc_row,
    "commonsense_qa": commonsense_qa_row,
    "gsm8k": gsm8k_row,
    "piqa": piqa_row,
}
"""How each benchmark writes a problem."""


@cli
def main() -> None:
    """Write test and training rows of cfg["subtask"], no question twice.

    The training split holds the validation items and the exemplars.
    """
    args = job.parse(__doc__, "--cfg", "--output-raw")
    subtask, n_test = args.cfg["subtask"], args.cfg["test_items"]
    n_rows = n_test + args.cfg["validation_items"] + N_EXEMPLARS
    problems = draw(subtask, n_rows, seed=args.cfg["seed"], difficulty=args.cfg["difficulty"])
    for split, chosen in (("test", problems[:n_test]), ("train", problems[n_test:])):
        rows = [ROWS[subtask](problem) for problem in chosen]
        hub_files.write_rows(rows, Path(args.output_raw, f"{split}-0.parquet"))


if __name__ == "__main__":
    main()
