"""Seed-aware differences, on simulated data where items, training seeds and the truth are known."""

import math

import numpy as np
import pytest

from arte.stats import intervals as stats
from arte.stats.paired import NO_NOISE, SeedNoise, difference, seed_noise

CODES = np.repeat([0, 1, 2], [60, 100, 90])
WEIGHT = np.full(3, 1 / len(CODES))
BASE = np.array([0.3, 0.6, 0.45])[CODES][:, None]


def experiment(draw, *, arms, seeds, spread, gap=0.0):
    """Answers of arms, each (items, seeds); only the first arm is better, by `gap` on average.

    Items differ, arms differ by item, seeds shift a whole arm by up to `spread`: every effect is
    bounded, so that no probability is clipped and the true difference is exactly `gap`.
    """
    item = draw.uniform(-0.12, 0.12, (len(CODES), 1))
    found = []
    for index in range(arms):
        own = draw.uniform(-0.05, 0.05, (len(CODES), 1))
        shift = draw.uniform(-spread, spread, (1, seeds))
        right = BASE + item + own + shift + (gap if index == 0 else 0)
        found.append((draw.random((len(CODES), seeds)) < right).astype(float))
    return found


def compare(first, second, *, noise):
    seeds = first.shape[1]
    return difference(first, second, codes=CODES, weight=WEIGHT, noise=noise, drawn=2 / seeds)


def simulate(reps, *, noisy=True, **how):
    draw = np.random.default_rng(11)
    found = []
    for _ in range(reps):
        arms = experiment(draw, **how)
        noise = seed_noise(arms, CODES, WEIGHT) if noisy else NO_NOISE
        found.append(compare(arms[0], arms[1], noise=noise))
    return found


@pytest.mark.parametrize(("arms", "seeds"), [(6, 2), (6, 3), (3, 3)])
def test_intervals_cover_the_truth_in_95_percent_with_both_variances(arms, seeds):
    found = simulate(900, arms=arms, seeds=seeds, spread=0.07, gap=0.05)
    assert 0.93 <= np.mean([d.low <= 0.05 <= d.high for d in found]) <= 0.97


def test_p_is_uniform_without_a_difference():
    p = np.array([d.p for d in simulate(900, arms=6, seeds=3, spread=0.07)])
    for level in (0.05, 0.2, 0.5, 0.8):
        assert np.mean(p < level) == pytest.approx(level, abs=0.05)


def test_items_alone_call_training_noise_a_difference():
    naive = simulate(900, arms=2, seeds=3, spread=0.07, noisy=False)
    assert np.mean([d.p < 0.05 for d in naive]) > 0.15


def test_seeds_that_differ_by_chance_on_items_only_cost_little():
    ours = simulate(900, arms=6, seeds=3, spread=0.0)
    assert 0.02 <= np.mean([d.p < 0.05 for d in ours]) <= 0.06


def test_two_seeds_of_one_arm_differ_in_5_percent_when_other_arms_tell_the_noise():
    draw = np.random.default_rng(12)
    ours, naive = [], []
    for _ in range(900):
        arms = experiment(draw, arms=6, seeds=3, spread=0.07)
        rest = [arms[0][:, 2:], *arms[1:]]
        first, second = arms[0][:, :1], arms[0][:, 1:2]
        ours.append(compare(first, second, noise=seed_noise(rest, CODES, WEIGHT)).p)
        naive.append(compare(first, second, noise=NO_NOISE).p)
    assert np.mean(np.array(ours) < 0.05) <= 0.07
    assert np.mean(np.array(naive) < 0.05) > 0.15


def test_the_noise_of_training_is_found_on_average():
    draw = np.random.default_rng(13)
    noises = [
        seed_noise(experiment(draw, arms=4, seeds=3, spread=0.07), CODES, WEIGHT)
        for _ in range(400)
    ]
    excess = np.mean([noise.total - noise.items for noise in noises])
    assert excess == pytest.approx(0.07**2 / 3, rel=0.1)  # the variance of a uniform shift
    assert {noise.df for noise in noises} == {8}


def test_seed_noise_matches_a_hand_calculation():
    answers = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])
    noise = seed_noise([answers, answers[:, :1]], np.zeros(4, int), np.array([0.25]))
    # Seed means 0.75 and 0.25. Their difference is 0, 1, 0, 1 over items: variance 1/3.
    assert noise.total == pytest.approx(0.125)
    assert noise.items == pytest.approx((1 / 3) / 4 / 2)
    assert (noise.df, noise.training) == (1, pytest.approx(0.125 - 1 / 24))


def test_arms_of_one_seed_tell_nothing_of_seeds():
    assert seed_noise([np.ones((4, 1))], np.zeros(4, int), np.array([0.25])) == NO_NOISE


def test_an_untrained_arm_adds_no_seed_variance():
    arms = experiment(np.random.default_rng(1), arms=2, seeds=2, spread=0.0)
    noise = SeedNoise(total=0.01, items=0.0, df=10)
    one, both = (
        difference(arms[0], arms[1][:, :1], codes=CODES, weight=WEIGHT, noise=noise, drawn=drawn)
        for drawn in (1 / 2, 1 / 2 + 1)
    )
    assert (both.high - both.low) > 1.4 * (one.high - one.low)


def test_without_noise_the_interval_is_the_normal_one_of_paired_items():
    arms = experiment(np.random.default_rng(2), arms=2, seeds=1, spread=0.0)
    found = compare(*arms, noise=NO_NOISE)
    variance = stats.stratum_variances(arms[0] - arms[1], CODES).sum() / len(CODES) ** 2
    assert found.df == math.inf
    assert (found.high - found.low) / 2 == pytest.approx(stats.Z95 * math.sqrt(variance))


def test_p_is_below_5_percent_exactly_where_the_interval_excludes_zero():
    for d in simulate(200, arms=4, seeds=2, spread=0.07, gap=0.1):
        assert (d.p < 0.05) == (not d.low <= 0 <= d.high)


def test_equal_answers_do_not_differ():
    arms = experiment(np.random.default_rng(3), arms=1, seeds=2, spread=0.0)
    found = compare(arms[0], arms[0], noise=NO_NOISE)
    assert (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)
