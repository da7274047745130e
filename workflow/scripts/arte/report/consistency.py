"""Whether the preference set ranks rationales as the whole validation set does (Appendix E).

The printed 93.3 % and 86.7 % are no shares of the 40 drafts that the paper names (audit item 18),
and "aligned" can mean two things (same best rationale, or: the chosen one still beats the rejected
one), so both are counted, ties apart. The preference set is part of the validation set and agrees
with it in part by construction: the items outside it are a second yardstick, random sets of the
same size a control.
"""

from pathlib import Path

import numpy as np
import polars as pl
import yaml

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.prefer.tables.outputs import SCORE_OUTPUTS
from arte.prefer.tables.preference_set import PREFERENCE_SET
from arte.report import render
from arte.report.render import Block, Document
from arte.stats import intervals as stats

DRAWS = 200
"""Random item sets of the control."""

TOTAL = "total"

MEASURES = {
    "same_best": "same best",
    "same_best_untied": "same best, where unique",
    "same_worst": "same worst",
    "same_worst_untied": "same worst, where unique",
    "chosen_beats_rejected": "chosen beats rejected",
}
"""Measure to its name in the report."""

PRINTED = {"same_best": "top_rationale_agreement", "same_worst": "lowest_rationale_agreement"}
"""Measure to its key in published.yaml; the paper doesn't say how it treats ties."""

NOTES = [
    "Cells: x of n questions, share in percent [95 % Wilson interval].",
    "all items: the whole validation set, which holds the preference set: partly by construction.",
    "other items: the validation items outside the preference set.",
    "Only questions with a pair count: if the set scores all rationales alike, it prefers none.",
    "same best, same worst: of equal scores one is drawn, as in the pairs, for each set anew.",
    "where unique: questions with a single best (worst) rationale under both sets.",
    "chosen beats rejected: strictly, under the other set; equal scores are no success.",
    f"random sets: mean [central 95 %] over {DRAWS} seeded item sets of the same size.",
    "A share inside that range does not tell the preference set from a random one.",
    "printed: arXiv 2406.19227, Appendix E; no shares of its 4 x 10 drafts, but of 15, 30, 45, 60.",
]


def grid(outputs: pl.DataFrame) -> tuple[np.ndarray, list[str]]:
    """One subtask's correctness as 0/1 (questions, rationales, items), with the item ids.

    Raises ArteError where a question lacks a rationale or an answer.
    """
    ordered = outputs.sort("question_id", "rationale_id", "item_id")
    axes = [ordered[c].unique().sort() for c in ("question_id", "rationale_id", "item_id")]
    if ordered.height != np.prod([len(axis) for axis in axes]):
        raise ArteError(
            expected="an answer per question, rationale and item: "
            + " x ".join(str(len(axis)) for axis in axes),
            found=f"{ordered.height} answers",
            where=f"the validation outputs of {outputs['subtask'][0]}",
            remedy="run the rule that makes them again",
        )
    shape = [len(axis) for axis in axes]
    return ordered["correct"].to_numpy().astype(np.int64).reshape(shape), axes[2].to_list()


def membership(items: list[str], preference: pl.DataFrame) -> np.ndarray:
    """(1, items) 0/1: which validation items the preference set has; ArteError if it has others."""
    chosen = set(preference["item_id"])
    if not chosen <= set(items):
        raise ArteError(
            expected="a preference set drawn from the validation items",
            found=f"{len(chosen - set(items))} items that were not answered",
            where=f"the preference set of {preference['subtask'][0]}",
            remedy="make both from the same run",
        )
    return np.array([[int(item in chosen) for item in items]])


def random_sets(n: int, k: int, rng: np.random.Generator) -> np.ndarray:
    """(DRAWS, n) 0/1: sets of `k` of `n` items, each drawn without replacement."""
    return (rng.random((DRAWS, n)).argsort(axis=1) < k).astype(np.int64)


