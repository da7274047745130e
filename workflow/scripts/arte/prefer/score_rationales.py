"""Preference scores of the drafts by the scorer that the config names (§3.2, Eq. 3 and 4)."""

import argparse
from collections.abc import Callable
from importlib import import_module

import polars as pl

from arte.core import gates, io, job
from arte.core.errors import cli
from arte.core.prompts import Prompts
from arte.elicit.tables import RATIONALES
from arte.engine.contract import LENGTH
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


def check_first(
    score_subtask: Callable[[str, int], tuple[Scored, pl.DataFrame]],
    subtasks: list[str],
    *,
    where: str,
) -> None:
    """Score the first drafts of every subtask; raise ArteError where the student prefers nothing.

    Judged over all subtasks together: a student may know nothing of one, and be untaught by it.
    """
    limits, gate = gates.limits(), gates.Gate("scores")
    if not limits["calls"]:
        return
    first = [score_subtask(subtask, limits["calls"])[0] for subtask in subtasks]
    scores = pl.concat([found.scores for found in first])["score"]
    rates, least = {"distinct_scores": scores.n_unique()}, ["distinct_scores"]
    shown: list[str] = []
    if outputs := [found.outputs for found in first if found.outputs is not None]:
        answers = pl.concat(outputs)
        rates["answers"] = 1 - answers["answer_pred"].null_count() / answers.height
        rates["right"] = answers["correct"].mean()
        rates["cut_off"] = answers.filter(pl.col("finish_reason") == LENGTH).height / answers.height
        least.append("answers")
        bad = answers.filter(pl.col("answer_pred").is_null())["output"]
        shown = (bad if len(bad) else answers["output"]).to_list()
    limited = {name: limits[name] for name in least}
    gate.judge(", ".join(subtasks), rates, least=limited, most={}, shown=shown)
    gate.stop(
        where=where,
        remedy="set models.<student>.chat for answers to the other way (on, off), raise "
        "prefer.max_tokens where answers are cut off, set elicit.tag_stated_answers where drafts "
        "have no tag, take easier subtasks, or another student",
    )


def run(args: argparse.Namespace) -> None:
    """Write SCORES, QUESTION_SCORES and (if any) SCORE_OUTPUTS per subtask, and the stats."""
    cfg, prompts = args.cfg, Prompts(args.prompts)
    score = import_module(args.scorer).score
    ask = Generator(args.model, cfg["engine"], args.journal, "score")
    rationales = io.read_tables(args.rationales, RATIONALES)
    items = io.read_tables(args.preference, PREFERENCE_SET) if args.preference else None

    def score_subtask(subtask: str, questions: int | None = None) -> tuple[Scored, pl.DataFrame]:
        """The scores of a subtask's drafts, or of its first `questions`', and the drafts."""
        drafts = job.of_subtask(rationales, subtask, "rationales").sort(RATIONALES.key)
        first = drafts["question_id"].unique().sort().head(questions or drafts.height)
        drafts = drafts.filter(pl.col("question_id").is_in(first.to_list()))
        own = None if items is None else job.of_subtask(items, subtask, "preference set")
        request = Request(drafts=drafts, items=own, ask=ask, prompts=prompts, cfg=cfg)
        return score(request), drafts

    check_first(score_subtask, cfg["subtasks"], where=args.model)
    report = {}
    paths = zip(cfg["subtasks"], args.output_scores, args.output_question_scores, strict=True)
    for number, (subtask, scores_path, questions_path) in enumerate(paths):
        found, drafts = score_subtask(subtask)
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
