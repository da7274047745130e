"""Preference scores: the student's one-shot accuracy with each draft as example (§3.2)."""

import argparse

import polars as pl

from arte.core import io, job, tasks
from arte.core.errors import cli
from arte.core.parse import extract, is_correct
from arte.core.prompts import Prompts
from arte.elicit.tables import RATIONALES
from arte.engine.contract import Completion, Sampling
from arte.engine.generate import Generator
from arte.prefer.tables.outputs import SCORE_OUTPUTS
from arte.prefer.tables.preference_set import PREFERENCE_SET
from arte.prefer.tables.scores import QUESTION_SCORES, SCORES


def rationale_scores(outputs: pl.DataFrame, rationales: pl.DataFrame) -> pl.DataFrame:
    """s_r of every rationale: its share of right answers over the n preference items (Eq. 3)."""
    key = ["subtask", "question_id", "rationale_id"]
    shares = outputs.group_by(key).agg(
        pl.col("correct").mean().alias("score"), pl.len().cast(pl.Int64).alias("n")
    )
    return shares.join(rationales.select(*key, "technique"), on=key, validate="1:1").sort(key)


def question_scores(outputs: pl.DataFrame) -> pl.DataFrame:
    """s_q of every question: the mean s_r of its n rationales (Eq. 4).

    All rationales answer the same items, so this is the share over all answers, which needs no
    sum of fractions and has one exact value.
    """
    key = ["subtask", "question_id"]
    return (
        outputs.group_by(key)
        .agg(
            pl.col("correct").mean().alias("score"),
            pl.col("rationale_id").n_unique().cast(pl.Int64).alias("n"),
        )
        .sort(key)
    )


def answers(
    generator: Generator,
    prompts: Prompts,
    rationales: pl.DataFrame,
    *,
    items: pl.DataFrame,
    max_tokens: int,
) -> pl.DataFrame:
    """SCORE_OUTPUTS of one subtask: every rationale as example for every item, T = 0 (Table 13).

    Requests go by (question, rationale, item), so that those with a common prefix are neighbours.
    """
    drafts = rationales.sort("question_id", "rationale_id").to_dicts()
    pairs = [(draft, item) for draft in drafts for item in items.sort("item_id").to_dicts()]
    subtask = drafts[0]["subtask"]
    completions = generator.complete(
        subtask,
        [
            prompts.student(subtask, [(draft["question"], draft["rationale"])], item["question"])
            for draft, item in pairs
        ],
        Sampling(max_tokens=max_tokens),
    )
    return SCORE_OUTPUTS.frame(
        [
            scored(draft, item, completion)
            for (draft, item), completion in zip(pairs, completions, strict=True)
        ]
    )


def scored(draft: dict, item: dict, completion: Completion) -> dict:
    """One row of SCORE_OUTPUTS; an answer cut off or without a tag is wrong."""
    answer_type = tasks.subtask(item["subtask"]).answer_type
    predicted = extract(completion.text, answer_type).strict
    return {
        "subtask": item["subtask"],
        "question_id": draft["question_id"],
        "rationale_id": draft["rationale_id"],
        "item_id": item["item_id"],
        "output": completion.text,
        "finish_reason": completion.finish_reason,
        "answer_pred": predicted,
        "correct": is_correct(predicted, item["answer"], answer_type),
    }


def run(args: argparse.Namespace) -> None:
    """Write SCORE_OUTPUTS, SCORES and QUESTION_SCORES per subtask, and the stats."""
    cfg, prompts = args.cfg, Prompts(args.prompts)
    generator = Generator(args.model, cfg["engine"], args.journal, "score")
    all_rationales = io.read_tables(args.rationales, RATIONALES)
    all_items = io.read_tables(args.preference, PREFERENCE_SET)
    counts = {}
    paths = zip(
        cfg["subtasks"],
        args.output_outputs,
        args.output_scores,
        args.output_question_scores,
        strict=True,
    )
    for subtask, outputs_path, scores_path, questions_path in paths:
        rationales = job.of_subtask(all_rationales, subtask, "rationales")
        items = job.of_subtask(all_items, subtask, "preference set")
        outputs = answers(generator, prompts, rationales, items=items, max_tokens=cfg["max_tokens"])
        scores = rationale_scores(outputs, rationales)
        counts[subtask] = score_counts(outputs, scores)
        job.log(f"scores {subtask}: {counts[subtask]}")
        made_by = job.cfg_of(cfg, subtask)
        io.write_table(outputs, outputs_path, SCORE_OUTPUTS, made_by)
        io.write_table(scores, scores_path, SCORES, made_by)
        io.write_table(question_scores(outputs), questions_path, QUESTION_SCORES, made_by)
    io.write_json({**generator.stats, "counts": counts}, args.stats)


def score_counts(outputs: pl.DataFrame, scores: pl.DataFrame) -> dict[str, float]:
    """How many answers there are and lack a readable tagged answer, and how s_r varies."""
    return {
        "answers": outputs.height,
        "no_tag": outputs["answer_pred"].null_count(),
        "rationales": scores.height,
        "mean_score": round(scores["score"].mean(), 4),
        "distinct_scores": scores["score"].n_unique(),
    }


@cli
def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    job.add_inputs(
        parser,
        "--rationales",
        "--preference",
        "--output-outputs",
        "--output-scores",
        "--output-question-scores",
    )
    job.add_generation(parser)
    run(parser.parse_args())


if __name__ == "__main__":
    main()
