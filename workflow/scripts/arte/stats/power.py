"""The smallest difference that a comparison could have found."""

from arte.stats.student_t import quantile, quantile95

POWER = 0.8
"""The probability with which a difference of the detectable size is found."""


def detectable(error: float, df: float) -> float:
    """The smallest true difference that a two-sided test at 5 % finds with 80 % power.

    error: standard error of the difference; df: degrees of freedom of its t, inf being the normal.
    The usual sum of two quantiles: 2.80 standard errors for the normal, for which it is exact. Its
    power is 79 % at 4 degrees of freedom and 77 % at 2.
    """
    return error * (quantile95(df) + quantile(2 * (1 - POWER), df))
