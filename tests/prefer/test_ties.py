"""Without any true preference no technique is preferred: pairs, arms and Appendix E alike."""

import numpy as np
import polars as pl
import pytest

from arte.prefer import pairs, ties
from arte.prefer.tables.scores import SCORES
from arte.report import consistency
from arte.tailor import training_set

QUESTIONS, ITEMS = 4000, 40
TECHNIQUES = ("steps", "detailed", "direct", "options")


def scored(accuracy: float) -> tuple[pl.DataFrame, np.ndarray]:
    """Scores of four techniques that are all right with chance `accuracy`, and right answers."""
    rng = np.random.default_rng([1, round(100 * accuracy)])
    right = rng.binomial(ITEMS, accuracy, size=(QUESTIONS, 4))
    rows = [
        {
            "subtask": "s",
            "question_id": f"{q:04d}",
            "rationale_id": t,
            "technique": TECHNIQUES[t],
            "rationale": TECHNIQUES[t],
            "finish_reason": "stop",
            "score": count / ITEMS,
        }
        for (q, t), count in np.ndenumerate(right)
    ]
    return pl.DataFrame(rows), right


def assert_fair(techniques: np.ndarray) -> None:
    """Each of four techniques has a quarter, within four standard errors."""
    shares = np.bincount(techniques, minlength=4) / len(techniques)
    assert abs(shares - 0.25).max() < 4 * (0.25 * 0.75 / len(techniques)) ** 0.5, shares


@pytest.mark.parametrize("accuracy", [0.0, 0.02, 0.5, 0.98, 1.0])
def test_no_technique_is_preferred_where_all_are_equally_good(accuracy):
    frame, _ = scored(accuracy)
    drawn = ties.with_lots(frame, 7, SCORES.key)
    groups = drawn.partition_by("question_id", maintain_order=True)
    choices = [pairs.rationale_choice(g.to_dicts(), break_ties=True) for g in groups]
    chosen = np.array([best["rationale_id"] for best, _ in choices])
    assert_fair(chosen)
    assert_fair(np.array([worst["rationale_id"] for _, worst in choices]))
    preferred = training_set.most_preferred(frame, 7).sort("question_id")
    assert preferred["rationale_id"].to_list() == chosen.tolist()


@pytest.mark.parametrize("accuracy", [0.02, 0.5, 0.98])
@pytest.mark.parametrize("end", [1, -1])
def test_appendix_e_chooses_and_rejects_each_technique_as_often(accuracy, end):
    _, right = scored(accuracy)
    rng, shares = np.random.default_rng(3), []
    for technique in range(4):
        # the chosen one beats the rejected one exactly where it (or the other) is `technique`
        reference = np.zeros_like(right)
        reference[:, technique] = end
        x, n = consistency.counts(right[None], reference[None], rng)["chosen_beats_rejected"][0]
        shares.append(x / n)
    assert abs(np.array(shares) - 0.25).max() < 4 * (0.25 * 0.75 / n) ** 0.5, shares


def test_dropped_ties_leave_the_other_questions_fair():
    frame, _ = scored(0.02)
    groups = ties.with_lots(frame, 7, SCORES.key).partition_by("question_id", maintain_order=True)
    choices = [pairs.rationale_choice(g.to_dicts(), break_ties=False) for g in groups]
    kept = [choice for choice in choices if choice != "tie"]
    assert 0 < len(kept) < QUESTIONS
    assert_fair(np.array([best["rationale_id"] for best, _ in kept]))
    assert_fair(np.array([worst["rationale_id"] for _, worst in kept]))


def test_a_lot_depends_on_seed_and_key_alone():
    frame, _ = scored(0.5)
    lots = ties.with_lots(frame, 7, SCORES.key)
    assert ties.with_lots(frame.reverse(), 7, SCORES.key).reverse().equals(lots)
    assert ties.with_lots(frame[5:9], 7, SCORES.key).equals(lots[5:9])
    assert not ties.with_lots(frame, 8, SCORES.key)["lot"].equals(lots["lot"])
