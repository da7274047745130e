"""Figure 2: words in a rationale against the student's one-shot accuracy (paper §5, Insight 1)."""

import argparse
import json
from pathlib import Path

import numpy as np
import polars as pl
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from arte import io, job, plotting, stats
from arte.errors import ArteError, cli
from arte.schema import RATIONALES, SCORES

RESAMPLES = 2000
"""Bootstrap resamples of each bin's interval."""

FIRST = ("boolean_expressions", "sports_understanding")
"""The two subtasks that the paper shows come first."""


def word_bins(
    rationales: pl.DataFrame, scores: pl.DataFrame, *, width: int, seed: int
) -> pl.DataFrame:
    """Mean score s_r per subtask and bin of `width` words, with 95 % interval.

    A bin from b holds rationales of b <= words < b + width. Rationales of one question share what
    is easy about it, so questions are the bootstrap's clusters; a bin with one question has no
    interval. Only scored rationales count. Raises ArteError when there are none.
    """
    keys = ["subtask", "question_id", "rationale_id"]
    scored = rationales.join(scores.select(*keys, "score"), on=keys)
    job.log(f"{scored.height} of {rationales.height} rationales have a score")
    if not scored.height:
        raise ArteError(
            expected="rationales with scores",
            found="none of the scores belongs to a rationale",
            where="the inputs of figure 2",
            remedy="make both from the same run",
        )
    words = pl.col("rationale").str.count_matches(r"\S+").cast(pl.Int64)
    binned = scored.with_columns(words_from=words // width * width).sort(keys)
    rng = np.random.default_rng(seed)
    groups = binned.group_by("subtask", "words_from", maintain_order=True)
    rows = [
        {"subtask": subtask, "words_from": start, "words_below": start + width} | _bin(group, rng)
        for (subtask, start), group in groups
    ]
    schema = {"low": pl.Float64, "high": pl.Float64}
    return pl.DataFrame(rows, schema_overrides=schema).sort("subtask", "words_from")


def _bin(group: pl.DataFrame, rng: np.random.Generator) -> dict:
    score = group["score"].to_numpy()
    questions = group["question_id"].n_unique()
    low, high = None, None
    if questions > 1:
        low, high = stats.cluster_interval(
            score, group["question_id"].to_numpy(), resamples=RESAMPLES, rng=rng
        )
    return {
        "n_rationales": len(score),
        "n_questions": questions,
        "accuracy": float(score.mean()),
        "low": low,
        "high": high,
    }


def order(subtasks: list[str]) -> list[str]:
    """The paper's two subtasks first, then by name."""
    return [s for s in FIRST if s in subtasks] + sorted(set(subtasks) - set(FIRST))


def figure2(bins: pl.DataFrame) -> Figure:
    """Small multiples, one panel per subtask, on shared axes."""
    subtasks = order(bins["subtask"].unique().to_list())
    across = min(4, len(subtasks))
    down = -(-len(subtasks) // across)
    figure, axes = pyplot.subplots(
        down,
        across,
        figsize=(2.2 * across + 0.4, 1.9 * down + 0.5),
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    most = bins["n_rationales"].max()
    for panel, subtask in zip(axes.flat, subtasks, strict=False):
        _panel(panel, bins.filter(pl.col("subtask") == subtask), title=subtask, most=most)
    for index, panel in enumerate(axes.flat):
        panel.tick_params(labelbottom=index + across >= len(subtasks))
        if index >= len(subtasks):
            panel.set_axis_off()
    figure.supxlabel(
        "words in the rationale (larger dot: more rationales; bar: 95 % interval)", fontsize=8
    )
    figure.supylabel("one-shot accuracy, %", fontsize=8)
    return figure


def _panel(panel: Axes, bins: pl.DataFrame, *, title: str, most: int) -> None:
    start, below = bins["words_from"].to_numpy(), bins["words_below"].to_numpy()
    middle = (start + below) / 2
    accuracy = 100 * bins["accuracy"].to_numpy()
    # A bin without an interval gets a bar of no length: its point stands alone.
    low = 100 * bins["low"].fill_null(bins["accuracy"]).to_numpy()
    high = 100 * bins["high"].fill_null(bins["accuracy"]).to_numpy()
    size = 5 + 35 * bins["n_rationales"].to_numpy() / most
    panel.vlines(middle, low, high, color=plotting.COLOUR, linewidth=1)
    panel.scatter(
        middle, accuracy, s=size, color=plotting.COLOUR, linewidths=0, zorder=3, clip_on=False
    )
    panel.set_title(title.replace("_", " "), fontsize=8, loc="left")
    panel.set_ylim(0, 100)
    panel.set_xlim(left=0)
    panel.grid(axis="y", color="0.92", linewidth=0.6)
    panel.set_axisbelow(True)
    panel.tick_params(length=2, labelsize=7)


def write(bins: pl.DataFrame, paths: list[str]) -> None:
    """Write pdf, png and csv by suffix; the same bins give the same bytes."""
    with pyplot.rc_context(plotting.STYLE):
        figure = figure2(bins)
        for path in map(Path, paths):
            if path.suffix == ".csv":
                io.write_text(bins.write_csv(float_precision=6), path)
            else:
                plotting.save(figure, path)
        pyplot.close(figure)


@cli
def main() -> None:
    """Parse the command line and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="figure", required=True)
    command = commands.add_parser("figure2")
    command.add_argument("--cfg", type=json.loads, required=True, help="keys: bin_words, seed")
    command.add_argument("--rationales", nargs="+", required=True)
    command.add_argument("--scores", nargs="+", required=True)
    command.add_argument("--output", nargs="+", required=True, help="pdf, png and csv files")
    args = parser.parse_args()
    bins = word_bins(
        io.read_tables(args.rationales, RATIONALES),
        io.read_tables(args.scores, SCORES),
        width=args.cfg["bin_words"],
        seed=args.cfg["seed"],
    )
    write(bins, args.output)


if __name__ == "__main__":
    main()
