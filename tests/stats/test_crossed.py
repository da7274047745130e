"""Means over questions and items: coverage on simulated scores of which the truth is known."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arte.stats import intervals as stats
from arte.stats.crossed import cluster_interval, crossed_interval, crossed_variance


@pytest.mark.parametrize(("by_question", "by_item"), [(0.0, 1.5), (1.0, 0.3), (0.5, 1.0)])
@pytest.mark.parametrize("ease", [0.0, 1.5])
def test_intervals_cover_the_truth_over_questions_and_items(ease, by_question, by_item):
    draw, hits = np.random.default_rng(0), []
    truth = NormalDist().cdf(ease / math.sqrt(1 + by_question**2 + by_item**2))
    questions = np.repeat(np.arange(24), 2)
    for _ in range(800):
        base = ease + draw.normal(0, by_question, 24)[questions][:, None]
        right = draw.normal(0, 1, (48, 20)) < base + draw.normal(0, by_item, 20)
        low, high = crossed_interval(right.astype(float), questions)
        hits.append(low <= truth <= high)
    assert 0.93 <= np.mean(hits) <= 0.99


def test_items_that_are_all_or_nothing_count_however_many_rationales_agree():
    right = np.tile([1.0, 0.0] * 10, (200, 1))
    low, high = crossed_interval(right, np.arange(200))
    wilson = stats.wilson(10, 20)
    assert high - low == pytest.approx(wilson[1] - wilson[0], rel=0.03)


def test_of_one_question_the_items_alone_are_counted():
    right = np.array([[1.0, 1.0, 0.0, 1.0]])
    assert crossed_variance(right, np.zeros(1)) == pytest.approx(right.var(ddof=1) / 4)


def test_independent_answers_have_the_variance_of_as_many_trials():
    draw = np.random.default_rng(1)
    found = [
        crossed_variance((draw.random((30, 20)) < 0.4).astype(float), np.arange(30))
        for _ in range(400)
    ]
    assert np.mean(found) == pytest.approx(0.24 / 600, rel=0.25)


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 12),
    st.integers(1, 8),
    st.sampled_from([0, 0.01, 0.5, 1]),
)
def test_no_interval_is_a_point_and_all_contain_their_mean(seed, rows, items, ease):
    draw = np.random.default_rng(seed)
    right = (draw.random((rows, items)) < ease).astype(float)
    low, high = crossed_interval(right, draw.integers(0, 4, rows))
    assert 0 <= low <= right.mean() + 1e-12
    assert right.mean() - 1e-12 <= high <= 1
    assert high - low > 0.01


def test_clusters_make_an_interval_wider_than_independent_values():
    values = np.repeat(np.random.default_rng(7).random(30), 4)
    together = cluster_interval(values, np.repeat(np.arange(30), 4))
    apart = cluster_interval(values, np.arange(120))
    assert together[1] - together[0] > 1.5 * (apart[1] - apart[0])


def test_where_nothing_varies_there_is_no_cluster_interval():
    assert cluster_interval(np.array([1.0, 2.0]), np.array([0, 0])) is None
    assert cluster_interval(np.array([2.0, 2.0]), np.array([0, 1])) is None
