"""Do the intervals and tests of the tables hold? Simulated runs of which the truth is known.

    OMP_NUM_THREADS=1 PYTHONPATH=workflow/scripts python benchmarks/coverage.py --runs 10000

prints how often each rule for the noise of training seeds covers the true difference of two arms at
a nominal 95 %, for the worst, mean and best pair of eleven arms of three seeds on 600 items; false
alarms of the A/A check; and the coverage of a single accuracy. Needs numpy, and torch for digamma.
"""

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import torch

from arte.report import aa
from arte.stats import intervals as stats
from arte.stats import paired
from arte.stats.student_t import quantile95

STRATA, PER_STRATUM = 6, 100
ITEMS = STRATA * PER_STRATUM
CODES = np.repeat(np.arange(STRATA), PER_STRATUM)
WEIGHT = np.full(STRATA, 1 / ITEMS)

ITEM_SD, OWN_SD = 1.0, 0.7
"""Probit scale: how much items differ in difficulty for all arms, and for each arm apart."""

FAMILY = np.arange(11) < 4
"""The first four arms are instruction sets, the others were written by the teacher."""

ACCURACY = {
    "zero-shot": [29.1, 17.2, 17.8, 1.3, 90.9, 85.6, 61.2, 83.8, 87.1, 60.0, 60.0],
    "three-shot": [28.7, 34.3, 31.6, 25.4, 57.7, 55.6, 57.4, 52.4, 57.9, 55.0, 55.0],
}
SEED_SD = {
    "zero-shot": [3.8, 1.6, 1.3, 0.7, 0.6, 0.5, 1.2, 0.4, 1.1, 2.6, 1.0],
    "three-shot": [1.0, 3.8, 2.6, 0.5, 1.3, 1.5, 1.6, 0.7, 1.4, 1.0, 2.0],
}
"""Accuracies and standard deviations between seeds, in percent and points, of nine trained arms as
a run of nano models printed them; two more arms make eleven."""

_INVERSE = np.linspace(0, 1, 401)
_QUANTILES = np.array([stats.Z95, *(quantile95(1 / inverse) for inverse in _INVERSE[1:])])


def t95(df: np.ndarray) -> np.ndarray:
    """`quantile95` of many degrees of freedom, from a table."""
    return np.interp(1 / np.maximum(df, 1), _INVERSE, _QUANTILES)


@dataclass(frozen=True)
class Setting:
    """Arms with their true accuracies and seed SDs, both from 0 to 1, and seeds per arm."""

    name: str
    accuracy: np.ndarray
    seed_sd: np.ndarray
    seeds: int = 3


def settings() -> Iterator[Setting]:
    """The printed spreads, equal spreads, and other numbers of seeds."""
    for name, sd in SEED_SD.items():
        yield Setting(f"{name} spreads", np.array(ACCURACY[name]) / 100, np.array(sd) / 100)
    three = np.array(ACCURACY["three-shot"]) / 100
    for equal in (0.0, 1.4, 3.8):
        yield Setting(f"all {equal} points", three, np.full(11, equal / 100))
    for seeds in (2, 5):
        sd = np.array(SEED_SD["three-shot"]) / 100
        yield Setting(f"three-shot spreads, {seeds} seeds", three, sd, seeds)


def answers(setting: Setting, draw: np.random.Generator) -> np.ndarray:
    """(arms, seeds, items) of 0 and 1: normal effects of items, arms on items, and seeds.

    On the probit scale the accuracy over all items and seeds is known in closed form.
    """
    normal = NormalDist()
    quantile = np.array([normal.inv_cdf(p) for p in setting.accuracy])
    density = np.array([normal.pdf(z) for z in quantile])
    own = ITEM_SD**2 + OWN_SD**2
    seed_sd = setting.seed_sd / density * math.sqrt(1 + own)
    base = quantile * np.sqrt(1 + own + seed_sd**2)
    arms = len(base)
    on_items = draw.normal(0, ITEM_SD, ITEMS) + draw.normal(0, OWN_SD, (arms, ITEMS))
    shift = draw.normal(0, 1, (arms, setting.seeds)) * seed_sd[:, None]
    ease = (base[:, None] + on_items)[:, None, :] + shift[:, :, None]
    return (draw.standard_normal(ease.shape) < ease).astype(float)


