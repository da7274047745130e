"""Appendix E's counts on item sets whose agreement is known."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tiny_model import call

from arte.core import io
from arte.core.errors import ArteError
from arte.prefer.tables.outputs import SCORE_OUTPUTS
from arte.prefer.tables.preference_set import PREFERENCE_SET
from arte.report import consistency

SUBTASK = "navigate"
PUBLISHED = Path(__file__).parents[2] / "config/published.yaml"


def outputs(correct: np.ndarray, subtask: str = SUBTASK) -> pl.DataFrame:
    """SCORE_OUTPUTS of 0/1 verdicts (questions, rationales, items)."""
    fixed = {"subtask": subtask, "output": "", "finish_reason": "stop", "answer_pred": None}
    return SCORE_OUTPUTS.frame(
        [
            {
                **fixed,
                "question_id": f"q{q:02d}",
                "rationale_id": r,
                "item_id": f"i{i:03d}",
                "correct": bool(value),
            }
            for (q, r, i), value in np.ndenumerate(correct)
        ]
    )


def preference(items: list[int], subtask: str = SUBTASK) -> pl.DataFrame:
    fixed = {"subtask": subtask, "task": subtask, "category": "BBH-Logic", "discrimination": 1.0}
    return PREFERENCE_SET.frame(
        [
            {**fixed, "item_id": f"i{i:03d}", "question": "?", "answer": "No", "rank": rank}
            for rank, i in enumerate(items, start=1)
        ]
    )


def tallies(subset: list[int], reference: list[int]) -> dict[str, tuple[int, int]]:
    """Counts for one question's right answers per rationale."""
    rng = np.random.default_rng(0)
    found = consistency.counts(np.array([[subset]]), np.array([[reference]]), rng)
    return {name: tuple(value[0].tolist()) for name, value in found.items()}


def test_best_and_worst_are_compared_apart():
    found = tallies([9, 5, 3, 1], [9, 5, 1, 3])
    assert (found["same_best"], found["same_worst"]) == ((1, 1), (0, 1))
    assert found["chosen_beats_rejected"] == (1, 1)


def test_equal_scores_are_drawn_apart_for_both_sets_and_are_no_unique_best():
    found = tallies([5, 5, 1, 0], [5, 3, 1, 0])
    assert (found["same_best"][1], found["same_best_untied"]) == (1, (0, 0))
    assert found["same_worst_untied"] == (1, 1)
    # 800 questions whose best two are equal in both sets: half of the draws agree
    tied = np.tile([5, 5, 1, 0], (1, 800, 1))
    x, n = consistency.counts(tied, tied, np.random.default_rng(0))["same_best"][0]
    assert (n, abs(x - 400) < 4 * 14.1) == (800, True)


def test_a_question_whose_rationales_all_score_alike_has_no_pair():
    found = tallies([2, 2, 2, 2], [9, 5, 3, 1])
    assert found.pop("questions") == (0, 1)
    assert set(found.values()) == {(0, 0)}


def test_a_chosen_rationale_that_only_draws_level_is_no_success():
    found = tallies([3, 2, 2, 1], [5, 9, 9, 5])
    assert found["chosen_beats_rejected"] == (0, 1)
    assert found["chosen_equals_rejected"] == (1, 1)


@settings(deadline=None)  # cores may be shared
@given(arrays(np.int64, (3, 4, 6), elements=st.integers(0, 1)))
def test_the_whole_validation_set_agrees_with_itself(correct):
    rng = np.random.default_rng(0)
    found = consistency.compared(correct, np.ones((1, 6), dtype=int), rng)["all items"]
    for name in ("same_best_untied", "same_worst_untied", "chosen_beats_rejected"):
        x, n = found[name][0]
        assert x == n


@settings(deadline=None)  # cores may be shared
@given(st.integers(1, 30), st.data())
def test_random_sets_hold_k_distinct_items(n, data):
    k = data.draw(st.integers(1, n))
    drawn = consistency.random_sets(n, k, np.random.default_rng(0))
    assert drawn.shape == (consistency.DRAWS, n)
    assert (drawn.sum(axis=1) == k).all()
    assert drawn.max() == 1


