"""Whether the aligned teacher prefers the techniques that the student preferred.

Both teachers answered the naive prompt for the same draft questions, for which there is a draft in
each technique. A naive answer counts as the technique of the draft that it resembles most.
"""

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.elicit.tables import RATIONALES
from arte.prefer.tables.scores import SCORES
from arte.report import render
from arte.report import technique_shift_figure as shift_figure
from arte.report.render import Block, Document
from arte.stats import intervals as stats

OTHER = "other"

THRESHOLD = 0.2
"""Least resemblance to any draft: of answers with a tenth of their words changed it keeps all, of
those with a third changed 98 to 99 %."""

RESAMPLES = 2000

TOTAL = "total"

NOTES = [
    "before, after: the original and the aligned teacher's naive answers to the drafts' questions.",
    "An answer's technique is that of the draft of its question with which it shares most bigrams.",
    f"{OTHER}: as like two drafts, or less than {THRESHOLD} like any (Dice, tagged answers aside).",
    "The questions are those of the preference pairs: this is what training did, no transfer.",
    "score: the student's one-shot accuracy with drafts of the technique as example.",
    "preferred: the technique with the highest mean score in the subtask, if one has it alone.",
    "Shares with 95 % Wilson intervals; other intervals: bootstrap, changes paired over questions.",
]

_ANSWER = re.compile(r"<ans>.*?</ans>", re.DOTALL)


def bigrams(text: str) -> Counter[tuple[str, str]]:
    """Neighbouring words of a rationale with their numbers; what it answers is left out."""
    words = ["", *_ANSWER.sub("<ans>", text).split(), ""]
    return Counter(pairwise(words))


def resemblance(a: Counter, b: Counter) -> float:
    """Bigrams in common, twice, over bigrams of both (Dice): 1 for equal texts, 0 for strangers."""
    return 2 * (a & b).total() / (a.total() + b.total())


def technique_of(answer: str, drafts: dict[str, str]) -> str:
    """The technique of the draft that `answer` resembles most; `drafts`: technique to text.

    OTHER where two drafts resemble it equally, or none reaches THRESHOLD. An empty text resembles
    nothing.
    """
    said = bigrams(answer)
    found = {t: resemblance(said, bigrams(d)) for t, d in drafts.items() if d and answer}
    best = max(found.values(), default=0.0)
    closest = [technique for technique, value in found.items() if value == best]
    return closest[0] if best >= THRESHOLD and len(closest) == 1 else OTHER