@dataclass(frozen=True)
class Runs:
    """What simulated runs showed, in shares: one row per run.

    total, explained: (runs, arms) variance between seeds, and the part from their disagreement on
    items; found, items: (runs, pairs) differences and their variance between items.
    """

    total: np.ndarray
    explained: np.ndarray
    found: np.ndarray
    items: np.ndarray
    seeds: int


PAIRS = np.triu_indices(len(FAMILY), 1)


def simulated(setting: Setting, runs: int, draw: np.random.Generator) -> Runs:
    """Summaries of `runs` runs: what `paired` computes one by one, for all pairs at once."""
    arms = len(setting.accuracy)
    total, explained = np.empty((2, runs, arms))
    found, items = np.empty((2, runs, len(PAIRS[0])))
    for run in range(runs):
        right = answers(setting, draw)
        mean = right.mean(axis=1)
        total[run] = right.mean(axis=2).var(axis=1, ddof=1)
        apart = _centred(right - mean[:, None])
        explained[run] = (apart**2).sum(axis=(1, 2)) * _unbiased() / (setting.seeds - 1)
        level = _centred(mean)
        shared = level @ level.T * _unbiased()
        items[run] = shared[PAIRS[0], PAIRS[0]] + shared[PAIRS[1], PAIRS[1]] - 2 * shared[PAIRS]
        found[run] = mean[PAIRS[0]].mean(axis=1) - mean[PAIRS[1]].mean(axis=1)
    return Runs(total, explained, found, items, setting.seeds)


def _centred(values: np.ndarray) -> np.ndarray:
    split = values.reshape(*values.shape[:-1], STRATA, PER_STRATUM)
    return (split - split.mean(axis=-1, keepdims=True)).reshape(values.shape)


def _unbiased() -> float:
    return PER_STRATUM / (PER_STRATUM - 1) / ITEMS**2


Interval = tuple[np.ndarray, np.ndarray]
"""Variance and degrees of freedom (runs, pairs) of every difference."""


def pooled(data: Runs, groups: list[np.ndarray] | None = None) -> Interval:
    """One seed variance for all arms, or for each of `groups` (masks of arms)."""
    arms = data.total.shape[1]
    total, explained, df = (np.empty(data.total.shape) for _ in range(3))
    for inside in groups or [np.ones(arms, bool)]:
        total[:, inside] = data.total[:, inside].mean(axis=1, keepdims=True)
        explained[:, inside] = data.explained[:, inside].mean(axis=1, keepdims=True)
        df[:, inside] = inside.sum() * (data.seeds - 1)
    first, second = PAIRS
    same = np.zeros(len(first), bool)
    for inside in groups or [np.ones(arms, bool)]:
        same |= inside[first] & inside[second]
    return _truncated(data, total, explained, df, same)


def _truncated(
    data: Runs, total: np.ndarray, explained: np.ndarray, df: np.ndarray, same: np.ndarray
) -> Interval:
    """Satterthwaite's t; a negative variance of training is cut at 0; `same`: one estimate."""
    first, second = PAIRS
    training = np.maximum(0, total - explained) / data.seeds
    variance = np.maximum(data.items + training[:, first] + training[:, second], 1e-9)
    one, other = total[:, first] / data.seeds, total[:, second] / data.seeds
    squares = np.where(
        same, (one + other) ** 2 / df[:, first], one**2 / df[:, first] + other**2 / df[:, second]
    )
    found = variance**2 / np.maximum(squares, 1e-30)
    return variance, np.maximum(found, np.minimum(df[:, first], df[:, second]))


def families(data: Runs) -> Interval:
    """One seed variance for instruction sets, one for what the teacher wrote."""
    return pooled(data, [FAMILY, ~FAMILY])


