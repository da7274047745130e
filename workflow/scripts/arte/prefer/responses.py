"""A panel model's answers to the validation items at several shots: rows of the matrix S (§4.1)."""

import argparse

from arte.core import io, job
from arte.core.errors import cli
from arte.core.forms import Form
from arte.core.parse import extract, is_correct
from arte.core.prompts import Prompts
from arte.data.tables import EXEMPLARS, ITEMS
from arte.engine.contract import Completion, Sampling
from arte.engine.generate import Generator
from arte.prefer.tables.responses import RESPONSES


def run(args: argparse.Namespace) -> None:
    """Write a RESPONSES table per subtask with the items at every number of shots, and the stats.

    The first k exemplars are the examples of the k-shot prompt (Table 13). Correct means that the
    strict (tagged) answer is the gold one, so an answer cut off or untagged is wrong.
    """
    cfg, prompts = args.cfg, Prompts(args.prompts)
    generator = Generator(args.model, cfg["engine"], args.journal, "respond")
    validation = io.read_tables(args.validation, ITEMS)
    exemplars = io.read_tables(args.exemplars, EXEMPLARS)
    counts = {}
    for subtask, output in zip(cfg["subtasks"], args.output, strict=True):
        items = job.of_subtask(validation, subtask, "validation items").to_dicts()
        shown = job.first_exemplars(exemplars, subtask, max(cfg["shots"]))
        examples = [(e["question"], e["rationale"]) for e in shown]
        asked = [(shots, item) for shots in cfg["shots"] for item in items]
        completions = generator.complete(
            subtask,
            [prompts.student(subtask, examples[:shots], item["question"]) for shots, item in asked],
            Sampling(max_tokens=cfg["max_tokens"]),
        )
        rows = [
            response(item, completion, prompts.task(subtask).answer_type)
            | {"model": cfg["model"], "shots": shots}
            for (shots, item), completion in zip(asked, completions, strict=True)
        ]
        counts[subtask] = response_counts(rows)
        job.log(f"responses of {cfg['model']} to {subtask}: {counts[subtask]}")
        io.write_table(RESPONSES.frame(rows), output, RESPONSES, job.cfg_of(cfg, subtask))
    io.write_json({**generator.stats, "counts": counts}, args.output_stats)


def response(item: dict, completion: Completion, answer_type: Form) -> dict:
    """One row of RESPONSES, but for model and shots."""
    predicted = extract(completion.text, answer_type).strict
    return {
        "subtask": item["subtask"],
        "item_id": item["item_id"],
        "output": completion.text,
        "finish_reason": completion.finish_reason,
        "answer_pred": predicted,
        "correct": is_correct(predicted, item["answer"], answer_type),
    }


def response_counts(rows: list[dict]) -> dict[str, int]:
    """How many responses there are, have no readable tagged answer, and are right."""
    return {
        "responses": len(rows),
        "no_tag": sum(row["answer_pred"] is None for row in rows),
        "correct": sum(row["correct"] for row in rows),
    }


@cli
def main() -> None:
    """Command line."""
    run(job.parse(__doc__, *job.ASKS, "--validation+", "--exemplars+", "--output+"))


if __name__ == "__main__":
    main()
