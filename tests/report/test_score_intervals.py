"""Scores joined with the answers behind them."""

import polars as pl
import pytest

from arte.core import io
from arte.core.errors import ArteError
from arte.prefer.tables.outputs import SCORE_OUTPUTS
from arte.prefer.tables.scores import SCORES
from arte.report.score_intervals import mean_score, read_answers, with_answers

KEY = {"subtask": "hyperbaton", "question_id": "000-0"}


def scored(*rationales: list[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """SCORES and answers of rationales that were right (1) or wrong (0) on each item."""
    scores, answers = [], []
    for number, right in enumerate(rationales):
        key = {**KEY, "rationale_id": number}
        mean = sum(right) / len(right)
        scores.append({**key, "technique": "steps", "score": mean, "n": len(right)})
        for item, correct in enumerate(right):
            said = {"output": "x", "finish_reason": "stop", "answer_pred": None}
            answers.append({**key, "item_id": f"{item:02d}", "correct": bool(correct), **said})
    return SCORES.frame(scores), SCORE_OUTPUTS.frame(answers)


def test_answers_come_in_the_order_of_items(tmp_path):
    scores, outputs = scored([1, 0, 0], [0, 1, 1])
    io.write_table(outputs, tmp_path / "o.parquet", SCORE_OUTPUTS, {})
    answers = read_answers([str(tmp_path / "o.parquet")])
    joined = with_answers(scores, answers.sample(fraction=1, shuffle=True, seed=0))
    assert joined["right"].to_list() == [[True, False, False], [False, True, True]]


def test_without_answers_a_score_has_none_and_no_items_are_counted():
    assert read_answers([]) is None
    found = with_answers(scored([1, 0])[0], None)
    assert mean_score(found) == {"mean": 0.5, "low": None, "high": None}


@pytest.mark.parametrize("wrong", ["item", "score", "rationale"])
def test_scores_of_other_answers_are_an_error(wrong):
    scores, answers = scored([1, 0, 0], [0, 1, 1])
    if wrong == "item":
        answers = answers[:-1]
    elif wrong == "score":
        scores = scores.with_columns(score=pl.lit(0.5))
    else:
        answers = answers.filter(pl.col("rationale_id") == 0)
    with pytest.raises(ArteError, match="of 2 rationales"):
        with_answers(scores, answers)


def test_one_question_has_the_interval_of_its_items():
    found = mean_score(with_answers(*scored([1] * 20)))
    assert (found["mean"], found["high"]) == (1, 1)
    assert found["low"] == pytest.approx(0.839, abs=1e-3)
