"""Paired differences between arms that count both the items and the training seeds as drawn."""

import math
from dataclasses import dataclass

import numpy as np

from arte.stats import intervals as stats
from arte.stats.student_t import quantile95, two_sided_p


@dataclass(frozen=True)
class SeedNoise:
    """How much an average varies between training seeds of one arm, pooled over trained arms.

    total: variance of the seeds' averages on the same items; items: the part of it that comes from
    drawing these items, on which the seeds happen to disagree; df: degrees of freedom of `total`,
    the number of seeds beyond the first of each arm.
    """

    total: float
    items: float
    df: int

    @property
    def training(self) -> float:
        """The variance of training itself. What items explain is in every difference already."""
        return max(0.0, self.total - self.items)


NO_NOISE = SeedNoise(0.0, 0.0, 0)
"""Nothing is known of training seeds, or nothing of them is to be counted."""


def seed_noise(arms: list[np.ndarray], codes: np.ndarray, weight: np.ndarray) -> SeedNoise:
    """The seed noise of one average from trained arms' answers, each (items, seeds) of 0 and 1.

    codes: (items,) strata; weight: (S,), turns stratum sums into the average. Arms of one seed say
    nothing. One variance for all arms is assumed: a few seeds per arm can't tell arms apart.
    """
    total, items, df = 0.0, 0.0, 0
    for answers in (answers for answers in arms if answers.shape[1] > 1):
        extra = answers.shape[1] - 1
        total += extra * float(np.var(weight @ stats.stratum_sums(answers, codes), ddof=1))
        # The mean over pairs of seeds of half the item variance of their difference.
        apart = answers - answers.mean(axis=1, keepdims=True)
        items += float((weight**2 @ stats.stratum_variances(apart, codes)).sum())
        df += extra
    return SeedNoise(total / df, items / df, df) if df else NO_NOISE


@dataclass(frozen=True)
class Difference:
    """A paired difference of two averages with its 95 % interval, two-sided p and t's df."""

    value: float
    low: float
    high: float
    p: float
    df: float


def difference(
    first: np.ndarray,
    second: np.ndarray,
    *,
    codes: np.ndarray,
    weight: np.ndarray,
    noise: SeedNoise,
    drawn: float,
) -> Difference:
    """The difference of two arms' averages; `first` and `second` are (items, seeds) of 0 and 1.

    drawn: the sum over both arms of 1 / seeds, leaving out an untrained arm, which no training
    seed can move. The squared standard error is the item variance of the paired difference plus
    `drawn` times the variance of training; the degrees of freedom of the sum are Satterthwaite's
    (items have many, seeds few), never fewer than the seeds'. With no noise: items only, normal.
    """
    apart = (first.mean(axis=1) - second.mean(axis=1))[:, None]
    value = float(weight @ stats.stratum_sums(apart, codes)[:, 0])
    items = float(weight**2 @ stats.stratum_variances(apart, codes)[:, 0])
    variance = items + drawn * noise.training
    if variance == 0:
        return Difference(value, value, value, 1.0 if value == 0 else 0.0, math.inf)
    seeds = drawn * noise.total
    df = max(noise.df, noise.df * (variance / seeds) ** 2) if seeds > 0 else math.inf
    error = math.sqrt(variance)
    half = quantile95(df) * error
    return Difference(value, value - half, value + half, two_sided_p(value / error, df), df)
