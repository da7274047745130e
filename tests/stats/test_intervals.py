"""Interval and test properties, on simulated data where the truth is known."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.parametrize("share", [0, 1])
def test_where_no_item_varies_the_interval_is_that_of_as_many_trials(share):
    found = stats.designed_wilson(share, 0.0, 100)
    assert found == pytest.approx(stats.wilson(100 * share, 100))
    assert round(100 * abs(found[1 - share] - share), 1) == 3.7


def test_strata_and_several_seeds_make_an_interval_narrower():
    plain = stats.wilson(50, 100)
    assert stats.designed_wilson(0.5, 0.25 / 100, 100) == pytest.approx(plain)
    half = stats.designed_wilson(0.5, 0.25 / 200, 100)
    narrower = (half[1] - half[0]) / (plain[1] - plain[0])
    assert narrower == pytest.approx(math.sqrt(0.5), rel=0.03)


@pytest.mark.parametrize("accuracy", [0.003, 0.03, 0.5, 0.9, 0.997])
def test_the_interval_of_a_mean_over_seeds_covers_at_the_edges_too(accuracy):
    draw, n, reps = rng(), 100, 3000
    ease = NormalDist().inv_cdf(accuracy) * math.sqrt(2) + draw.normal(0, 1, (reps, n))
    means = (draw.normal(0, 1, (reps, n, 3)) < ease[..., None]).mean(axis=2)
    pairs = zip(means.mean(axis=1), means.var(axis=1, ddof=1) / n, strict=True)
    found = np.array([stats.designed_wilson(share, variance, n) for share, variance in pairs])
    assert np.mean((found[:, 0] <= accuracy) & (accuracy <= found[:, 1])) >= 0.945


def test_items_that_weigh_less_count_less():
    codes = np.array([0, 0, 0, 1])
    assert stats.effective_items(codes, np.array([0.25, 0.25])) == 4
    assert stats.effective_items(codes, np.array([1 / 3, 0])) == pytest.approx(3)
    assert stats.effective_items(codes, np.array([1 / 6, 1 / 2])) == pytest.approx(3)


@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(1, 12), min_size=1, max_size=4),
    st.integers(1, 4),
    st.sampled_from([0, 0.01, 0.5, 0.99, 1]),
    st.booleans(),
)
def test_no_interval_of_an_accuracy_is_a_point(seed, sizes, seeds, ease, macro):
    draw = np.random.default_rng(seed)
    codes = np.repeat(np.arange(len(sizes)), sizes)
    weight = 1 / (len(sizes) * np.array(sizes)) if macro else np.full(len(sizes), 1 / sum(sizes))
    means = (draw.random((len(codes), seeds)) < ease).mean(axis=1, keepdims=True)
    share = float(weight @ stats.stratum_sums(means, codes)[:, 0])
    variance = float(weight**2 @ stats.stratum_variances(means, codes)[:, 0])
    low, high = stats.designed_wilson(share, variance, stats.effective_items(codes, weight))
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1
    assert high - low > 1e-3


def test_stratum_sums_add_up():
    values = np.array([[1.0], [2.0], [4.0]])
    assert stats.stratum_sums(values, np.array([1, 0, 1])).tolist() == [[2.0], [5.0]]


def test_stratum_variances_are_those_of_sums_over_fresh_items():
    strata = np.repeat([0, 1], [30, 50])
    draws = (rng().random((4000, 80)) < 0.3).astype(float)
    found = np.mean([stats.stratum_variances(row[:, None], strata) for row in draws], axis=0)
    sums = np.array([stats.stratum_sums(row[:, None], strata)[:, 0] for row in draws])
    assert found[:, 0] == pytest.approx(sums.var(axis=0), rel=0.07)


def test_a_stratum_of_one_item_has_no_variance():
    values = np.array([[1.0], [0.0], [1.0]])
    found = stats.stratum_variances(values, np.array([0, 1, 1]))
    assert found.tolist() == [[0.0], [1.0]]


def test_seed_sd_needs_two_seeds():
    assert stats.seed_sd(np.array([0.5])) is None
    assert stats.seed_sd(np.array([0.4, 0.6])) == pytest.approx(0.1414, abs=1e-4)


def test_holm_matches_a_hand_calculation_in_any_order():
    assert stats.holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])


def test_holm_of_nothing_is_nothing():
    assert stats.holm([]) == []
