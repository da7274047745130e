"""Preference scores without generating: how likely the student finds each draft itself.

A rationale's score s_r is the mean log-probability per token that the untrained student gives it
after the zero-shot prompt of its question (Table 13 without example), in nats per token, at most
0. The paper scores by one-shot accuracy instead (§3.2, arte.prefer.icl); this costs one pass per
draft and needs no preference set.
"""

import argparse

import polars as pl

from arte.core import io, job
from arte.core.errors import cli
from arte.core.prompts import Prompts
from arte.elicit.tables import RATIONALES
from arte.engine.generate import Generator
from arte.prefer.tables.scores import QUESTION_SCORES, SCORES


def rationale_scores(
    generator: Generator, prompts: Prompts, rationales: pl.DataFrame
) -> pl.DataFrame:
    """SCORES of one subtask in nats per token; `n` is the number of tokens.

    Empty rationales have no tokens, hence no score: they are no candidates.
    """
    drafts = rationales.filter(pl.col("rationale") != "")
    drafts = drafts.sort("question_id", "rationale_id").to_dicts()
    found = generator.likelihoods(
        rationales["subtask"][0],
        [prompts.student(draft["subtask"], [], draft["question"]) for draft in drafts],
        [f" {draft['rationale']}" for draft in drafts],  # as in training
    )
    return SCORES.frame(
        [
            {
                **{name: draft[name] for name in (*SCORES.key, "technique")},
                "score": each.log_probability / each.n_tokens,
                "n": each.n_tokens,
            }
            for draft, each in zip(drafts, found, strict=True)
        ]
    )


def question_scores(scores: pl.DataFrame) -> pl.DataFrame:
    """s_q of every question in nats per token: the mean s_r of its n scored rationales (Eq. 4)."""
    return (
        scores.sort(SCORES.key)
        .group_by(QUESTION_SCORES.key, maintain_order=True)
        .agg(pl.col("score").mean(), pl.len().cast(pl.Int64).alias("n"))
    )


def run(args: argparse.Namespace) -> None:
    """Write SCORES and QUESTION_SCORES per subtask, and the stats."""
    cfg, prompts = args.cfg, Prompts(args.prompts)
    generator = Generator(args.model, cfg["engine"], args.journal, "score")
    all_rationales = io.read_tables(args.rationales, RATIONALES)
    counts = {}
    paths = zip(cfg["subtasks"], args.output_scores, args.output_question_scores, strict=True)
    for subtask, scores_path, questions_path in paths:
        rationales = job.of_subtask(all_rationales, subtask, "rationales")
        scores = rationale_scores(generator, prompts, rationales)
        counts[subtask] = {
            "rationales": scores.height,
            "without_text": rationales.height - scores.height,
            "mean_score": scores["score"].mean(),
        }
        job.log(f"scores {subtask}: {counts[subtask]}")
        made_by = job.cfg_of(cfg, subtask)
        io.write_table(scores, scores_path, SCORES, made_by)
        io.write_table(question_scores(scores), questions_path, QUESTION_SCORES, made_by)
    io.write_json({**generator.stats, "counts": counts}, args.stats)


@cli
def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    job.add_inputs(parser, "--rationales", "--output-scores", "--output-question-scores")
    job.add_generation(parser)
    run(parser.parse_args())


if __name__ == "__main__":
    main()
