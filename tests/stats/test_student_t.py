"""Student's t distribution against published quantiles and closed forms."""

import math

import pytest

from arte.stats import intervals as stats
from arte.stats.student_t import quantile95, two_sided_p


@pytest.mark.parametrize(
    ("df", "expected"), [(1, 12.706), (2, 4.303), (5, 2.571), (12, 2.179), (120, 1.980)]
)
def test_quantiles_match_the_published_table(df, expected):
    assert quantile95(df) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("t", [0, 0.3, 2, 20, 500])
def test_one_and_two_degrees_of_freedom_match_their_closed_forms(t):
    assert two_sided_p(t, 1) == pytest.approx(1 - 2 / math.pi * math.atan(t), abs=1e-10)
    assert two_sided_p(-t, 2) == pytest.approx(1 - t / math.sqrt(2 + t * t), abs=1e-10)


def test_a_fractional_df_lies_between_its_neighbors():
    assert two_sided_p(2, 4) > two_sided_p(2, 4.5) > two_sided_p(2, 5)


def test_many_degrees_of_freedom_are_the_normal_distribution():
    assert quantile95(math.inf) == pytest.approx(stats.Z95, abs=1e-9)
    assert two_sided_p(1.96, 9999) == pytest.approx(two_sided_p(1.96, math.inf), abs=1e-4)


def test_less_than_one_degree_of_freedom_is_refused():
    with pytest.raises(ValueError, match="df >= 1"):
        two_sided_p(1, 0.5)
