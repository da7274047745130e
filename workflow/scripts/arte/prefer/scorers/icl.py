"""Preference scores: the student's one-shot accuracy with each draft as example (§3.2)."""

import polars as pl

from arte.core.forms import Form
from arte.core.parse import extract, is_correct
from arte.core.prompts import Prompts
from arte.engine.contract import Completion, Sampling
from arte.engine.generate import Generator
from arte.prefer.scorers.contract import Request, Scored
from arte.prefer.tables.outputs import SCORE_OUTPUTS


def rationale_scores(outputs: pl.DataFrame, rationales: pl.DataFrame) -> pl.DataFrame:
    """s_r of every rationale: its share of right answers over the n preference items (Eq. 3)."""
    key = ["subtask", "question_id", "rationale_id"]
    shares = outputs.group_by(key).agg(
        pl.col("correct").mean().alias("score"), pl.len().cast(pl.Int64).alias("n")
    )
    return shares.join(rationales.select(*key, "technique"), on=key, validate="1:1").sort(key)


def score(request: Request) -> Scored:
    """The student answers every preference item with every rationale as its example, greedily."""
    outputs = answers(
        request.ask,
        request.prompts,
        request.drafts,
        items=request.items,
        max_tokens=request.cfg["max_tokens"],
    )
    return Scored(rationale_scores(outputs, request.drafts), outputs)


def answers(
    generator: Generator,
    prompts: Prompts,
    rationales: pl.DataFrame,
    *,
    items: pl.DataFrame,
    max_tokens: int,
) -> pl.DataFrame:
    """SCORE_OUTPUTS of one subtask: every rationale as example for every item, T = 0 (Table 13).

    Requests go by (question, rationale, item), so that those with a common prefix are neighbors.
    """
    drafts = rationales.sort("question_id", "rationale_id").to_dicts()
    pairs = [(draft, item) for draft in drafts for item in items.sort("item_id").to_dicts()]
    subtask = drafts[0]["subtask"]
    answer_type = prompts.task(subtask).answer_type
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
            scored(draft, item, completion, answer_type)
            for (draft, item), completion in zip(pairs, completions, strict=True)
        ]
    )


def scored(draft: dict, item: dict, completion: Completion, answer_type: Form) -> dict:
    """One row of SCORE_OUTPUTS; an answer cut off or without a tag is wrong."""
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
