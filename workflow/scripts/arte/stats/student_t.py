"""Student's t distribution for any degrees of freedom from 1 on, without a further dependency."""

import math

import numpy as np

NORMAL_FROM = 1e4
"""Degrees of freedom from which the normal distribution is taken: quantiles differ by 1e-4."""

_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(200)


def two_sided_p(t: float, df: float) -> float:
    """P(|T| >= |t|) for T of Student's t distribution with `df` >= 1, inf being the normal.

    With T = sqrt(df) tan(angle) the density is a power of cos(angle), smooth up to the angle of t,
    so that Gauss-Legendre integration is exact to about 1e-12.
    """
    if df < 1:
        raise ValueError(f"student_t needs df >= 1, not {df}")
    if df >= NORMAL_FROM:
        return math.erfc(abs(t) / math.sqrt(2))
    half = math.atan(abs(t) / math.sqrt(df)) / 2
    inside = half * float(_NODE_WEIGHTS @ np.cos(half * (_NODES + 1)) ** (df - 1))
    log_whole = math.lgamma(df / 2) - math.lgamma((df + 1) / 2)
    whole = math.sqrt(math.pi) / 2 * math.exp(log_whole)
    return min(1.0, max(0.0, 1 - inside / whole))


def quantile(p: float, df: float) -> float:
    """The t with P(|T| >= t) = p, for p of 0.05 or more."""
    low, high = 0.0, 13.0  # 12.71 has p = 0.05 at one degree of freedom
    for _ in range(60):
        middle = (low + high) / 2
        if two_sided_p(middle, df) > p:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def quantile95(df: float) -> float:
    """The t with P(|T| >= t) = 0.05: half the width of a 95 % interval in standard errors."""
    return quantile(0.05, df)
