"""A/A check: how often the comparison of arms calls two seeds of one arm different."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.evaluate.tables import PREDICTIONS
from arte.report import render
from arte.report.bbh import on_bbh
from arte.report.render import Block, Document
from arte.report.text import by_shots, setting
from arte.stats import intervals as stats
from arte.stats.cells import UNTRAINED, Outcomes
from arte.stats.paired import NO_NOISE, difference, seed_noise

LEVEL = 0.05
"""The level whose share of false alarms is measured."""

DRAWS = ("half", "bootstrap")
"""How each resample draws items within a subtask: half of them, none twice, or all with repeats."""

METHODS = ("items and seeds", "items")
"""What the comparison counts: as in the tables where arms have seeds, and as a contrast."""

CHECK = (
    "Each resample takes two training seeds of one arm and some of the items, compares them as two"
    " arms of one seed each (strict accuracy over all of BBH; seed noise pooled over every other"
    " seed), and asks whether p < 0.05. A sound comparison says so in about 5 % or less."
)

DRAWN = (
    "half: half of the items of each subtask, a fresh sample of them. bootstrap: as many items as"
    " there are, with repeats, so that the noise of items counts twice in the difference: the seed"
    " noise, measured on the same draw, takes that up; items alone can't, and exceed 5 % there"
    " even where training adds no noise (17 %)."
)

CONTRAST = (
    "items: the same comparison without seed noise, for contrast. The resamples share a few trained"
    " models, so that the interval (Wilson, 95 %) tells the noise of resampling only."
)


def picks(data: Outcomes, resamples: int, rng: np.random.Generator) -> Iterator[tuple]:
    """(arm, two of its seeds) per resample, uniform over trained arms that have two seeds.

    Raises ArteError unless, with any two seeds taken out, some arm still has two.
    """
    trained = {
        arm: answers.shape[1] for arm, answers in data.strict.items() if arm not in UNTRAINED
    }
    several = [arm for arm, seeds in trained.items() if seeds > 1]
    if not several or (len(several) == 1 and trained[several[0]] < 4):
        raise ArteError(
            expected="two training seeds of two arms, or four of one",
            found=", ".join(f"{arm}: {seeds}" for arm, seeds in trained.items()) or "no arms",
            where="the predictions given",
            remedy="train with more seeds (config key finetune.seeds)",
        )
    for _ in range(resamples):
        arm = several[rng.integers(len(several))]
        yield arm, rng.choice(trained[arm], size=2, replace=False)


def drawn_items(codes: np.ndarray, draw: str, rng: np.random.Generator) -> np.ndarray:
    """Indices of the items of one resample, drawn within each stratum of `codes` (items,)."""
    found = []
    for stratum in range(int(codes.max()) + 1):
        inside = np.flatnonzero(codes == stratum)
        size = max(1, len(inside) // 2) if draw == "half" else len(inside)
        found.append(rng.choice(inside, size=size, replace=draw == "bootstrap"))
    return np.concatenate(found)


def p_values(
    data: Outcomes, arm: str, seeds: np.ndarray, chosen: np.ndarray
) -> tuple[float, float]:
    """The p of seeds[0] against seeds[1] of `arm` on the items `chosen`, by each of METHODS."""
    codes = data.codes[chosen]
    weight = np.full(int(codes.max()) + 1, 1 / len(chosen))
    answers = {name: a[chosen] for name, a in data.strict.items() if name not in UNTRAINED}
    first, second = (answers[arm][:, [seed]] for seed in seeds)
    rest = answers | {arm: np.delete(answers[arm], seeds, axis=1)}
    noises = (seed_noise(list(rest.values()), codes, weight), NO_NOISE)
    ours, items = (
        difference(first, second, codes=codes, weight=weight, noise=noise, drawn=2).p
        for noise in noises
    )
    return ours, items


def check(predictions: pl.DataFrame, *, resamples: int, seed: int) -> pl.DataFrame:
    """The share of significant A/A comparisons by shot setting, draw of items and method."""
    rows = []
    for shots, data in by_shots(predictions):
        for draw in DRAWS:
            rng = job.derived_rng("aa", seed, shots, draw)
            p = np.array(
                [
                    p_values(data, arm, seeds, drawn_items(data.codes, draw, rng))
                    for arm, seeds in picks(data, resamples, rng)
                ]
            )
            for method, column in zip(METHODS, p.T, strict=True):
                significant = int((column < LEVEL).sum())
                low, high = stats.wilson(significant, resamples)
                rows.append(
                    {
                        "shots": shots,
                        "draw": draw,
                        "counts": method,
                        "n": len(data.codes),
                        "resamples": resamples,
                        "significant": significant,
                        "share": 100 * significant / resamples,
                        "low": 100 * low,
                        "high": 100 * high,
                    }
                )
    return pl.DataFrame(rows)


def document(frame: pl.DataFrame) -> Document:
    """The check as text: the half draws, in which items alone have a fair chance, come first."""
    rows = [
        [
            setting(row["shots"]),
            row["draw"],
            row["counts"],
            str(row["n"]),
            str(row["resamples"]),
            str(row["significant"]),
            f"{row['share']:.1f} [{row['low']:.1f}, {row['high']:.1f}]",
        ]
        for draw in DRAWS
        for row in frame.filter(draw=draw).iter_rows(named=True)
    ]
    title = "A/A: two seeds of one arm"
    header = ["setting", "draw", "counts", "items", "resamples", "p < 0.05", "share, %"]
    return Document(title, [CHECK, DRAWN, CONTRAST], [Block("False alarms", header, rows)])


@cli
def main() -> None:
    """Command line; --cfg has seed, student and resamples."""
    args = job.parse(__doc__, "--cfg", "--predictions+", "--output+")
    cfg = args.cfg
    predictions = on_bbh(io.read_tables(args.predictions, PREDICTIONS), cfg["student"])
    frame = check(predictions, resamples=cfg["resamples"], seed=cfg["seed"])
    for path in args.output:
        csv = path.endswith(".csv")
        text = frame.write_csv(float_precision=6) if csv else render.markdown(document(frame))
        io.write_text(text, path)


if __name__ == "__main__":
    main()
