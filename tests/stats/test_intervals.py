"""Interval and test properties, on simulated data where the truth is known."""

import numpy as np
import pytest

from arte.stats import intervals as stats


def rng():
    return np.random.default_rng(7)


def test_wilson_matches_a_published_example():
    # Newcombe (1998), Statistics in Medicine 17:857, Table I: 81 of 263.
    low, high = stats.wilson(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (10, 10)])
def test_wilson_stays_within_0_and_1_and_is_no_point(successes, n):
    low, high = stats.wilson(successes, n)
    assert 0 <= low < high <= 1


@pytest.mark.parametrize(("successes", "n"), [(0, 0), (3, 2), (-1, 5)])
def test_wilson_refuses_impossible_counts(successes, n):
    with pytest.raises(ValueError, match="wilson"):
        stats.wilson(successes, n)


def test_wilson_covers_95_percent_over_random_proportions():
    draw = rng()
    truth = draw.uniform(0.05, 0.95, 6000)
    seen = draw.binomial(100, truth)
    low, high = np.array([stats.wilson(k, 100) for k in seen]).T
    inside = (low <= truth) & (truth <= high)
    assert 0.94 <= np.mean(inside) <= 0.96


def simulate(reps, *, gap):
    """Columns: reps experiments of arm a, then of arm b, on 3 subtasks of different difficulty."""
    draw = rng()
    strata = np.repeat([0, 1, 2], [150, 250, 200])
    ability = np.array([0.3, 0.6, 0.45])[strata]
    # A shared item effect makes the arms correlated, as they are on real items.
    item = draw.normal(0, 0.15, (len(strata), reps))
    first = draw.random((len(strata), reps)) < np.clip(ability[:, None] + item, 0, 1)
    second = draw.random((len(strata), reps)) < np.clip(ability[:, None] + item + gap, 0, 1)
    return np.hstack([first, second]).astype(float), strata


def test_paired_bootstrap_covers_95_percent_and_rejects_5_percent_without_a_difference():
    reps = 1500
    values, strata = simulate(reps, gap=0)
    sums = stats.resampled_sums(values, strata, resamples=1000, rng=rng())
    drawn = sums.sum(axis=1) / len(strata)
    differences = drawn[:, reps:] - drawn[:, :reps]
    low, high = np.percentile(differences, [2.5, 97.5], axis=0)
    assert 0.94 <= np.mean((low <= 0) & (high >= 0)) <= 0.96
    rejected = [stats.bootstrap_p(column) < 0.05 for column in differences.T]
    assert 0.04 <= np.mean(rejected) <= 0.06


def test_paired_bootstrap_finds_a_large_difference():
    values, strata = simulate(20, gap=0.15)
    sums = stats.resampled_sums(values, strata, resamples=500, rng=rng())
    drawn = sums.sum(axis=1) / len(strata)
    differences = drawn[:, 20:] - drawn[:, :20]
    assert all(stats.bootstrap_p(column) < 0.01 for column in differences.T)


def test_resampling_keeps_the_size_of_every_stratum():
    strata = np.array([0, 0, 0, 1, 1])
    sums = stats.resampled_sums(np.ones((5, 1)), strata, resamples=20, rng=rng())
    assert (sums[:, :, 0] == [3, 2]).all()


def test_equal_seeds_give_equal_resamples():
    values, strata = simulate(2, gap=0)
    first, second = (
        stats.resampled_sums(values, strata, resamples=10, rng=rng()) for _ in range(2)
    )
    assert (first == second).all()


def test_stratum_sums_add_up():
    values = np.array([[1.0], [2.0], [4.0]])
    assert stats.stratum_sums(values, np.array([1, 0, 1])).tolist() == [[2.0], [5.0]]


def test_stratum_variances_are_those_of_endless_resamples():
    values, strata = simulate(1, gap=0)
    sums = stats.resampled_sums(values, strata, resamples=20000, rng=rng())
    shrunk = (1 - 1 / np.bincount(strata))[:, None]  # a bootstrap divides by n
    assert stats.stratum_variances(values, strata) * shrunk == pytest.approx(
        sums.var(axis=0), rel=0.05
    )


def test_a_stratum_of_one_item_has_no_variance():
    values = np.array([[1.0], [0.0], [1.0]])
    found = stats.stratum_variances(values, np.array([0, 1, 1]))
    assert found.tolist() == [[0.0], [1.0]]


def test_cluster_interval_is_wider_than_that_of_independent_values():
    values = np.repeat(rng().random(30), 4)
    clusters = np.repeat(np.arange(30), 4)
    together = stats.cluster_interval(values, clusters, resamples=500, rng=rng())
    apart = stats.cluster_interval(values, np.arange(120), resamples=500, rng=rng())
    assert together[1] - together[0] > 1.5 * (apart[1] - apart[0])


def test_bootstrap_p_is_never_zero():
    assert stats.bootstrap_p(np.ones(99)) == pytest.approx(0.02)


def test_bootstrap_p_of_equal_arms_is_one():
    assert stats.bootstrap_p(np.zeros(99)) == 1


def test_seed_sd_needs_two_seeds():
    assert stats.seed_sd(np.array([0.5])) is None
    assert stats.seed_sd(np.array([0.4, 0.6])) == pytest.approx(0.1414, abs=1e-4)


def test_holm_matches_a_hand_calculation_in_any_order():
    assert stats.holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])


def test_holm_of_nothing_is_nothing():
    assert stats.holm([]) == []