def answered(drafts: pl.DataFrame, naive: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """One row per draft question: technique, correct and words of each teacher's naive answer.

    `naive` maps "before" and "after" to RATIONALES. Raises ArteError where a teacher answered
    other questions than those of the drafts.
    """
    texts: dict[tuple[str, str], dict[str, str]] = {}
    for row in drafts.iter_rows(named=True):
        key = (row["subtask"], row["question_id"])
        texts.setdefault(key, {})[row["technique"]] = row["rationale"]
    rows = {key: {"subtask": key[0], "question_id": key[1]} for key in sorted(texts)}
    for when, answers in naive.items():
        found = {(r["subtask"], r["question_id"]): r for r in answers.iter_rows(named=True)}
        if found.keys() != rows.keys():
            raise ArteError(
                expected=f"answers to the {len(rows)} questions that have drafts",
                found=f"answers to {len(found)} questions, {len(found.keys() & rows.keys())} of"
                " them among these",
                where=f"the naive rationales {when} alignment",
                remedy="make both from the same questions",
            )
        for key, answer in found.items():
            rows[key] |= {
                f"technique_{when}": technique_of(answer["rationale"], texts[key]),
                f"correct_{when}": float(answer["correct"]),
                f"words_{when}": float(len(answer["rationale"].split())),
            }
    return pl.DataFrame(list(rows.values()))


def mean_interval(values: np.ndarray, strata: np.ndarray, *, seed: int) -> dict[str, float | None]:
    """Mean of `values` (questions,) and its 95 % bootstrap interval over questions.

    Redrawn within each subtask of `strata` (questions,); one question alone has no interval.
    """
    low, high = None, None
    if len(values) > 1:
        codes = np.unique(strata, return_inverse=True)[1]
        rng = np.random.default_rng(seed)
        sums = stats.resampled_sums(values[:, None], codes, resamples=RESAMPLES, rng=rng)
        low, high = stats.percentile_interval(sums.sum(axis=(1, 2)) / len(values))
    return {"mean": float(values.mean()), "low": low, "high": high}


def before_after(
    before: np.ndarray, after: np.ndarray, strata: np.ndarray, *, share: bool, seed: int
) -> dict[str, float | None]:
    """Both means with intervals (Wilson's for a share), and the paired change with its own."""
    cells = {}
    for name, values in (("before", before), ("after", after), ("change", after - before)):
        cell = mean_interval(values, strata, seed=seed)
        if share and name != "change":
            cell["low"], cell["high"] = stats.wilson(round(values.sum()), len(values))
        cells |= {name: cell["mean"], f"{name}_low": cell["low"], f"{name}_high": cell["high"]}
    return cells


def preferences(scores: pl.DataFrame, seed: int) -> dict[str, dict[str, dict]]:
    """Per subtask and technique the mean score s_r with its interval over questions.

    Techniques come in the order of their numbers.
    """
    found: dict[str, dict[str, dict]] = {}
    ordered = scores.sort("subtask", "rationale_id", "question_id")
    for (subtask, technique), part in ordered.group_by("subtask", "technique", maintain_order=True):
        values = part["score"].to_numpy()
        strata = np.zeros(len(values))
        found.setdefault(subtask, {})[technique] = mean_interval(values, strata, seed=seed)
    return found


def preferred(by_technique: dict[str, dict]) -> str | None:
    """The technique with the highest mean score; None where two have it."""
    best = max(found["mean"] for found in by_technique.values())
    liked = [technique for technique, found in by_technique.items() if found["mean"] == best]
    return liked[0] if len(liked) == 1 else None


def measure(answers: pl.DataFrame, scores: pl.DataFrame, seed: int) -> pl.DataFrame:
    """One row per subtask and measure: share of a technique, of the preferred, accuracy, words.

    Shares, accuracies and scores from 0 to 1. The total is over the questions of all subtasks; a
    subtask in which no technique is preferred has no row `preferred` and no part in the total's.
    """
    liked = preferences(scores, seed)
    best = {subtask: preferred(by_technique) for subtask, by_technique in liked.items()}
    techniques = list(dict.fromkeys(t for found in liked.values() for t in found)) + [OTHER]
    everything = answers.with_columns(
        preferred=pl.col("subtask").replace_strict(best, return_dtype=pl.String)
    )
    rows = []
    for subtask in [*best, TOTAL]:
        part = everything if subtask == TOTAL else everything.filter(subtask=subtask)
        for name, technique, before, after, strata in _pairs(part, techniques):
            changes = before_after(before, after, strata, share=name != "words", seed=seed)
            row = {"subtask": subtask, "measure": name, "technique": technique, "n": len(before)}
            score = liked.get(subtask, {}).get(technique) if name == "share" else None
            rows.append(row | changes | _score(score))
    return pl.DataFrame(rows, infer_schema_length=None)


def _score(found: dict | None) -> dict[str, float | None]:
    names = ("mean", "low", "high")
    return {f"score_{name}": None if found is None else found[name] for name in names}


def _pairs(
    part: pl.DataFrame, techniques: list[str]
) -> Iterator[tuple[str, str, np.ndarray, np.ndarray, np.ndarray]]:
    """(measure, technique, values before, after, subtasks) of every row of one result."""

    def values(rows: pl.DataFrame, column: str, wanted: pl.Expr | None = None) -> list[np.ndarray]:
        columns = (pl.col(f"{column}_{when}") for when in ("before", "after"))
        picked = [c if wanted is None else (c == wanted).cast(pl.Float64) for c in columns]
        return [rows.select(c).to_series().to_numpy() for c in (*picked, pl.col("subtask"))]

    for technique in techniques:
        yield "share", technique, *values(part, "technique", pl.lit(technique))
    liked = part.filter(pl.col("preferred").is_not_null())
    if liked.height:
        name = liked["preferred"][0] if liked["subtask"].n_unique() == 1 else ""
        yield "preferred", name, *values(liked, "technique", pl.col("preferred"))
    yield "accuracy", "", *values(part, "correct")
    yield "words", "", *values(part, "words")


def table(frame: pl.DataFrame, metrics: dict) -> Document:
    """The report: the student's preferred technique first, then all, then the training."""
    blocks = [_preferred(frame), _changes(frame, "accuracy"), _changes(frame, "words")]
    blocks += [
        _shares(frame.filter(pl.col("subtask") == subtask), subtask)
        for subtask in frame["subtask"].unique(maintain_order=True)
    ]
    return Document("What alignment did to the teacher", NOTES, [*blocks, _training(metrics)])


def _preferred(frame: pl.DataFrame) -> Block:
    rows = [
        [row["subtask"], row["technique"] or "the subtask's", str(row["n"]), *_cells(row, 100)]
        for row in frame.filter(pl.col("measure") == "preferred").iter_rows(named=True)
    ]
    header = ["subtask", "preferred", "answers", "before", "after", "change"]
    return Block("Answers in the technique that the student prefers, %", header, rows)


def _changes(frame: pl.DataFrame, measure_name: str) -> Block:
    caption, scale = {"accuracy": ("Right answers, %", 100), "words": ("Words per answer", 1)}[
        measure_name
    ]
    rows = [
        [row["subtask"], *_cells(row, scale)]
        for row in frame.filter(pl.col("measure") == measure_name).iter_rows(named=True)
    ]
    return Block(caption, ["subtask", "before", "after", "change"], rows)


def _shares(part: pl.DataFrame, subtask: str) -> Block:
    rows = []
    for row in part.filter(pl.col("measure") == "share").iter_rows(named=True):
        score = {name: row[f"score_{name}"] for name in ("mean", "low", "high")}
        shown = "–" if score["mean"] is None else _interval(*score.values(), scale=100)
        rows.append([row["technique"], shown, *_cells(row, 100)])
    header = ["technique", "student's score", "before", "after", "change"]
    return Block(f"{subtask}: techniques, %", header, rows)


def _cells(row: dict, scale: int) -> list[str]:
    """Before, after and change of one row, each with its interval."""
    cells = []
    for name in ("before", "after", "change"):
        low, high = row[f"{name}_low"], row[f"{name}_high"]
        cells.append(_interval(row[name], low, high, scale=scale, signed=name == "change"))
    return cells


def _interval(
    value: float, low: float | None, high: float | None, *, scale: int, signed: bool = False
) -> str:
    sign = "+" if signed else ""
    if low is None or high is None:
        return f"{scale * value:{sign}.1f}"
    return f"{scale * value:{sign}.1f} [{scale * low:{sign}.1f}, {scale * high:{sign}.1f}]"


def _training(metrics: dict) -> Block:
    """What align/metrics.json says; a KL stands there where it was measured."""
    margin, error = metrics["final_margin"], metrics["final_margin_se"]
    shown = "not logged" if margin is None else f"{margin:.3f}"
    kl = sorted(name for name in metrics if "kl" in name.split("_"))
    rows = [
        ["pairs", str(metrics["n_pairs"])],
        ["steps", str(metrics["steps"])],
        ["reward margin", shown + (f" ± {error:.3f}" if error else "")],
        ["moved", "yes" if metrics["moved"] else "no"],
        *([name.replace("_", " "), _plain(metrics[name])] for name in kl),
    ]
    return Block("Training (align/metrics.json; ±: standard error)", ["measure", "value"], rows)


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_plain(v)}" for name, v in value.items())
    return f"{value:.4g}" if isinstance(value, float) else str(value)


@cli
def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    job.add_inputs(parser, "--drafts", "--scores", "--before", "--after", "--output", "--figure")
    parser.add_argument("--metrics", required=True, help="align/metrics.json")
    args = parser.parse_args()
    naive = {when: io.read_tables(getattr(args, when), RATIONALES) for when in ("before", "after")}
    answers = answered(io.read_tables(args.drafts, RATIONALES), naive)
    frame = measure(answers, io.read_tables(args.scores, SCORES), args.cfg["seed"])
    document = table(frame, io.read_json(args.metrics))
    for path in args.output:
        render.write(frame, document, path)
    shift_figure.write(frame, [Path(path) for path in args.figure])


if __name__ == "__main__":
    main()
