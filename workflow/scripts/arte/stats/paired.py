"""Paired differences between arms that count both the items and the training seeds as drawn.

Why each arm has a seed noise of its own: the standard deviations between three seeds that one run
printed go from 0.4 to 3.8 points. With one variance pooled over arms, nominal 95 % intervals then
cover the difference of two noisy arms in 81 %, that of two quiet ones in 99 %. Families of arms
with a variance each (83 to 100 %), pooling unless an F test objects (82 to 99 %) and variances
shrunk towards each other (empirical Bayes, 84 to 98 %) are little better: what they take from
other arms is wrong for the unlike one. With its own three seeds every pair is covered in 93.7 to
96.2 %, with equal spreads too, at the price of intervals a quarter wider on average.
benchmarks/coverage.py measures all of them; its README has the table.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from arte.stats import intervals as stats
from arte.stats.student_t import quantile95, two_sided_p

SHARE_POWER = 1.5
"""How 1 / df grows with the seeds' share of the variance; Satterthwaite's formula has 2.

With 2, a variance that the seeds underestimate also gets too many degrees of freedom: the worst
pair is covered in 92.9 %, with two seeds all pairs in 91.5 to 94.1 %. With 1.5 these are 93.7 and
92.7 to 95.2 %. With 1 most pairs are covered in more than 96 % (benchmarks/coverage.py).
"""

UNSEEN_ITEMS = 2
"""Items by which each comparison is widened: one more for either arm (after Agresti & Min, 2005).

Without them, arms that answer alike on a hundred items would have a difference of 0 for sure.
"""


@dataclass(frozen=True)
class SeedNoise:
    """How much an average varies between training seeds of one arm.

    total: variance of the seeds' averages on the same items; items: the part of it that comes from
    drawing these items, on which the seeds happen to disagree; df: degrees of freedom of `total`,
    0 where nothing is known.
    """

    total: float
    items: float
    df: float


NO_NOISE = SeedNoise(0.0, 0.0, 0)
"""Nothing is known of training seeds, or there is no training."""


def seed_noise(answers: np.ndarray, codes: np.ndarray, weight: np.ndarray) -> SeedNoise:
    """The seed noise of one average of one trained arm; NO_NOISE if it has a single seed.

    answers: (items, seeds) of 0 and 1; codes: (items,) strata; weight: (S,), turns stratum sums
    into the average.
    """
    df = answers.shape[1] - 1
    if df < 1:
        return NO_NOISE
    total = float(np.var(weight @ stats.stratum_sums(answers, codes), ddof=1))
    # The mean over pairs of seeds of half the item variance of their difference.
    # Deviations are summed over seeds, then divided by seeds - 1 (df): the mean took one degree.
    apart = answers - answers.mean(axis=1, keepdims=True)
    items = float((weight**2 @ stats.stratum_variances(apart, codes)).sum()) / df
    return SeedNoise(total, items, df)


def lent_noise(noises: Iterable[SeedNoise]) -> SeedNoise:
    """What other arms' `noises` say of an arm with a single seed: their mean.

    Its degrees of freedom are few where one arm has most of the noise. Satterthwaite's formula
    gives too few of them for arms of two or three seeds; Welch's correction of it (+ 2, - 2) gives
    too many where arms are unlike. Half of the correction has false alarms nearest to 5 %.
    """
    known = [noise for noise in noises if noise.df]
    if not known:
        return NO_NOISE
    total = sum(noise.total for noise in known)
    squares = sum(noise.total**2 / (noise.df + 1) for noise in known)
    df = total**2 / squares - 1 if squares else sum(noise.df for noise in known)
    return SeedNoise(total / len(known), sum(noise.items for noise in known) / len(known), df)


def noises_of(
    arms: dict[str, np.ndarray], untrained: Iterable[str], codes: np.ndarray, weight: np.ndarray
) -> dict[str, SeedNoise]:
    """Arm to the seed noise to count for it: its own, else lent by the others.

    An arm of `untrained` has none, which no training seed can move. `arms`, `codes`, `weight`: as
    in `seed_noise`.
    """
    own = {arm: seed_noise(a, codes, weight) for arm, a in arms.items() if arm not in untrained}
    lent = lent_noise(own.values())
    return {
        arm: NO_NOISE if arm not in own else (own[arm] if own[arm].df else lent) for arm in arms
    }


@dataclass(frozen=True)
class Difference:
    """A paired difference of two averages with its 95 % interval, two-sided p and t's df.

    error: its standard error, from which the interval and p are made.
    """

    value: float
    low: float
    high: float
    p: float
    df: float
    error: float


def difference(
    first: np.ndarray,
    second: np.ndarray,
    *,
    codes: np.ndarray,
    weight: np.ndarray,
    noises: tuple[SeedNoise, SeedNoise],
) -> Difference:
    """The difference of two arms' averages; `first` and `second` are (items, seeds) of 0 and 1.

    noises: what is known of either arm's training seeds (`noises_of`). The squared standard error
    is the variance between items, cleared of what the seeds' disagreement on items explains, plus
    the variance between seeds over their number, plus UNSEEN_ITEMS. The interval has a width even
    where the arms answered alike, and stays within -1 and 1. With NO_NOISE twice: items only, and
    the normal distribution.
    """
    apart = (first.mean(axis=1) - second.mean(axis=1))[:, None]
    value = float(weight @ stats.stratum_sums(apart, codes)[:, 0])
    items = float(weight**2 @ stats.stratum_variances(apart, codes)[:, 0])
    # Noise that both arms were lent is one estimate, not two.
    drawn: dict[SeedNoise, float] = {}
    for answers, noise in zip((first, second), noises, strict=True):
        drawn[noise] = drawn.get(noise, 0.0) + 1 / answers.shape[1]
    # `items` is a variance of means over seeds already; `total` and `noise.items` are of one seed.
    seeds = sum(noise.total * share for noise, share in drawn.items())
    explained = sum(noise.items * share for noise, share in drawn.items())
    unseen = UNSEEN_ITEMS / stats.effective_items(codes, weight) ** 2
    # An estimate of a variance less another may be negative; the seeds' own part always counts.
    variance = max(0.0, items - explained) + seeds + unseen
    df = math.inf
    if seeds > 0:
        squares = sum((n.total * share) ** 2 / n.df for n, share in drawn.items() if n.df)
        df = seeds**2 / squares * (variance / seeds) ** SHARE_POWER
    error = math.sqrt(variance)
    half = quantile95(df) * error
    low, high = max(-1.0, value - half), min(1.0, value + half)
    return Difference(value, low, high, two_sided_p(value / error, df), df, error)
