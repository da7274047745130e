"""Ask a student the test items, zero-shot and few-shot, and keep every raw answer (paper §4.2)."""

import argparse

from arte.core import io, job
from arte.core.errors import cli
from arte.core.forms import Form
from arte.core.parse import extract, is_correct
from arte.core.prompts import Prompts
from arte.data.tables import EXEMPLARS, ITEMS
from arte.engine.contract import Completion, Sampling
from arte.engine.generate import Generator
from arte.evaluate.tables import PREDICTIONS

FROM_ITEM = ("subtask", "task", "category", "item_id", "answer")
"""The columns that PREDICTIONS takes over from ITEMS."""


def prediction(item: dict, completion: Completion, answer_type: Form) -> dict:
    """The measured columns of PREDICTIONS: strict extraction is primary.

    The prompt asks for the tag (Table 13), so that a missing one is a fault of the answer.
    """
    found = extract(completion.text, answer_type)
    return {
        "output": completion.text,
        "finish_reason": completion.finish_reason,
        "tagged": found.tagged,
        "answer_pred": found.strict,
        "correct": is_correct(found.strict, item["answer"], answer_type),
        "answer_lenient": found.lenient,
        "correct_lenient": is_correct(found.lenient, item["answer"], answer_type),
    }


def answers(
    items: list[dict],
    examples: list[tuple[str, str]],
    *,
    cfg: dict,
    prompts: Prompts,
    ask: Generator,
) -> list[dict]:
    """PREDICTIONS rows of one subtask: every number of shots, then every item.

    k shots are the first k `examples`. The order lets the prompts of one setting share their head.
    """
    asked = [(shots, item) for shots in cfg["shots"] for item in items]
    subtask = items[0]["subtask"]
    answer_type = prompts.task(subtask).answer_type
    completions = ask.complete(
        subtask,
        [prompts.student(subtask, examples[:shots], item["question"]) for shots, item in asked],
        Sampling(max_tokens=cfg["max_tokens"]),
    )
    return [
        {key: item[key] for key in FROM_ITEM}
        | {"arm": cfg["arm"], "student": cfg["student"], "seed": cfg["seed"], "shots": shots}
        | prediction(item, completion, answer_type)
        for (shots, item), completion in zip(asked, completions, strict=True)
    ]


def run(args: argparse.Namespace) -> None:
    """Write a PREDICTIONS table per subtask of the job, and the generation counts."""
    cfg, prompts = args.cfg, Prompts(args.prompts)
    ask = Generator(args.model, cfg["engine"], args.journal, "evaluate")
    items = io.read_tables(args.items, ITEMS)
    exemplars = io.read_tables(args.exemplars, EXEMPLARS)
    for subtask, output in zip(cfg["subtasks"], args.output, strict=True):
        shown = job.first_exemplars(exemplars, subtask, max(cfg["shots"]))
        rows = answers(
            job.of_subtask(items, subtask, "test items").to_dicts(),
            [(exemplar["question"], exemplar["rationale"]) for exemplar in shown],
            cfg=cfg,
            prompts=prompts,
            ask=ask,
        )
        right = sum(row["correct"] for row in rows)
        job.log(f"{cfg['arm']} {cfg['seed']} on {subtask}: {right} of {len(rows)} right")
        io.write_table(PREDICTIONS.frame(rows), output, PREDICTIONS, job.cfg_of(cfg, subtask))
    io.write_json(ask.stats, args.output_stats)


@cli
def main() -> None:
    """Command line; --cfg has subtasks, arm, student, seed, shots, max_tokens and engine."""
    run(job.parse(__doc__, *job.ASKS, "--items+", "--exemplars+", "--output+"))


if __name__ == "__main__":
    main()
