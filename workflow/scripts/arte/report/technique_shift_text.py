"""The report of what alignment did to the teacher, as text."""

import polars as pl

from arte.prefer.scorers.table import SCORERS
from arte.report.render import Block, Document

OTHER = "other"

THRESHOLD = 0.2
"""Least resemblance to any draft: of answers with a tenth of their words changed it keeps all, of
those with a third changed 98 to 99 %."""

TOTAL = "total"

NOTES = [
    "before, after: the original and the aligned teacher's naive answers to the drafts' questions.",
    "An answer's technique is that of the draft of its question with which it shares most bigrams.",
    f"{OTHER}: as like two drafts, or less than {THRESHOLD} like any (Dice, tagged answers aside).",
    "The questions are those of the preference pairs: this is what training did, no transfer.",
    "preferred: the technique with the highest mean score in the subtask, if one has it alone.",
    "Intervals are of 95 %, over questions: shares Wilson's, changes paired, words by t.",
    "A mean of words has none where all answers are of one length.",
]

CHANGES = {
    "accuracy": ("Right answers, %", 100),
    "cut_off": ("Answers cut off by the token limit, %", 100),
    "words": ("Words per answer", 1),
}
"""Measure to its caption and the scale of its numbers."""

SCORE_NOTES = {
    True: "score: the student's one-shot accuracy with drafts of the technique as example"
    " [over questions and test items].",
    False: "score: the mean score of drafts of the technique, without items behind it [over"
    " questions].",
}
"""By whether the scorer has items behind its scores."""


def table(frame: pl.DataFrame, metrics: dict, scorer: str) -> Document:
    """The report: the student's preferred technique first, then all, then the training."""
    blocks = [_preferred(frame)]
    for name in CHANGES:
        blocks.append(_changes(frame, name))
    for subtask in frame["subtask"].unique(maintain_order=True):
        blocks.append(_shares(frame.filter(subtask=subtask), subtask, SCORERS[scorer].unit))
    return Document(
        "What alignment did to the teacher",
        [*NOTES, SCORE_NOTES[SCORERS[scorer].items]],
        [*blocks, _training(metrics)],
    )


def _preferred(frame: pl.DataFrame) -> Block:
    rows = []
    for row in frame.filter(measure="preferred").iter_rows(named=True):
        technique = row["technique"] or "the subtask's"
        rows.append([row["subtask"], technique, str(row["n"]), *_cells(row, 100)])
    header = ["subtask", "preferred", "answers", "before", "after", "change"]
    return Block("Answers in the technique that the student prefers, %", header, rows)


def _changes(frame: pl.DataFrame, measure_name: str) -> Block:
    caption, scale = CHANGES[measure_name]
    rows = []
    for row in frame.filter(measure=measure_name).iter_rows(named=True):
        rows.append([row["subtask"], *_cells(row, scale)])
    return Block(caption, ["subtask", "before", "after", "change"], rows)


def _shares(part: pl.DataFrame, subtask: str, scale: int) -> Block:
    rows = []
    for row in occurring(part.filter(pl.col("measure") == "share")).iter_rows(named=True):
        mean, low, high = row["score_mean"], row["score_low"], row["score_high"]
        shown = "–" if mean is None else _interval(mean, low, high, scale=scale)
        rows.append([row["technique"], shown, *_cells(row, 100)])
    header = ["technique", "student's score" + ", %" * (scale == 100), "before", "after", "change"]
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


def occurring(shares: pl.DataFrame) -> pl.DataFrame:
    """The techniques that some answer took or that have a score; the others say nothing."""
    return shares.filter(
        (pl.col("before") > 0) | (pl.col("after") > 0) | pl.col("score_mean").is_not_null()
    )


def _training(metrics: dict) -> Block:
    """What align/metrics.json says; a KL stands there where it was measured."""
    error = metrics["final_margin_se"]
    kl = sorted(name for name in metrics if "kl" in name.split("_"))
    rows = [
        ["pairs", str(metrics["n_pairs"])],
        ["steps", str(metrics["steps"])],
        ["reward margin", f"{metrics['final_margin']:.3f}" + (f" ± {error:.3f}" if error else "")],
        ["moved", "yes" if metrics["moved"] else "no"],
        *([name.replace("_", " "), _plain(metrics[name])] for name in kl),
    ]
    return Block("Training (align/metrics.json; ±: standard error)", ["measure", "value"], rows)


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_plain(v)}" for name, v in value.items())
    return f"{value:.4g}" if isinstance(value, float) else str(value)
