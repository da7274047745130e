"""What a cell averages over: strata of items, weighted by an average."""

from dataclasses import dataclass

import numpy as np
import polars as pl


@dataclass(frozen=True)
class Slice:
    """One column under one average: `weight` (S,) turns stratum sums of answers into it."""

    column: str
    average: str
    weight: np.ndarray


def weights(strata: pl.DataFrame, inside: pl.Series, average: str) -> np.ndarray:
    """(S,) weights that turn stratum sums of answers into one average over strata `inside`."""
    here = inside.to_numpy().astype(float)
    n = strata["n"].to_numpy()
    if average == "micro":
        return here / (here * n).sum()
    if average == "macro_tasks":
        n_task = strata.select(pl.col("n").sum().over("task")).to_series().to_numpy()
        return here / (strata.filter(inside)["task"].n_unique() * n_task)
    return here / (here.sum() * n)
