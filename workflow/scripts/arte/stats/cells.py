"""Table cells from predictions: accuracy, its interval, and paired differences between arms."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from arte.core.errors import ArteError
from arte.stats import intervals as stats
from arte.stats import power
from arte.stats.paired import SeedNoise, difference, noises_of
from arte.stats.slices import Slice

UNTRAINED = ("vanilla",)
"""Arms without training, which no training seed can move."""


@dataclass(frozen=True)
class Outcomes:
    """What every arm of one student answered in one shot setting, on the same items in order.

    strata: one row per subtask (subtask, task, category, n); codes: (items,) row of `strata`;
    strict, lenient, tagged, cut_off: arm to (items, seeds) of 0 and 1, or means of them.
    """

    student: str
    shots: int
    strata: pl.DataFrame
    codes: np.ndarray
    strict: dict[str, np.ndarray]
    lenient: dict[str, np.ndarray]
    tagged: dict[str, np.ndarray]
    cut_off: dict[str, np.ndarray]


MEASURES = {
    "strict": pl.col("correct"),
    "lenient": pl.col("correct_lenient"),
    "tagged": pl.col("tagged"),
    "cut_off": pl.col("finish_reason") == "length",
}
"""What is measured of each answer, from the columns of PREDICTIONS."""

ITEM = ("subtask", "task", "category", "item_id")
"""The columns that tell what item an answer is about."""


def outcomes(predictions: pl.DataFrame, shots: int, arms: list[str]) -> Outcomes:
    """Align the arms' PREDICTIONS of one student and shot setting item by item.

    Several answers of one arm and seed to one item (students of one teacher) count by their mean.
    Raises ArteError where an arm and seed answered other items than the first arm (differences
    between arms are paired, so nothing may be missing), and where a question was never asked.
    """
    here = predictions.filter(pl.col("shots") == shots)
    _check_asked(here)
    student = here["student"][0]
    here = here.group_by(*ITEM, "arm", "seed").agg(*_means()).sort("subtask", "item_id", "seed")
    by_arm = {arm: here.filter(pl.col("arm") == arm) for arm in arms}
    items = _items(by_arm[arms[0]])
    for arm, rows in by_arm.items():
        if rows.is_empty():
            raise _unpaired(arm, None, shots, 0, arms[0], items.height)
        for (seed,), part in rows.group_by("seed"):
            if not part.select(items.columns).equals(items):
                raise _unpaired(arm, seed, shots, part.height, arms[0], items.height)
    strata = items.group_by("subtask", "task", "category").len("n").sort("subtask")
    # exact only because `strata` is sorted by subtask and holds each subtask once
    codes = strata["subtask"].search_sorted(items["subtask"]).to_numpy()
    measured: dict[str, dict[str, np.ndarray]] = {name: {} for name in MEASURES}
    for arm, rows in by_arm.items():
        for name, matrices in measured.items():
            # rows are sorted by item, then seed: (items, seeds) in C order, nothing to transpose
            matrices[arm] = rows[name].to_numpy(writable=True).reshape(items.height, -1)
    return Outcomes(student, shots, strata, codes, **measured)


def _items(rows: pl.DataFrame) -> pl.DataFrame:
    first = rows.filter(pl.col("seed") == rows["seed"].min())
    return first.select(ITEM)


def _means() -> list[pl.Expr]:
    return [measure.mean().alias(name) for name, measure in MEASURES.items()]


def _check_asked(rows: pl.DataFrame) -> None:
    """Raise ArteError for prompts that did not fit the model: no answer is no wrong answer."""
    never = rows.filter(pl.col("finish_reason") == "too_long")
    if never.height:
        first = never.row(0, named=True)
        raise ArteError(
            expected="an answer to every test item",
            found=f"{never.height} prompts too long for the model, the first being item"
            f" {first['item_id']} of {first['subtask']}, {first['shots']}-shot",
            where=f"the predictions of {first['student']} trained on {first['arm']}",
            remedy="raise engine.max_model_len or lower evaluate.max_tokens, then evaluate again",
        )


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
class Cell:
    """The accuracy of one arm in one slice, in percent.

    interval: how [low, high] was found; seed_sd: None for one seed; tagged: share of answers in a
    tag; cut_off: share that the token limit ended.
    """

    student: str
    shots: int
    arm: str
    column: str
    average: str
    n: int
    seeds: int
    strict: float
    low: float
    high: float
    interval: str
    seed_sd: float | None
    lenient: float
    tagged: float
    cut_off: float


def level(data: Outcomes, arm: str, part: Slice) -> Cell:
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
    return Cell(
        student=data.student,
        shots=data.shots,
        arm=arm,
        column=part.column,
        average=part.average,
        n=n,
        seeds=len(by_seed),
        strict=100 * float(by_seed.mean()),
        low=100 * low,
        high=100 * high,
        interval="wilson" if plain else "wilson, design effect",
        seed_sd=None if spread is None else 100 * spread,
        lenient=100 * _mean(part.weight, data.lenient[arm], data.codes),
        tagged=100 * _mean(part.weight, data.tagged[arm], data.codes),
        cut_off=100 * _mean(part.weight, data.cut_off[arm], data.codes),
    )


def n_items(data: Outcomes, part: Slice) -> int:
    """How many items a slice averages over."""
    return int(data.strata["n"].to_numpy()[part.weight > 0].sum())


def _mean(weight: np.ndarray, values: np.ndarray, codes: np.ndarray) -> float:
    return float((weight @ stats.stratum_sums(values, codes)).mean())


@dataclass(frozen=True)
class Comparison:
    """Arm minus reference in one slice, paired over items, in points.

    mde: the smallest true difference that is found with 80 % power; p_holm: p itself until
    `with_holm`; holm_over: what the members of its Holm family are; counts: "items" or "items and
    seeds"; error: standard error; df: degrees of freedom of t, None where items alone are counted
    and the normal is used.
    """

    student: str
    shots: int
    arm: str
    reference: str
    column: str
    average: str
    n: int
    seeds: int
    reference_seeds: int
    difference: float
    low: float
    high: float
    mde: float
    p: float
    p_holm: float
    holm_over: str
    counts: str
    error: float
    df: float | None


def differences(
    data: Outcomes, pairs: list[tuple[str, str]], parts: list[Slice], family: str
) -> list[Comparison]:
    """Arm minus reference for each of `pairs` in each slice, paired over items, in points.

    Where trained arms have two seeds, interval and p count items and training seeds, each arm with
    a seed noise of its own (arte.stats.paired); else items alone. `counts` says which.
    """
    rows = []
    for part in parts:
        noises = noises_of(data.strict, UNTRAINED, data.codes, part.weight)
        for pair in pairs:
            rows.append(_compared(data, pair, part, noises, family))
    return rows


def _compared(
    data: Outcomes,
    pair: tuple[str, str],
    part: Slice,
    noises: dict[str, SeedNoise],
    family: str,
) -> Comparison:
    first, second = data.strict[pair[0]], data.strict[pair[1]]
    noise = (noises[pair[0]], noises[pair[1]])
    found = difference(first, second, codes=data.codes, weight=part.weight, noises=noise)
    seeded = any(each.df for each in noise)
    return Comparison(
        student=data.student,
        shots=data.shots,
        arm=pair[0],
        reference=pair[1],
        column=part.column,
        average=part.average,
        n=n_items(data, part),
        seeds=first.shape[1],
        reference_seeds=second.shape[1],
        difference=100 * found.value,
        low=100 * found.low,
        high=100 * found.high,
        mde=100 * power.detectable(found.error, found.df),
        p=found.p,
        p_holm=found.p,
        holm_over=family,
        counts="items and seeds" if seeded else "items",
        error=100 * found.error,
        df=found.df if seeded else None,
    )


def with_holm(rows: list[Comparison], by: dict[str, tuple[str, ...]]) -> list[Comparison]:
    """Rows with Holm's p over each family.

    by: `holm_over` to the fields in which the members of one family agree.
    """
    families: dict[tuple, list[int]] = {}
    for index, row in enumerate(rows):
        shared = [getattr(row, name) for name in by[row.holm_over]]
        families.setdefault((row.holm_over, *shared), []).append(index)
    found = list(rows)
    for members in families.values():
        p_values = stats.holm([rows[index].p for index in members])
        for index, p in zip(members, p_values, strict=True):
            found[index] = replace(rows[index], p_holm=p)
    return found
