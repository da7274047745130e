"""Means over rationales that were all scored on the same items, both being drawn."""

import math

import numpy as np

from arte.stats import intervals as stats
from arte.stats.student_t import quantile95


def crossed_variance(values: np.ndarray, clusters: np.ndarray) -> float:
    """Sampling variance of the mean of `values` (rows, items), rows of a cluster being alike.

    clusters: (rows,), such as the question that a rationale belongs to. Clusters and items are
    both drawn, so each adds its variance, less what they share (Cameron, Gelbach & Miller 2011).
    Of a single cluster, or a single item, only the other one's variance is known.
    """
    codes = np.unique(clusters, return_inverse=True)[1]
    cells = stats.stratum_sums(values - values.mean(), codes)
    n_clusters, n_items = cells.shape
    by_cluster = float((cells.sum(axis=1) ** 2).sum()) * n_clusters / max(n_clusters - 1, 1)
    by_item = float((cells.sum(axis=0) ** 2).sum()) * n_items / max(n_items - 1, 1)
    # a cell's square is in both sums: subtract it once, but not where it is all that is known
    both = float((cells**2).sum()) if n_clusters > 1 and n_items > 1 else 0.0
    # the difference can be negative or below either part; sums become a mean's by size squared
    return max(by_cluster + by_item - both, by_cluster, by_item) / values.size**2


def crossed_interval(right: np.ndarray, clusters: np.ndarray) -> tuple[float, float]:
    """95 % interval of the mean of `right` (rows, items) of 0 and 1 over clusters and items.

    Wilson's with the design effect of `crossed_variance` on as many trials as there are items:
    however many rationales agree, what they agree on are these items. It is never a point.
    """
    variance = crossed_variance(right, clusters)
    return stats.designed_wilson(float(right.mean()), variance, right.shape[1])


def cluster_interval(values: np.ndarray, clusters: np.ndarray) -> tuple[float, float] | None:
    """95 % t interval of the mean of `values` (rows,) over clusters of rows.

    None where no variance is seen: one cluster alone, or all values equal.
    """
    variance = crossed_variance(values[:, None], clusters)
    n_clusters = len(np.unique(clusters))
    if n_clusters < 2 or variance <= 0:
        return None
    mean, half = float(values.mean()), quantile95(n_clusters - 1) * math.sqrt(variance)
    return mean - half, mean + half