def counts(
    subset: np.ndarray, reference: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Measure to (draws, 2): successes and questions counted.

    `subset` and `reference` hold right answers, (draws, questions, rationales), in whole numbers,
    so that ties are exact. Of equal scores one is drawn, apart for both sets: breaking their ties
    alike would pass for agreement. The chosen and the rejected rationale are those of `subset`;
    where it scores all alike there is no pair.
    """
    drawn, compared_with = (scores + rng.random(scores.shape) for scores in (subset, reference))
    paired = subset.max(axis=2) > subset.min(axis=2)
    result = {"questions": _tally(paired, np.ones_like(paired))}
    for name, pick, sign in (("same_best", np.argmax, 1), ("same_worst", np.argmin, -1)):
        same = pick(drawn, axis=2) == pick(compared_with, axis=2)
        unique = paired & _unique_maximum(sign * subset) & _unique_maximum(sign * reference)
        result[name] = _tally(same & paired, paired)
        result[f"{name}_untied"] = _tally(same & unique, unique)
    chosen, rejected = (
        np.take_along_axis(reference, pick(drawn, axis=2)[..., None], axis=2)[..., 0]
        for pick in (np.argmax, np.argmin)
    )
    result["chosen_beats_rejected"] = _tally((chosen > rejected) & paired, paired)
    result["chosen_equals_rejected"] = _tally((chosen == rejected) & paired, paired)
    return result


def _unique_maximum(scores: np.ndarray) -> np.ndarray:
    return (scores == scores.max(axis=2, keepdims=True)).sum(axis=2) == 1


def _tally(success: np.ndarray, counted: np.ndarray) -> np.ndarray:
    return np.stack([success.sum(axis=1), counted.sum(axis=1)], axis=1)


def compared(
    correct: np.ndarray, members: np.ndarray, rng: np.random.Generator
) -> dict[str, dict[str, np.ndarray]]:
    """Counts of item sets (draws, items) against all items, and against those outside the set."""
    subset = np.einsum("qri,di->dqr", correct, members)
    everything = np.broadcast_to(correct.sum(axis=2), subset.shape)
    return {
        "all items": counts(subset, everything, rng),
        "other items": counts(subset, everything - subset, rng),
    }


def measure(outputs: pl.DataFrame, preference: pl.DataFrame, seed: int) -> pl.DataFrame:
    """One row per subtask (and the total), reference and measure, shares from 0 to 1.

    The total adds the questions of all subtasks up, draw by draw for the random sets.
    """
    ours, control = {}, {}
    for (subtask,), rows in outputs.sort("subtask").group_by("subtask", maintain_order=True):
        correct, items = grid(rows)
        members = membership(items, job.of_subtask(preference, subtask, "preference set"))
        rng = job.derived_rng(seed, "consistency", subtask)
        drawn = random_sets(len(items), int(members.sum()), rng)
        ours[subtask] = compared(correct, members, rng)
        control[subtask] = compared(correct, drawn, rng)
    ours[TOTAL], control[TOTAL] = _sum(list(ours.values())), _sum(list(control.values()))
    rows = [
        {"subtask": subtask, "reference": reference, "measure": name}
        | _row(ours[subtask][reference][name][0], control[subtask][reference][name])
        for subtask in ours
        for reference in ours[subtask]
        for name in ours[subtask][reference]
    ]
    names = ("share", "low", "high", "random_mean", "random_low", "random_high")
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(names, pl.Float64))


def _sum(parts: list[dict]) -> dict[str, dict[str, np.ndarray]]:
    return {
        reference: {name: sum(part[reference][name] for part in parts) for name in measures}
        for reference, measures in parts[0].items()
    }


def _row(ours: np.ndarray, control: np.ndarray) -> dict[str, float | None]:
    """The set's count, share and interval, and the control's; None where no question counts."""
    x, n = map(int, ours)
    low, high = stats.wilson(x, n) if n else (None, None)
    drawn = control[control[:, 1] > 0]
    shares = drawn[:, 0] / drawn[:, 1]
    random_low, random_high = stats.percentile_interval(shares) if len(shares) else (None, None)
    return {
        "x": x,
        "n": n,
        "share": x / n if n else None,
        "low": low,
        "high": high,
        "random_mean": float(shares.mean()) if len(shares) else None,
        "random_low": random_low,
        "random_high": random_high,
    }


def table(
    outputs: pl.DataFrame, preference: pl.DataFrame, *, published: dict, seed: int
) -> tuple[pl.DataFrame, Document]:
    """The csv's rows and the report."""
    printed = {name: published["appendix_e"][key] for name, key in PRINTED.items()}
    frame = measure(outputs, preference, seed).with_columns(
        printed=pl.when(pl.col("subtask") == TOTAL).then(
            pl.col("measure").replace_strict(printed, default=None, return_dtype=pl.Float64)
        )
    )
    total = frame.filter(pl.col("subtask") == TOTAL)
    blocks = [_against(total, reference) for reference in ("all items", "other items")]
    everything = frame.filter(pl.col("reference") == "all items")
    blocks += [_by_subtask(everything), _ties(everything)]
    return frame, Document("Appendix E: consistency of the preference set", NOTES, blocks)


def _against(total: pl.DataFrame, reference: str) -> Block:
    here = {r["measure"]: r for r in total.filter(reference=reference).iter_rows(named=True)}
    rows = [
        [label, _ours(here[name]), _control(here[name]), _number(here[name]["printed"])]
        for name, label in MEASURES.items()
    ]
    header = ["measure", "preference set", "random sets", "printed"]
    return Block(f"All subtasks, against {reference}", header, rows)


def _by_subtask(frame: pl.DataFrame) -> Block:
    names = ("same_best", "same_worst", "chosen_beats_rejected")
    rows = []
    for (subtask,), part in frame.group_by("subtask", maintain_order=True):
        by_measure = {row["measure"]: row for row in part.iter_rows(named=True)}
        rows.append([subtask, *(_ours(by_measure[name]) for name in names)])
    header = ["subtask", *(MEASURES[name] for name in names)]
    return Block("By subtask, against all items", header, rows)


def _ties(frame: pl.DataFrame) -> Block:
    """Per subtask: questions that ties take out of a measure, and pairs that came out equal."""
    rows = []
    for (subtask,), part in frame.group_by("subtask", maintain_order=True):
        counted = {m: (x, n) for m, x, n in part.select("measure", "x", "n").iter_rows()}
        pairs, questions = counted["questions"]
        shared = [pairs - counted[f"{name}_untied"][1] for name in ("same_best", "same_worst")]
        cells = [questions, questions - pairs, *shared, counted["chosen_equals_rejected"][0]]
        rows.append([subtask, *map(str, cells)])
    header = ["subtask", "questions", "no pair", "best shared", "worst shared", "chosen = rejected"]
    return Block("Ties, against all items", header, rows)


def _ours(row: dict) -> str:
    if not row["n"]:
        return "0 of 0"
    low, high = 100 * row["low"], 100 * row["high"]
    return f"{row['x']} of {row['n']}, {100 * row['share']:.1f} [{low:.1f}, {high:.1f}]"


def _control(row: dict) -> str:
    if row["random_mean"] is None:
        return "–"
    mean, low, high = (100 * row[f"random_{name}"] for name in ("mean", "low", "high"))
    return f"{mean:.1f} [{low:.1f}, {high:.1f}]"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


@cli
def main() -> None:
    """Command line."""
    args = job.parse(__doc__, "--cfg", "--answers+", "--preference+", "--published", "--output+")
    published = yaml.safe_load(Path(args.published).read_text(encoding="utf-8"))
    frame, document = table(
        io.read_tables(args.answers, SCORE_OUTPUTS),
        io.read_tables(args.preference, PREFERENCE_SET),
        published=published,
        seed=args.cfg["seed"],
    )
    for path in args.output:
        render.write(frame, document, path)


if __name__ == "__main__":
    main()
