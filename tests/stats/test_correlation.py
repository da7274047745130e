"""Pearson's correlation and its interval over questions and items."""

import math

import numpy as np
import pytest

from arte.stats.correlation import correlation


def test_it_is_pearsons_and_of_independent_rows_fishers_interval():
    draw = np.random.default_rng(0)
    x = draw.normal(size=5000)
    y = 0.4 * x + draw.normal(size=5000)
    r, low, high = correlation(x, y[:, None], np.arange(5000))
    assert r == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-12)
    half = 1.96 / math.sqrt(5000 - 3)
    assert (low, high) == pytest.approx(
        (math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)), abs=2e-3
    )


def test_neither_scale_nor_shift_nor_order_matters():
    draw = np.random.default_rng(1)
    x, y = draw.normal(size=60), draw.random((60, 10))
    clusters = np.arange(60) // 4
    order = draw.permutation(60)
    first = correlation(x, y, clusters)
    assert correlation(3 * x - 7, 5 * y + 1, clusters) == pytest.approx(first)
    assert correlation(x[order], y[order][:, ::-1], clusters[order]) == pytest.approx(first)
    assert correlation(-x, y, clusters) == pytest.approx((-first[0], -first[2], -first[1]))


def test_rows_that_are_copied_within_their_cluster_tell_nothing_new():
    draw = np.random.default_rng(2)
    x, y = draw.normal(size=50), draw.random((50, 1))
    alone = correlation(x, y, np.arange(50))
    copied = correlation(np.repeat(x, 4), np.repeat(y, 4, axis=0), np.repeat(np.arange(50), 4))
    assert copied == pytest.approx(alone)


@pytest.mark.parametrize("slope", [0.0, 0.15])
def test_intervals_hold_the_true_correlation_as_often_as_they_say(slope):
    """Questions, and items that prefer long or short texts of their own, are drawn each time."""
    draw = np.random.default_rng(3)
    times, held = 400, 0
    for _ in range(times):
        questions = np.repeat(draw.normal(0, 0.3, 60), 4)
        x = draw.normal(size=240) + questions
        noise = draw.normal(0, 0.3, 240) + questions
        taste = draw.normal(0, 0.2, 30)
        y = slope * x[:, None] + noise[:, None] + np.outer(x, taste) + draw.normal(0, 1, (240, 30))
        _, low, high = correlation(x, y, np.arange(240) // 4)
        # y's mean over all items: slope * x + noise; x has variance 1.09, noise 0.18, both 0.09
        cov, var = slope * 1.09 + 0.09, slope**2 * 1.09 + 0.18 + 2 * slope * 0.09
        held += low <= cov / math.sqrt(1.09 * (var + 1 / 30 + 0.04 * 1.09 / 30)) <= high
    assert 0.92 <= held / times <= 0.99


@pytest.mark.parametrize(
    ("x", "y", "clusters"),
    [
        ([1, 2, 3, 4], [[0], [1], [0], [1]], [0, 0, 0, 0]),  # one question
        ([2, 2, 2, 2], [[0], [1], [0], [1]], [0, 1, 2, 3]),  # one length
        ([1, 2, 3, 4], [[1], [1], [1], [1]], [0, 1, 2, 3]),  # one score
        ([1, 2, 3, 4], [[2], [4], [6], [8]], [0, 1, 2, 3]),  # r of 1: Fisher's scale ends
    ],
)
def test_nothing_is_said_where_nothing_is_known(x, y, clusters):
    given = np.array(x, float), np.array(y, float), np.array(clusters)
    assert correlation(*given) is None
