"""A/A check: how often the comparison of arms calls two halves of one arm different."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.evaluate.tables import PREDICTIONS
from arte.report import render
from arte.report.build import by_shots, of_student
from arte.report.render import Block, Document
from arte.report.specs import TABLE2
from arte.report.text import setting
from arte.stats import intervals as stats
from arte.stats.cells import UNTRAINED
from arte.stats.paired import NO_NOISE, difference, lent_noise, seed_noise

LEVEL = 0.05
"""The level whose share of false alarms is measured."""

DRAWS = ("half", "bootstrap")
"""How each resample draws items within a subtask: half of them, none twice, or all with repeats."""

METHODS = ("items and seeds", "items")
"""What the comparison counts: as in the tables where arms have seeds, and as a contrast."""

CHECK = (
    "Each resample takes two disjoint halves of the training seeds of one arm and some of the"
    " items, compares them as two arms (strict accuracy over all of BBH), and asks whether p <"
    " 0.05. A sound comparison says so in about 5 %. Halves of two seeds or more have seed noises"
    " of their own, as arms in the tables. Single seeds (arms of two or three) are lent the mean"
    " noise of the other arms and of the seeds left out: an arm noisier than these is called"
    " different in more than 5 %, a quieter one in less, and the mean over arms is checked."
)

DRAWN = (
    "half: half of the items of each subtask, a fresh sample of them. bootstrap: as many items as"
    " there are, with repeats, so that the noise of items counts twice in the difference. The seed"
    " noise, measured on the same draw, takes that up. Items alone can't, and exceed 5 % there even"
    " where training adds no noise (17 %)."
)

CONTRAST = (
    "items: the same comparison without seed noise, for contrast. The resamples share a few trained"
    " models, so that the interval (Wilson, 95 %) shows the noise of resampling only; that of"
    " trainings is far larger. benchmarks/coverage.py repeats the check on simulated runs."
)

Halves = tuple[np.ndarray, np.ndarray]
"""Two disjoint sets of the training seeds of one arm, as column numbers."""


def picks(
    arms: dict[str, np.ndarray], resamples: int, rng: np.random.Generator
) -> Iterator[tuple[str, Halves]]:
    """(arm, halves of its seeds) per resample, uniform over those of `arms` that have two seeds.

    arms: trained arm to (items, seeds). Raises ArteError unless noise can be estimated without the
    seeds compared: some arm has four seeds, or two arms have two.
    """
    trained = {arm: answers.shape[1] for arm, answers in arms.items()}
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
        half = trained[arm] // 2
        order = rng.permutation(trained[arm])
        yield arm, (order[:half], order[half : 2 * half])


def drawn_items(codes: np.ndarray, draw: str, rng: np.random.Generator) -> np.ndarray:
    """Indices of the items of one resample, drawn within each stratum of `codes` (items,)."""
    found = []
    for stratum in range(int(codes.max()) + 1):
        inside = np.flatnonzero(codes == stratum)
        size = max(1, len(inside) // 2) if draw == "half" else len(inside)
        found.append(rng.choice(inside, size=size, replace=draw == "bootstrap"))
    return np.concatenate(found)


def p_values(
    arms: dict[str, np.ndarray], codes: np.ndarray, arm: str, halves: Halves
) -> tuple[float, float]:
    """The p of one half of the seeds of `arm` against the other, by each of METHODS.

    arms: trained arm to (items, seeds) of 0 and 1 on the items drawn; codes: (items,) strata.
    """
    weight = np.full(int(codes.max()) + 1, 1 / len(codes))
    first, second = (arms[arm][:, half] for half in halves)
    if first.shape[1] > 1:
        noises = (seed_noise(first, codes, weight), seed_noise(second, codes, weight))
    else:
        rest = arms | {arm: np.delete(arms[arm], np.concatenate(halves), axis=1)}
        lent = lent_noise(seed_noise(answers, codes, weight) for answers in rest.values())
        noises = (lent, lent)
    ours, items = (
        difference(first, second, codes=codes, weight=weight, noises=counted).p
        for counted in (noises, (NO_NOISE, NO_NOISE))
    )
    return ours, items


def drawn_p_values(
    arms: dict[str, np.ndarray], codes: np.ndarray, draw: str, resamples: int, *seed: str | int
) -> np.ndarray:
    """(resamples, methods) p values; `arms`, `codes` as in `p_values`, on all items."""
    rng = job.derived_rng("aa", *seed, draw)
    found = []
    for arm, halves in picks(arms, resamples, rng):
        chosen = drawn_items(codes, draw, rng)
        here = {name: answers[chosen] for name, answers in arms.items()}
        found.append(p_values(here, codes[chosen], arm, halves))
    return np.array(found)


def check(predictions: pl.DataFrame, *, resamples: int, seed: int) -> pl.DataFrame:
    """The share of significant A/A comparisons by shot setting, draw of items and method."""
    rows = []
    for shots, data in by_shots(predictions):
        arms = {arm: a for arm, a in data.strict.items() if arm not in UNTRAINED}
        for draw in DRAWS:
            p = drawn_p_values(arms, data.codes, draw, resamples, seed, shots)
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
    rows = []
    for draw in DRAWS:
        for row in frame.filter(draw=draw).iter_rows(named=True):
            drawn = [row["draw"], row["counts"]]
            sizes = [str(row["n"]), str(row["resamples"]), str(row["significant"])]
            share = f"{row['share']:.1f} [{row['low']:.1f}, {row['high']:.1f}]"
            rows.append([setting(row["shots"]), *drawn, *sizes, share])
    title = "A/A: two halves of the training seeds of one arm"
    header = ["setting", "draw", "counts", "items", "resamples", "p < 0.05", "share, %"]
    return Document(title, [CHECK, DRAWN, CONTRAST], [Block("False alarms", header, rows)])


@cli
def main() -> None:
    """Command line; --cfg has seed, student and resamples."""
    args = job.parse(__doc__, "--cfg", "--predictions+", "--output+")
    cfg = args.cfg
    predictions = io.read_tables(args.predictions, PREDICTIONS)
    mine = of_student(predictions, TABLE2, cfg["student"])
    frame = check(mine, resamples=cfg["resamples"], seed=cfg["seed"])
    for path in args.output:
        csv = path.endswith(".csv")
        text = frame.write_csv(float_precision=6) if csv else render.markdown(document(frame))
        io.write_text(text, path)


if __name__ == "__main__":
    main()
