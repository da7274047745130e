"""The student's one-shot answers to all validation items, for Appendix E's check."""

import argparse

import polars as pl

from arte.core import io, job
from arte.core.errors import cli
from arte.core.prompts import Prompts
from arte.data.tables import ITEMS
from arte.elicit.tables import RATIONALES
from arte.engine.generate import Generator
from arte.prefer.scorers.icl import answers
from arte.prefer.tables.outputs import SCORE_OUTPUTS


def first_drafts(rationales: pl.DataFrame, n: int) -> pl.DataFrame:
    """The rationales of the first `n` questions by id, of all questions where there are fewer.

    Identifiers count calls, so a larger number of drafts keeps the choice, and its answers.
    """
    chosen = rationales["question_id"].unique().sort().head(n)
    return rationales.filter(pl.col("question_id").is_in(chosen.to_list()))


def run(args: argparse.Namespace) -> None:
    """Write SCORE_OUTPUTS over all validation items per subtask, and the stats."""
    cfg, prompts = args.cfg, Prompts(args.prompts)
    generator = Generator(args.model, cfg["engine"], args.journal, "consistency")
    all_rationales = io.read_tables(args.rationales, RATIONALES)
    all_items = io.read_tables(args.validation, ITEMS)
    counts = {}
    for subtask, output in zip(cfg["subtasks"], args.output, strict=True):
        drafts = first_drafts(
            job.of_subtask(all_rationales, subtask, "rationales"), cfg["consistency_questions"]
        )
        items = job.of_subtask(all_items, subtask, "validation items")
        outputs = answers(generator, prompts, drafts, items=items, max_tokens=cfg["max_tokens"])
        counts[subtask] = {
            "questions": drafts["question_id"].n_unique(),
            "rationales": drafts.height,
            "items": items.height,
            "no_tag": outputs["answer_pred"].null_count(),
        }
        job.log(f"validation outputs {subtask}: {counts[subtask]}")
        io.write_table(outputs, output, SCORE_OUTPUTS, job.cfg_of(cfg, subtask))
    io.write_json({**generator.stats, "counts": counts}, args.output_stats)


@cli
def main() -> None:
    """Command line."""
    run(job.parse(__doc__, *job.ASKS, "--rationales+", "--validation+", "--output+"))


if __name__ == "__main__":
    main()