def shrunk(data: Runs) -> Interval:
    """Empirical Bayes: variances moderated towards each other (Smyth 2004, as limma does)."""
    df, arms = data.seeds - 1, data.total.shape[1]
    log = np.log(np.maximum(data.total, 1e-12))
    half = torch.tensor(df / 2, dtype=torch.float64)
    excess = log.var(axis=1, ddof=1) - float(torch.polygamma(1, half))
    prior = np.array([2 * _inverse_trigamma(e) if e > 0 else 1e6 for e in excess])[:, None]
    halves = torch.tensor(prior / 2)
    centre = log.mean(axis=1, keepdims=True) - float(torch.digamma(half)) + math.log(df / 2)
    scale = np.exp(centre + torch.digamma(halves).numpy() - np.log(prior / 2))
    scale = np.where(prior < 1e6, scale, data.total.mean(axis=1, keepdims=True))
    total = (prior * scale + df * data.total) / (prior + df)
    freedom = np.repeat(prior + df, arms, axis=1)
    return _truncated(data, total, data.explained, freedom, np.zeros(len(PAIRS[0]), bool))


def _inverse_trigamma(value: float) -> float:
    low, high = 1e-6, 1e9
    for _ in range(80):
        middle = math.sqrt(low * high)
        above = float(torch.polygamma(1, torch.tensor(middle, dtype=torch.float64))) > value
        low, high = (middle, high) if above else (low, middle)
    return low


def tested(data: Runs) -> Interval:
    """Pooled unless an F test of the two arms' variances says at 5 % that they differ."""
    first, second = PAIRS
    one, other = data.total[:, first], data.total[:, second]
    critical = {1: 647.8, 2: 39.0, 4: 9.605}[data.seeds - 1]
    unlike = np.maximum(one, other) > critical * np.minimum(one, other)
    together, apart = pooled(data), welch(data)
    return tuple(np.where(unlike, a, p) for a, p in zip(apart, together, strict=True))


def welch(data: Runs) -> Interval:
    """Each arm's own variance, training cut at 0, Satterthwaite's degrees of freedom."""
    df = np.full(data.total.shape, data.seeds - 1.0)
    return _truncated(data, data.total, data.explained, df, np.zeros(len(PAIRS[0]), bool))


def own(data: Runs, power: float = paired.SHARE_POWER) -> Interval:
    """Each arm's own variance, training not cut: `paired.difference`, for any SHARE_POWER."""
    one, other = (data.total[:, arm] / data.seeds for arm in PAIRS)
    explained = sum(data.explained[:, arm] for arm in PAIRS) / data.seeds
    seeds = np.maximum(one + other, 1e-30)
    unseen = paired.UNSEEN_ITEMS / ITEMS**2
    variance = np.maximum(0, data.items - explained) + seeds + unseen
    df = (data.seeds - 1) * seeds**2 / np.maximum(one**2 + other**2, 1e-60)
    return variance, df * (variance / seeds) ** power


RULES = {
    "pooled over all arms": pooled,
    "pooled within families": families,
    "pooled unless F test": tested,
    "empirical Bayes (limma)": shrunk,
    "own, training cut at 0 (Welch)": welch,
    "own, power 2 (Satterthwaite)": lambda data: own(data, 2.0),
    "own, power 1.5 (chosen)": own,
    "own, power 1": lambda data: own(data, 1.0),
}


def coverage(setting: Setting, runs: int) -> Iterator[list[str]]:
    """A row per rule: coverage in percent over pairs, pairs within 94 to 96, mean width."""
    data = simulated(setting, runs, np.random.default_rng(1))
    first, second = PAIRS
    truth = setting.accuracy[first] - setting.accuracy[second]
    for name, rule in RULES.items():
        variance, df = rule(data)
        half = t95(df) * np.sqrt(variance)
        covered = 100 * (np.abs(data.found - truth) <= half).mean(axis=0)
        within = int(((covered >= 94) & (covered <= 96)).sum())
        figures = (covered.min(), covered.mean(), covered.max())
        cells = [*(f"{figure:.1f}" for figure in figures), f"{within} of {len(truth)}"]
        yield [setting.name, name, *cells, f"{200 * half.mean():.1f}"]