def test_random_sets_hold_every_item_equally_often():
    drawn = consistency.random_sets(10, 5, np.random.default_rng(3))
    share = drawn.mean(axis=0)
    assert abs(share - 0.5).max() < 5 * 0.5 / consistency.DRAWS**0.5


def test_a_telling_preference_set_beats_random_sets_on_the_other_items():
    """Six items of ten are right with the best rationale alone, two of them make the set; the
    other four are right by chance.
    """
    rng = np.random.default_rng(0)
    correct = rng.integers(2, size=(40, 4, 10))
    correct[:, :, :6] = 0
    correct[np.arange(40), rng.integers(4, size=40), :6] = 1
    frame = consistency.measure(outputs(correct), preference([0, 1]), seed=0)
    row = frame.row(
        by_predicate=(pl.col("subtask") == "total")
        & (pl.col("reference") == "other items")
        & (pl.col("measure") == "same_best"),
        named=True,
    )
    assert row["n"] == 40
    assert row["share"] > row["random_mean"] + 0.1


def test_the_total_adds_subtasks_up():
    rng = np.random.default_rng(1)
    names = ("navigate", "snarks")
    verdicts = {name: rng.integers(2, size=(5, 4, 8)) for name in names}
    frame = consistency.measure(
        pl.concat([outputs(v, name) for name, v in verdicts.items()]),
        pl.concat([preference([0, 3, 5], name) for name in names]),
        seed=0,
    )
    summed = (
        frame.filter(pl.col("subtask") != "total")
        .group_by("reference", "measure", maintain_order=True)
        .agg(pl.col("x", "n").sum())
    )
    assert summed.equals(
        frame.filter(pl.col("subtask") == "total").select("reference", "measure", "x", "n")
    )


def test_a_preference_set_of_other_items_is_an_error():
    with pytest.raises(ArteError, match="1 items that were not answered"):
        consistency.measure(outputs(np.zeros((1, 2, 3))), preference([0, 7]), seed=0)


def test_a_missing_answer_is_an_error():
    with pytest.raises(ArteError, match="1 x 2 x 3"):
        consistency.measure(outputs(np.zeros((1, 2, 3)))[1:], preference([0]), seed=0)


def test_where_nothing_counts_there_is_no_share():
    frame = consistency.measure(outputs(np.zeros((2, 4, 5))), preference([0]), seed=0)
    row = frame.filter(measure="chosen_beats_rejected").row(0, named=True)
    assert (row["x"], row["n"], row["share"], row["random_mean"]) == (0, 0, None, None)


def test_the_command_prints_counts_beside_the_papers_shares(tmp_path, monkeypatch):
    correct = np.random.default_rng(2).integers(2, size=(10, 4, 12))
    io.write_table(outputs(correct), tmp_path / "outputs.parquet", SCORE_OUTPUTS, {})
    io.write_table(preference([1, 2, 3, 4]), tmp_path / "set.parquet", PREFERENCE_SET, {})
    written = []
    for run in ("first", "second"):
        paths = [tmp_path / run / f"appendix_e{suffix}" for suffix in (".csv", ".md", ".tex")]
        call(
            consistency.main,
            monkeypatch,
            cfg={"seed": 0},
            answers=tmp_path / "outputs.parquet",
            preference=tmp_path / "set.parquet",
            published=PUBLISHED,
            output=paths,
        )
        written.append([path.read_bytes() for path in paths])
    assert written[0] == written[1]
    report = written[0][1].decode()
    assert " of 10, " in report
    assert "93.3" in report
    assert "86.7" in report


def test_the_printed_shares_are_impossible_for_forty_drafts():
    published = yaml.safe_load(PUBLISHED.read_text())["appendix_e"]
    for n, possible in ((40, False), (15, True), (30, True), (45, True), (60, True)):
        shares = {round(100 * x / n, 1) for x in range(n + 1)}
        assert set(published.values()).issubset(shares) == possible
