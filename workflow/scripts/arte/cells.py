"""Table cells from predictions: accuracy, its interval, and paired differences between arms."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from arte import stats
from arte.errors import ArteError
from arte.tasks import CATEGORIES

ALL = "BBH"
"""The column over every category."""

AVERAGES = ("micro", "macro_tasks", "macro_files")
"""How items are averaged: over items (primary), over the 23 tasks, over the 27 files (audit 3)."""

RESAMPLES = 4000
"""Bootstrap resamples: Monte Carlo error of an interval end is about 0.03 of its half-width."""


UNCOMPARED = dict.fromkeys(("difference", "difference_low", "difference_high", "p", "p_holm"))
"""The columns of a paired difference, empty for the reference arm itself."""


@dataclass(frozen=True)
class Outcomes:
    """What every arm answered in one shot setting, on the same items in the same order.

    strata: one row per subtask (subtask, task, category, n); codes: (items,) row of `strata`;
    strict, lenient, tagged: arm to (items, seeds) of 0 and 1.
    """

    strata: pl.DataFrame
    codes: np.ndarray
    strict: dict[str, np.ndarray]
    lenient: dict[str, np.ndarray]
    tagged: dict[str, np.ndarray]


def outcomes(predictions: pl.DataFrame, shots: int, arms: list[str]) -> Outcomes:
    """Align the arms' PREDICTIONS of one shot setting item by item.

    Raises ArteError where an arm and seed answered other items than the first arm: differences
    between arms are paired, so nothing may be missing.
    """
    here = predictions.filter(pl.col("shots") == shots).sort("subtask", "item_id", "seed")
    items = _items(here.filter(pl.col("arm") == arms[0]))
    for arm in arms:
        for (seed,), part in here.filter(pl.col("arm") == arm).group_by("seed"):
            if not part.select(items.columns).equals(items):
                raise _unpaired(arm, seed, shots, part.height, arms[0], items.height)
        if not (here["arm"] == arm).any():
            raise _unpaired(arm, None, shots, 0, arms[0], items.height)
    strata = items.group_by("subtask", "task", "category").len("n").sort("subtask")
    codes = strata["subtask"].search_sorted(items["subtask"]).to_numpy()
    matrices = {
        measure: {
            arm: here.filter(pl.col("arm") == arm)[column]
            .to_numpy()
            .reshape(items.height, -1)
            .astype(float)
            for arm in arms
        }
        for measure, column in (
            ("strict", "correct"),
            ("lenient", "correct_lenient"),
            ("tagged", "tagged"),
        )
    }
    return Outcomes(strata, codes, **matrices)


def _items(rows: pl.DataFrame) -> pl.DataFrame:
    first = rows.filter(pl.col("seed") == rows["seed"].min())
    return first.select("subtask", "task", "category", "item_id")


def _unpaired(
    arm: str, seed: int | None, shots: int, n: int, first: str, n_first: int
) -> ArteError:
    return ArteError(
        expected=f"answers of arm {arm}, seed {seed} to the {n_first} items that {first} answered",
        found=f"{n} answers, or to other items",
        where=f"the {shots}-shot predictions",
        remedy="evaluate every arm and seed on the same subtasks and shots, then make the table",
    )


def columns(strata: pl.DataFrame) -> list[str]:
    """The categories that occur, in the paper's order, then the column over all."""
    return [c for c in CATEGORIES if c in strata["category"]] + [ALL]


def weights(strata: pl.DataFrame, column: str, average: str) -> np.ndarray:
    """(S,) weights that turn stratum sums of correctness into one average over `column`."""
    inside = strata.with_columns(
        here=pl.lit(column == ALL) | (pl.col("category") == column),
        n_task=pl.col("n").sum().over("task"),
    )
    here = inside["here"].to_numpy().astype(float)
    if average == "micro":
        return here / (here * inside["n"].to_numpy()).sum()
    if average == "macro_tasks":
        n_tasks = inside.filter("here")["task"].n_unique()
        return here / (n_tasks * inside["n_task"].to_numpy())
    return here / (here.sum() * inside["n"].to_numpy())


def cells(data: Outcomes, *, reference: str, seed: int) -> list[dict]:
    """One row per arm, column and average; accuracies and differences in percent.

    The interval is Wilson's for the plain share of one training seed, else the bootstrap over
    items, stratified by subtask, of the mean over training seeds. Seeds are held fixed: their
    spread is given beside it (seed_sd), not inside it. Differences are paired over items and
    against `reference`; Holm's correction runs over the arms of one column and average.
    """
    arms = list(data.strict)
    means = np.column_stack([data.strict[arm].mean(axis=1) for arm in arms])
    rng = np.random.default_rng(seed)
    drawn = stats.resampled_sums(means, data.codes, resamples=RESAMPLES, rng=rng)
    rows = []
    for column in columns(data.strata):
        for average in AVERAGES:
            weight = weights(data.strata, column, average)
            draws = np.tensordot(drawn, weight, axes=(1, 0))
            group = [
                {"arm": arm, "column": column, "average": average}
                | _level(data, arm, weight, average, draws[:, index])
                for index, arm in enumerate(arms)
            ]
            if reference in arms:
                _compare(group, draws, arms.index(reference))
            rows += group
    return rows


def _level(
    data: Outcomes, arm: str, weight: np.ndarray, average: str, draws: np.ndarray
) -> dict[str, object]:
    by_seed = weight @ stats.stratum_sums(data.strict[arm], data.codes)
    n = int(data.strata["n"].to_numpy()[weight > 0].sum())
    plain = average == "micro" and len(by_seed) == 1
    if plain:
        low, high = stats.wilson(round(by_seed[0] * n), n)
    else:
        low, high = stats.percentile_interval(draws)
    spread = stats.seed_sd(by_seed)
    level = {
        "n": n,
        "seeds": len(by_seed),
        "strict": 100 * by_seed.mean(),
        "low": 100 * low,
        "high": 100 * high,
        "interval": "wilson" if plain else "bootstrap",
        "seed_sd": None if spread is None else 100 * spread,
        "lenient": 100 * _mean(weight, data.lenient[arm], data.codes),
        "tagged": 100 * _mean(weight, data.tagged[arm], data.codes),
    }
    return level | UNCOMPARED


def _mean(weight: np.ndarray, values: np.ndarray, codes: np.ndarray) -> float:
    return float((weight @ stats.stratum_sums(values, codes)).mean())


def _compare(group: list[dict], draws: np.ndarray, reference: int) -> None:
    """Add to each row of one column and average its paired difference from the reference arm."""
    others = [row for index, row in enumerate(group) if index != reference]
    differences = np.delete(draws, reference, axis=1) - draws[:, [reference]]
    p_values = [stats.bootstrap_p(column) for column in differences.T]
    for row, column, p, p_holm in zip(
        others, differences.T, p_values, stats.holm(p_values), strict=True
    ):
        low, high = stats.percentile_interval(column)
        row |= {
            "difference": row["strict"] - group[reference]["strict"],
            "difference_low": 100 * low,
            "difference_high": 100 * high,
            "p": p,
            "p_holm": p_holm,
        }
