"""What a comparison could have found, by simulation and by hand."""

import math

import numpy as np
import pytest
from predicted import predictions

from arte.stats import cells, power
from arte.stats.paired import NO_NOISE, difference
from arte.stats.slices import Slice
from arte.stats.student_t import quantile, quantile95, two_sided_p


@pytest.mark.parametrize(
    ("df", "found"), [(2, 0.77), (4, 0.79), (10, 0.8), (30, 0.8), (math.inf, 0.8)]
)
def test_a_difference_of_the_detectable_size_is_found_four_times_in_five(df, found):
    draw = np.random.default_rng(0)
    n, error = 40_000, 1.7
    noise = np.ones(n) if df == math.inf else draw.chisquare(df, n) / df
    t = draw.normal(power.detectable(error, df), error, n) / (error * np.sqrt(noise))
    assert np.mean(np.abs(t) > quantile95(df)) == pytest.approx(found, abs=0.01)


def test_answers_of_arms_that_differ_by_it_are_told_apart_four_times_in_five():
    draw = np.random.default_rng(1)
    n, apart = 300, 0.073
    codes, weight = np.zeros(n, int), np.array([1 / n])
    sizes, significant = [], 0
    for _ in range(1500):
        second = draw.random(n) < 0.4
        first = np.where(draw.random(n) < 0.6, second, draw.random(n) < 0.4 + apart / 0.4)
        arms = first[:, None].astype(float), second[:, None].astype(float)
        found = difference(*arms, codes=codes, weight=weight, noises=(NO_NOISE, NO_NOISE))
        sizes.append(power.detectable(found.error, found.df))
        significant += found.p < 0.05
    # The true difference is `apart`: about the mean detectable one, so about 80 % are found.
    assert np.mean(sizes) == pytest.approx(apart, rel=0.03)
    assert significant / 1500 == pytest.approx(0.8, abs=0.04)


def test_for_many_degrees_of_freedom_it_is_the_textbook_2_8_standard_errors():
    assert power.detectable(1.0, math.inf) == pytest.approx(1.959964 + 0.841621, abs=1e-5)


@pytest.mark.parametrize("p", [0.05, 0.4, 0.9])
@pytest.mark.parametrize("df", [1, 3.5, 100, math.inf])
def test_quantiles_invert_p(p, df):
    assert two_sided_p(quantile(p, df), df) == pytest.approx(p)


@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2)])
def test_every_comparison_has_its_own_in_points(seeds):
    data = cells.outcomes(predictions(seeds=seeds), 0, ["arte", "vanilla"])
    part = Slice("all", "micro", np.full(len(data.strata), 1 / len(data.codes)))
    (row,) = cells.differences(data, [("arte", "vanilla")], [part], "arms")
    df = math.inf if row.df is None else row.df
    assert row.mde == pytest.approx(power.detectable(row.error, df))
    assert row.mde > (row.high - row.low) / 2
