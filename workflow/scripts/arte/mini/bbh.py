"""Write one miniature subtask's test items, validation items and exemplars.

python -m arte.mini.bbh --cfg JSON --output-items F --output-validation F --output-exemplars F
"""

import polars as pl

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.core.tasks import Subtask, declared
from arte.data.tables import EXEMPLARS, ITEMS
from arte.mini.bbh_tasks import GENERATORS
from arte.mini.problem import Problem, distinct

EXEMPLAR_TECHNIQUE = "detailed"
"""BBH's own exemplars restate every fact at length; so do ours."""


def draw(subtask: str, count: int, seed: int, difficulty: int) -> list[Problem]:
    """`count` problems of one subtask with distinct questions, the same for the same arguments.

    Raises ArteError where the subtask has no generator or too few distinct questions.
    """
    if subtask not in GENERATORS:
        raise ArteError(
            expected=f"a miniature subtask: {', '.join(GENERATORS)}",
            found=repr(subtask),
            where="config key data.subtasks",
            remedy="choose among these, or set data.source to folder or github",
        )
    return distinct(
        lambda rng: GENERATORS[subtask](rng, difficulty),
        lambda problem: problem.question,
        name=subtask,
        seed=seed,
        count=count,
        shortage=(
            "distinct questions",
            "config keys data.test_items and data.validation_items",
            "lower them: the miniature task has no more questions",
        ),
    )


def items(kind: Subtask, problems: list[Problem]) -> pl.DataFrame:
    """Problems as an ITEMS table."""
    return ITEMS.frame(
        [
            {
                "subtask": kind.name,
                "task": kind.task,
                "category": kind.category,
                "item_id": io.digest([kind.name, problem.question, problem.answer]),
                "question": problem.question,
                "answer": problem.answer,
            }
            for problem in problems
        ]
    )


def exemplars(subtask: str, problems: list[Problem]) -> pl.DataFrame:
    """Problems as an EXEMPLARS table, with rationales in EXEMPLAR_TECHNIQUE."""
    return EXEMPLARS.frame(
        [
            {
                "subtask": subtask,
                "exemplar_id": i,
                "question": problem.question,
                "answer": problem.answer,
                "rationale": problem.rationale(EXEMPLAR_TECHNIQUE),
            }
            for i, problem in enumerate(problems)
        ]
    )


@cli
def main() -> None:
    """Write the three tables of cfg["subtask"]."""
    tables = ("--output-items", "--output-validation", "--output-exemplars")
    args = job.parse(__doc__, "--cfg", *tables)
    cfg = args.cfg
    kind, n_test, n_validation = declared(cfg), cfg["test_items"], cfg["validation_items"]
    if n_test < 1:
        raise ArteError(
            expected="a positive number of generated test items",
            found=str(n_test),
            where="config key data.test_items",
            remedy="0 (all items) has no meaning for generated tasks; give a number",
        )
    problems = draw(kind.name, 3 + n_validation + n_test, cfg["seed"], cfg["difficulty"])
    validation = problems[3 : 3 + n_validation]
    io.write_table(exemplars(kind.name, problems[:3]), args.output_exemplars, EXEMPLARS, cfg)
    io.write_table(items(kind, validation), args.output_validation, ITEMS, cfg)
    io.write_table(items(kind, problems[3 + n_validation :]), args.output_items, ITEMS, cfg)


if __name__ == "__main__":
    main()
