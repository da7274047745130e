"""Preference scores of the drafts by the scorer that the config names (§3.2, Eq. 3 and 4)."""

import argparse
from importlib import import_module

import polars as pl

from arte.core import io, job
from arte.core.errors import cli
from arte.core.prompts import Prompts
from arte.elicit.tables import RATIONALES
from arte.engine.generate import Generator
from arte.prefer.scorers.contract import Request, Scored
from arte.prefer.tables.outputs import SCORE_OUTPUTS
from arte.prefer.tables.preference_set import PREFERENCE_SET
from arte.prefer.tables.scores import QUESTION_SCORES, SCORES

DECIMALS = 12
"""Of a question's score: equal means of fractions are equal numbers, so that ties are seen."""


def question_scores(scores: pl.DataFrame) -> pl.DataFrame:
    """s_q of every question: the mean s_r of its n scored rationales (Eq. 4)."""
    return (
        scores.sort(SCORES.key)
        .group_by(QUESTION_SCORES.key, maintain_order=True)
        .agg(pl.col("score").mean().round(DECIMALS), pl.len().cast(pl.Int64).alias("n"))
    )


def counts(found: Scored, drafts: pl.DataFrame) -> dict[str, float | None]:
    """How many rationales have a score, how scores vary, and how answers to items ended."""
    column = found.scores["score"]
    mean = None if column.is_empty() else round(column.mean(), 4)
    kept = {
        "rationales": drafts.height,
        "without_score": drafts.height - found.scores.height,
        "mean_score": mean,
        "distinct_scores": column.n_unique(),
    }
    if found.outputs is not None:
        kept["answers"] = found.outputs.height
        kept["no_tag"] = found.outputs["answer_pred"].null_count()
        kept["cut_off"] = found.outputs.filter(pl.col("finish_reason") == "length").height
    return kept


def run(args: argparse.Namespace) -> None:
    """Write SCORES, QUESTION_SCORES and (if any) SCORE_OUTPUTS per subtask, and the stats."""
    cfg, prompts = args.cfg, Prompts(args.prompts)
    score = import_module(args.scorer).score
    ask = Generator(args.model, cfg["engine"], args.journal, "score")
    rationales = io.read_tables(args.rationales, RATIONALES)
    items = io.read_tables(args.preference, PREFERENCE_SET) if args.preference else None
    report = {}
    paths = zip(cfg["subtasks"], args.output_scores, args.output_question_scores, strict=True)
    for number, (subtask, scores_path, questions_path) in enumerate(paths):
        drafts = job.of_subtask(rationales, subtask, "rationales").sort(RATIONALES.key)
        own = None if items is None else job.of_subtask(items, subtask, "preference set")
        found = score(Request(drafts=drafts, items=own, ask=ask, prompts=prompts, cfg=cfg))
        report[subtask] = counts(found, drafts)
        job.log(f"scores {subtask}: {report[subtask]}")
        made_by = job.cfg_of(cfg, subtask)
        if found.outputs is not None:
            io.write_table(found.outputs, args.output_outputs[number], SCORE_OUTPUTS, made_by)
        io.write_table(found.scores, scores_path, SCORES, made_by)
        io.write_table(question_scores(found.scores), questions_path, QUESTION_SCORES, made_by)
    io.write_json({**ask.stats, "counts": report}, args.output_stats)


@cli
def main() -> None:
    """Command line; --scorer is a module, and --cfg has subtasks, engine and what it reads."""
    tables = ("--rationales+", "--preference*")
    outputs = ("--output-outputs*", "--output-scores+", "--output-question-scores+")
    run(job.parse(__doc__, *job.ASKS, "--scorer", *tables, *outputs))


if __name__ == "__main__":
    main()