def false_alarms(setting: Setting, runs: int, resamples: int) -> list[str]:
    """The A/A check of arte.report.aa on simulated runs: share of p < 0.05 in percent."""
    draw = np.random.default_rng(2)
    shares = []
    for way in aa.DRAWS:
        found = []
        for run in range(runs):
            right = answers(setting, draw)
            arms = {str(arm): right[arm].T for arm in range(len(right))}
            found.append(aa.drawn_p_values(arms, CODES, way, resamples, run))
        shares += [
            f"{100 * share:.1f}" for share in (np.concatenate(found) < aa.LEVEL).mean(axis=0)
        ]
    return [setting.name, str(runs * resamples), *shares]


def levels(accuracy: float, seeds: int, runs: int, n: int = PER_STRATUM) -> list[str]:
    """Coverage and width of one accuracy's interval over items: ours, and the bootstrap's."""
    draw = np.random.default_rng(3)
    ease = NormalDist().inv_cdf(accuracy) * math.sqrt(2) + draw.normal(0, 1, (runs, n))
    means = (draw.normal(0, 1, (runs, n, seeds)) < ease[..., None]).mean(axis=2)
    ours, bootstrap = np.empty((2, runs, 2))
    for run, values in enumerate(means):
        ours[run] = stats.designed_wilson(values.mean(), values.var(ddof=1) / n, n)
        drawn = draw.choice(values, (400, n)).mean(axis=1)
        bootstrap[run] = stats.percentile_interval(drawn)
    cells = []
    for found in (ours, bootstrap):
        inside = (found[:, 0] <= accuracy) & (accuracy <= found[:, 1])
        cells += [f"{100 * inside.mean():.1f}", f"{100 * np.ptp(found, axis=1).mean():.1f}"]
    return [f"{100 * accuracy:.1f}", str(seeds), *cells]


def check(setting: Setting) -> None:
    """`own` must be what the tables use, on one simulated run."""
    draw = np.random.default_rng(4)
    data = simulated(setting, 1, np.random.default_rng(4))
    right = answers(setting, draw)
    variance, df = own(data)
    noises = [paired.seed_noise(arm.T, CODES, WEIGHT) for arm in right]
    for pair, (one, other) in enumerate(zip(*PAIRS, strict=True)):
        both = (noises[one], noises[other])
        found = paired.difference(
            right[one].T, right[other].T, codes=CODES, weight=WEIGHT, noises=both
        )
        wanted = (math.sqrt(variance[0, pair]), df[0, pair])
        np.testing.assert_allclose((found.error, found.df), wanted, rtol=1e-6)


def show(title: str, header: list[str], rows: list[list[str]]) -> None:
    """Print a Markdown table."""
    print(f"\n## {title}\n\n| {' | '.join(header)} |\n|{'---|' * len(header)}")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10000, help="simulated runs per setting")
    parser.add_argument("--resamples", type=int, default=20, help="A/A draws of each of 100 runs")
    args = parser.parse_args()
    check(next(settings()))
    header = ["seed SDs", "rule", "worst pair, %", "mean, %", "best, %", "94–96 %", "width"]
    rows = [row for setting in settings() for row in coverage(setting, args.runs)]
    show("Coverage of nominal 95 % intervals of differences", header, rows)
    ways = [f"{way}: {method}" for way in aa.DRAWS for method in aa.METHODS]
    rows = [false_alarms(setting, 100, args.resamples) for setting in settings()]
    show("A/A: p < 0.05 in %", ["seed SDs", "draws", *ways], rows)
    rows = [
        levels(accuracy, seeds, args.runs // 4)
        for seeds in (1, 3)
        for accuracy in (0.003, 0.03, 0.5, 0.9, 0.997)
    ]
    header = ["accuracy, %", "seeds", "coverage, %", "width", "bootstrap: coverage, %", "width"]
    show(f"One accuracy over {PER_STRATUM} items", header, rows)


if __name__ == "__main__":
    main()
