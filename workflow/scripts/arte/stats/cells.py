"""Table cells from predictions: accuracy, its interval, and paired differences between arms."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from arte.core.errors import ArteError
from arte.core.tasks import CATEGORIES
from arte.stats import intervals as stats
from arte.stats.paired import SeedNoise, difference, noises_of

ALL = "BBH"
"""The column over every category."""

AVERAGES = ("micro", "macro_tasks", "macro_files")
"""How items are averaged: over items (primary), over the 23 tasks, over the 27 files (audit 3)."""

UNTRAINED = ("vanilla",)
"""Arms without training, which no training seed can move."""


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


@dataclass(frozen=True)
class Slice:
    """One column under one average: `weight` (S,) turns stratum sums of answers into it."""

    column: str
    average: str
    weight: np.ndarray


def bbh_slices(strata: pl.DataFrame) -> list[Slice]:
    """The categories that occur, in the paper's order, then all of BBH, under every average."""
    names = [c for c in CATEGORIES if c in strata["category"]]
    inside = {name: strata["category"] == name for name in names}
    inside[ALL] = pl.repeat(True, strata.height, eager=True)
    return [
        Slice(name, average, weights(strata, here, average))
        for name, here in inside.items()
        for average in AVERAGES
    ]


def task_slices(strata: pl.DataFrame) -> list[Slice]:
    """The reporting tasks (23 in all of BBH), over items, in alphabetical order."""
    return [
        Slice(task, "micro", weights(strata, strata["task"] == task, "micro"))
        for task in strata["task"].unique().sort()
    ]


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


def level(data: Outcomes, arm: str, part: Slice) -> dict:
    """Accuracy of one arm in one slice, in percent, with its 95 % interval over items.

    The interval is Wilson's: for the plain share of one training seed as it is, else with the
    design effect of the strata and of the mean over training seeds (`designed_wilson`). Seeds are
    held fixed: their spread is given beside it (seed_sd), not inside it.
    """
    by_seed = part.weight @ stats.stratum_sums(data.strict[arm], data.codes)
    n = n_items(data, part)
    plain = part.average == "micro" and len(by_seed) == 1
    if plain:
        low, high = stats.wilson(round(by_seed[0] * n), n)
    else:
        means = data.strict[arm].mean(axis=1, keepdims=True)
        variance = float(part.weight**2 @ stats.stratum_variances(means, data.codes)[:, 0])
        items = stats.effective_items(data.codes, part.weight)
        low, high = stats.designed_wilson(by_seed.mean(), variance, items)
    spread = stats.seed_sd(by_seed)
    return {
        "arm": arm,
        "column": part.column,
        "average": part.average,
        "n": n,
        "seeds": len(by_seed),
        "strict": 100 * by_seed.mean(),
        "low": 100 * low,
        "high": 100 * high,
        "interval": "wilson" if plain else "wilson, design effect",
        "seed_sd": None if spread is None else 100 * spread,
        "lenient": 100 * _mean(part.weight, data.lenient[arm], data.codes),
        "tagged": 100 * _mean(part.weight, data.tagged[arm], data.codes),
    }


def n_items(data: Outcomes, part: Slice) -> int:
    """How many items a slice averages over."""
    return int(data.strata["n"].to_numpy()[part.weight > 0].sum())


def _mean(weight: np.ndarray, values: np.ndarray, codes: np.ndarray) -> float:
    return float((weight @ stats.stratum_sums(values, codes)).mean())


def differences(data: Outcomes, pairs: list[tuple[str, str]], parts: list[Slice]) -> list[dict]:
    """Arm minus reference for each of `pairs` in each slice, paired over items, in points.

    Where trained arms have two seeds, interval and p count items and training seeds, each arm with
    a seed noise of its own (arte.stats.paired); else items alone. `counts` says which.
    """
    rows = []
    for part in parts:
        noises = noises_of(data.strict, UNTRAINED, data.codes, part.weight)
        rows += [_compared(data, pair, part, noises) for pair in pairs]
    return rows


def _compared(
    data: Outcomes, pair: tuple[str, str], part: Slice, noises: dict[str, SeedNoise]
) -> dict:
    first, second = (data.strict[arm] for arm in pair)
    noise = (noises[pair[0]], noises[pair[1]])
    found = difference(first, second, codes=data.codes, weight=part.weight, noises=noise)
    seeded = any(each.df for each in noise)
    return {
        "arm": pair[0],
        "reference": pair[1],
        "column": part.column,
        "average": part.average,
        "n": n_items(data, part),
        "seeds": first.shape[1],
        "reference_seeds": second.shape[1],
        "difference": 100 * found.value,
        "low": 100 * found.low,
        "high": 100 * found.high,
        "p": found.p,
        "counts": "items and seeds" if seeded else "items",
        "error": 100 * found.error,
        "df": found.df if seeded else None,
    }


def with_holm(rows: list[dict], family: str, *, by: tuple[str, ...] = ()) -> list[dict]:
    """Rows with Holm's p over each family of rows that agree in the keys `by`.

    family: what the rows of one family are, such as arms or tasks (column `holm_over`).
    """
    families: dict[tuple, list[int]] = {}
    for index, row in enumerate(rows):
        families.setdefault(tuple(row[key] for key in by), []).append(index)
    adjusted: dict[int, float] = {}
    for members in families.values():
        p_values = stats.holm([rows[index]["p"] for index in members])
        adjusted |= dict(zip(members, p_values, strict=True))
    return [
        row | {"p_holm": adjusted[index], "holm_over": family} for index, row in enumerate(rows)
    ]
