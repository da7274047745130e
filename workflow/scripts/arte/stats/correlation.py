"""Pearson's correlation of what was measured over drawn questions and drawn items."""

import math

import numpy as np

from arte.stats.crossed import crossed_variance
from arte.stats.student_t import quantile95


def correlation(
    x: np.ndarray, y: np.ndarray, clusters: np.ndarray
) -> tuple[float, float, float] | None:
    """Pearson's r of `x` (rows,) with the means over items of `y` (rows, items), and its ends.

    clusters: (rows,), such as the question that a rationale belongs to. The 95 % interval counts
    that clusters and items are both drawn (`crossed_variance` of r's influence function), on
    Fisher's scale. Where y has one column it is known without error. None where r or its variance
    is not known: one cluster alone, no variance of x or of y, or r of 1.
    """
    means = y.mean(axis=1)
    groups = len(np.unique(clusters))
    if groups < 2 or np.ptp(x) == 0 or np.ptp(means) == 0:
        return None
    across, up = (x - x.mean()) / x.std(), (means - means.mean()) / means.std()
    r = float((across * up).mean())
    of_row = across * up - r * (across**2 + up**2) / 2
    of_item = (across - r * up)[:, None] * (y - means[:, None]) / means.std()
    variance = crossed_variance(of_row[:, None] + of_item, clusters)
    if variance <= 0 or abs(r) > 1 - 1e-9:
        return None
    df = (groups if y.shape[1] == 1 else min(groups, y.shape[1])) - 1
    half = quantile95(max(df, 1)) * math.sqrt(variance) / (1 - r**2)
    return r, math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
