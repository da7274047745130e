"""The A/A check on simulated students whose seeds differ in training or on items only."""

import json
import sys

import numpy as np
import polars as pl
import pytest
from predicted import cell, predictions

from arte.core import io
from arte.core.errors import ArteError
from arte.evaluate.tables import PREDICTIONS
from arte.report import aa
from arte.stats.cells import outcomes

SIZES = {"web_of_lies": 60, "hyperbaton": 60, "logical_deduction_three_objects": 60}
ARMS = ("vanilla", "original_teacher", "rationale_only", "question_only", "arte")


def trained(spread, seed=0, seeds=3):
    """Predictions of four arms of some seeds; each seed of an arm is better or worse as a whole.

    spread: standard deviation of a seed's ability.
    """
    rows = predictions(tuple(range(seeds)), ARMS, shots=(0,), sizes=SIZES).sort(
        "arm", "seed", "item_id"
    )
    draw = np.random.default_rng(seed)
    ability = {
        key: draw.normal(0.5, spread)
        for key in rows.select("arm", "seed").unique().sort("arm", "seed").rows()
    }
    keys = rows.select("arm", "seed").rows()
    right = [bool(draw.random() < ability[key]) for key in keys]
    return rows.with_columns(correct=pl.Series(right))


def share(frames, **where):
    return np.mean([cell(frame, **where)["share"] for frame in frames])


@pytest.mark.parametrize("seeds", [3, 6])
def test_seed_aware_comparisons_raise_few_false_alarms_and_items_alone_many(seeds):
    frames = [aa.check(trained(0.07, s, seeds), resamples=40, seed=s) for s in range(20)]
    for draw in aa.DRAWS:
        assert share(frames, draw=draw, counts="items and seeds") <= 7
        assert share(frames, draw=draw, counts="items") > 12


def test_items_alone_are_right_where_training_adds_nothing_unless_items_repeat():
    frames = [aa.check(trained(0.0, s), resamples=40, seed=s) for s in range(20)]
    assert share(frames, draw="half", counts="items") == pytest.approx(5, abs=2.5)
    assert share(frames, draw="bootstrap", counts="items") == pytest.approx(16.6, abs=5)
    for draw in aa.DRAWS:
        assert share(frames, draw=draw, counts="items and seeds") <= 6


def test_half_draws_repeat_no_item_and_bootstraps_do():
    codes = np.repeat([0, 1], [7, 20])
    half, full = (aa.drawn_items(codes, draw, np.random.default_rng(1)) for draw in aa.DRAWS)
    assert np.bincount(codes[half]).tolist() == [3, 10]
    assert len(set(half)) == len(half)
    assert np.bincount(codes[full]).tolist() == [7, 20]
    assert len(set(full)) < len(full)


def arms_of(rows):
    data = outcomes(rows, 0, list(ARMS))
    return {arm: answers for arm, answers in data.strict.items() if arm != "vanilla"}, data.codes


def test_single_seeds_are_lent_the_noise_of_others():
    arms, codes = arms_of(trained(0.07))
    halves = (np.array([0]), np.array([1]))
    before = aa.p_values(arms, codes, "arte", halves)
    arms["rationale_only"][:, 2] = 1.0  # a seed that learned everything: much noise
    after = aa.p_values(arms, codes, "arte", halves)
    assert after[0] > before[0]
    assert after[1] == before[1]


def test_halves_of_several_seeds_have_their_own_noise_and_no_other():
    arms, codes = arms_of(trained(0.07, seeds=4))
    halves = (np.array([0, 3]), np.array([1, 2]))
    before = aa.p_values(arms, codes, "arte", halves)
    arms["rationale_only"][:, 2] = 1.0
    assert aa.p_values(arms, codes, "arte", halves) == before
    arms["arte"][:, 2] = 1.0
    assert aa.p_values(arms, codes, "arte", halves) != before


@pytest.mark.parametrize(("seeds", "half"), [(2, 1), (3, 1), (4, 2), (6, 3)])
def test_halves_are_disjoint_seeds_of_one_trained_arm(seeds, half):
    arms, _ = arms_of(trained(0.0, seeds=seeds))
    found = list(aa.picks(arms, 100, np.random.default_rng(0)))
    assert {arm for arm, _ in found} == set(ARMS) - {"vanilla"}
    for _, (first, second) in found:
        assert len(first) == len(second) == half
        assert len({*first, *second}) == 2 * half


@pytest.mark.parametrize("arms", [ARMS[:2], ("vanilla",)])
def test_too_few_seeds_to_tell_the_noise_are_an_error(arms):
    rows = trained(0.0).filter(pl.col("arm").is_in(arms))
    with pytest.raises(ArteError, match="two training seeds of two arms, or four of one"):
        aa.check(rows, resamples=1, seed=0)


def test_the_command_writes_csv_and_md_with_the_same_bytes_each_time(monkeypatch, tmp_path):
    io.write_table(trained(0.05), tmp_path / "p.parquet", PREDICTIONS, {})
    cfg = json.dumps({"seed": 1, "student": "nano", "resamples": 10})
    written = []
    for folder in ("first", "second"):
        outputs = [tmp_path / folder / f"aa.{suffix}" for suffix in ("csv", "md")]
        arguments = ["--cfg", cfg, "--predictions", tmp_path / "p.parquet", "--output", *outputs]
        monkeypatch.setattr(sys, "argv", ["aa", *map(str, arguments)])
        aa.main()
        written.append([path.read_bytes() for path in outputs])
    assert written[0] == written[1]
    assert pl.read_csv(tmp_path / "first" / "aa.csv").height == 4
