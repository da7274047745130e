"""Whether the aligned teacher prefers the techniques that the student preferred.

Both teachers answered the naive prompt for the same draft questions, for which there is a draft in
each technique. A naive answer counts as the technique of the draft that it resembles most.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
import polars as pl

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.elicit.tables import RATIONALES
from arte.prefer.tables.scores import SCORES
from arte.report import render
from arte.report import technique_shift_figure as shift_figure
from arte.report.score_intervals import mean_score, read_answers, with_answers
from arte.report.technique_shift_text import OTHER, THRESHOLD, TOTAL, occurring, table
from arte.stats import intervals as stats
from arte.stats.crossed import cluster_interval
from arte.stats.paired import NO_NOISE, difference

_ANSWER = re.compile(r"<ans>.*?</ans>", re.DOTALL)


def bigrams(text: str) -> Counter[tuple[str, str]]:
    """Neighboring words of a rationale with their numbers; what it answers is left out."""
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
                f"cut_off_{when}": float(answer["finish_reason"] == "length"),
                f"words_{when}": float(len(answer["rationale"].split())),
            }
    return pl.DataFrame(list(rows.values()))


def before_after(
    before: np.ndarray, after: np.ndarray, strata: np.ndarray, *, share: bool
) -> dict[str, float | None]:
    """Both means with intervals, and the paired change with its own, over questions.

    Shares: Wilson's and `paired.difference`, in the strata given (questions,). Means of words: t
    intervals, none where nothing varies.
    """
    cells = {}
    for name, values in (("before", before), ("after", after), ("change", after - before)):
        if not share:
            found = cluster_interval(values, np.arange(len(values)))
        elif name == "change":
            found = _change(before, after, strata)
        else:
            found = stats.wilson(round(values.sum()), len(values))
        low, high = found or (None, None)
        cells |= {name: float(values.mean()), f"{name}_low": low, f"{name}_high": high}
    return cells


def _change(before: np.ndarray, after: np.ndarray, strata: np.ndarray) -> tuple[float, float]:
    codes = np.unique(strata, return_inverse=True)[1]
    found = difference(
        after[:, None],
        before[:, None],
        codes=codes,
        weight=np.full(int(codes.max()) + 1, 1 / len(codes)),
        noises=(NO_NOISE, NO_NOISE),
    )
    return found.low, found.high


def preferences(scores: pl.DataFrame) -> dict[str, dict[str, dict]]:
    """Per subtask and technique the mean score s_r with its interval; scores: `with_answers`.

    Techniques come in the order of their numbers.
    """
    found: dict[str, dict[str, dict]] = {}
    ordered = scores.sort("subtask", "rationale_id", "question_id")
    for (subtask, technique), part in ordered.group_by("subtask", "technique", maintain_order=True):
        found.setdefault(subtask, {})[technique] = mean_score(part)
    return found


def preferred(by_technique: dict[str, dict]) -> str | None:
    """The technique with the highest mean score; None where two have it."""
    # rounded: means of the same scores in another order may differ in their last bit
    means = {technique: round(found["mean"], 12) for technique, found in by_technique.items()}
    liked = [technique for technique, mean in means.items() if mean == max(means.values())]
    return liked[0] if len(liked) == 1 else None


def measure(answers: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """One row per subtask and measure: share of a technique, accuracy, share cut off, words.

    answers: of `answered`; scores: of `with_answers`. Shares and accuracies are from 0 to 1. The
    total is over the questions of all subtasks; a subtask in which no technique is preferred has
    no row `preferred` and no part in the total's.
    """
    liked = preferences(scores)
    best = {subtask: preferred(by_technique) for subtask, by_technique in liked.items()}
    techniques = [*dict.fromkeys(chain(*liked.values())), OTHER]
    everything = answers.with_columns(
        preferred=pl.col("subtask").replace_strict(best, return_dtype=pl.String)
    )
    rows = []
    for subtask in [*best, TOTAL]:
        part = everything if subtask == TOTAL else everything.filter(subtask=subtask)
        for name, technique, before, after, strata in _pairs(part, techniques):
            changes = before_after(before, after, strata, share=name != "words")
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
        before, after = pl.col(f"{column}_before"), pl.col(f"{column}_after")
        if wanted is not None:
            before, after = (before == wanted).cast(float), (after == wanted).cast(float)
        found = rows.select(before.alias("before"), after.alias("after"), "subtask")
        return [each.to_numpy() for each in found]

    for technique in techniques:
        yield "share", technique, *values(part, "technique", pl.lit(technique))
    liked = part.filter(pl.col("preferred").is_not_null())
    if liked.height:
        name = liked["preferred"][0] if liked["subtask"].n_unique() == 1 else ""
        yield "preferred", name, *values(liked, "technique", pl.col("preferred"))
    yield "accuracy", "", *values(part, "correct")
    yield "cut_off", "", *values(part, "cut_off")
    yield "words", "", *values(part, "words")


@cli
def main() -> None:
    """Command line; --cfg has scorer."""
    tables = ("--drafts+", "--scores+", "--answers*", "--before+", "--after+", "--metrics")
    args = job.parse(__doc__, "--cfg", *tables, "--output+", "--output-figure+")
    naive = {when: io.read_tables(getattr(args, when), RATIONALES) for when in ("before", "after")}
    answers = answered(io.read_tables(args.drafts, RATIONALES), naive)
    scores = with_answers(io.read_tables(args.scores, SCORES), read_answers(args.answers))
    frame = measure(answers, scores)
    document = table(frame, io.read_json(args.metrics), args.cfg["scorer"])
    for path in args.output:
        render.write(frame, document, path)
    shares = frame.filter((pl.col("measure") == "share") & (pl.col("subtask") != TOTAL))
    figures = [Path(path) for path in args.output_figure]
    shift_figure.write(occurring(shares), figures, args.cfg["scorer"])


if __name__ == "__main__":
    main()
