"""Figure 2: words in a rationale against its score (paper §5, Insight 1: one-shot accuracy)."""

from pathlib import Path

import numpy as np
import polars as pl
import yaml
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.elicit.tables import RATIONALES
from arte.prefer.tables.scores import SCORES
from arte.report import plotting
from arte.stats import intervals as stats

RESAMPLES = 2000
"""Bootstrap resamples of each bin's interval."""

FIRST = ("boolean_expressions", "sports_understanding")
"""The two subtasks that the paper shows come first."""

AXES = {
    "icl": ("accuracy", "one-shot accuracy, %", 100),
    "loglik": ("log_probability", "mean log-probability per token, nats", 1),
}
"""By scorer: the column of mean scores, the axis and its unit, and that unit over the scores'."""

WIDE = 12
"""Columns of the figure's grid: divides into rows of one to four panels."""

KEY = (
    "larger dot: more rationales; bar: 95 % interval; ring: one question alone; "
    "grey: the paper's best bin (Gemma-2B)"
)


def word_bins(
    rationales: pl.DataFrame, scores: pl.DataFrame, *, width: int, seed: int, scorer: str = "icl"
) -> pl.DataFrame:
    """Mean score s_r per subtask and bin of `width` words, with 95 % interval, in scores' units.

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
    bins = pl.DataFrame(rows, schema_overrides=schema).sort("subtask", "words_from")
    return bins.rename({"score": AXES[scorer][0]})


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
        "score": float(score.mean()),
        "low": low,
        "high": high,
    }


def order(subtasks: list[str]) -> list[str]:
    """The paper's two subtasks first, then by name."""
    return [s for s in FIRST if s in subtasks] + sorted(set(subtasks) - set(FIRST))


def with_printed(bins: pl.DataFrame, published: dict) -> pl.DataFrame:
    """`bins` with the edges of the bin that the paper calls best for the subtask, else null."""
    best = published["figure2"]["best_bins"]
    return bins.with_columns(
        pl.col("subtask")
        .replace_strict(
            {subtask: edges[end] for subtask, edges in best.items()},
            default=None,
            return_dtype=pl.Int64,
        )
        .alias(f"printed_best_{name}")
        for end, name in enumerate(("from", "below"))
    )


def figure2(bins: pl.DataFrame, scorer: str) -> Figure:
    """The paper's two subtasks above, the others below as small multiples, on shared axes."""
    column, label, unit = AXES[scorer]
    bins = bins.with_columns(pl.col(column, "low", "high") * unit).rename({column: "score"})
    subtasks = order(bins["subtask"].unique().to_list())
    large = [subtask for subtask in subtasks if subtask in FIRST]
    figure, panels = _panels(len(large), len(subtasks) - len(large))
    most = bins["n_rationales"].max()
    for panel, subtask in zip(panels, subtasks, strict=True):
        _panel(panel, bins.filter(pl.col("subtask") == subtask), title=subtask, most=most)
    figure.supxlabel(f"words in the rationale\n{KEY}", fontsize=8)
    if scorer == "icl":
        panel.set_ylim(0, 100)
    figure.supylabel(label, fontsize=8)
    return figure


def _panels(large: int, small: int) -> tuple[Figure, list[Axes]]:
    """A figure with up to two large panels in one row and small ones, up to four to a row, below.

    A row is as wide as the figure. Words have labels in the large panels and in the lowest of
    every column of small ones.
    """
    across = min(4, small)
    rows = [large] * bool(large) + [across] * (-(-small // across) if small else 0)
    heights = [2.1 if row == 0 and large else 1.7 for row in range(len(rows))]
    figure = pyplot.figure(figsize=(9.2, sum(heights) + 0.7), layout="constrained")
    grid = figure.add_gridspec(len(rows), WIDE, height_ratios=heights)
    places = [(row, i * WIDE // n, WIDE // n) for row, n in enumerate(rows) for i in range(n)]
    panels: list[Axes] = []
    for index, (row, left, width) in enumerate(places[: large + small]):
        first = panels[0] if panels else None
        panel = figure.add_subplot(grid[row, left : left + width], sharex=first, sharey=first)
        lowest = index < large or index + across >= large + small
        panel.tick_params(labelbottom=lowest, labelleft=left == 0)
        panels.append(panel)
    return figure, panels


def _panel(panel: Axes, bins: pl.DataFrame, *, title: str, most: int) -> None:
    start, below = bins["words_from"].to_numpy(), bins["words_below"].to_numpy()
    middle = (start + below) / 2
    score = bins["score"].to_numpy()
    # A bin without an interval gets a bar of no length, and a ring for its point.
    low = bins["low"].fill_null(bins["score"]).to_numpy()
    high = bins["high"].fill_null(bins["score"]).to_numpy()
    fill = [plotting.COLOUR if known else "white" for known in bins["low"].is_not_null()]
    size = 5 + 35 * bins["n_rationales"].to_numpy() / most
    best = bins.select("printed_best_from", "printed_best_below").row(0)
    if None not in best:
        panel.axvspan(*best, color="0.92", linewidth=0, zorder=0)
    line = {"color": plotting.COLOUR, "linewidth": 1}
    panel.plot(middle, score, alpha=0.3, **line)
    panel.vlines(middle, low, high, **line)
    point = {"facecolors": fill, "edgecolors": plotting.COLOUR, "linewidths": 0.8}
    panel.scatter(middle, score, s=size, zorder=3, clip_on=False, **point)
    panel.set_title(title.replace("_", " "), fontsize=8, loc="left")
    panel.set_xlim(left=0)
    panel.grid(axis="y", color="0.92", linewidth=0.6)
    panel.set_axisbelow(True)
    panel.tick_params(length=2, labelsize=7)


def write(bins: pl.DataFrame, paths: list[str], scorer: str) -> None:
    """Write pdf, png and csv by suffix; the same bins give the same bytes."""
    with pyplot.rc_context(plotting.STYLE):
        figure = figure2(bins, scorer)
        for path in map(Path, paths):
            if path.suffix == ".csv":
                io.write_text(bins.write_csv(float_precision=6), path)
            else:
                plotting.save(figure, path)
        pyplot.close(figure)


@cli
def main() -> None:
    """Parse the command line and draw."""
    tables = ("--rationales+", "--scores+", "--published")
    args = job.parse(__doc__, "--cfg", *tables, "--output+")
    bins = word_bins(
        io.read_tables(args.rationales, RATIONALES),
        io.read_tables(args.scores, SCORES),
        width=args.cfg["bin_words"],
        seed=args.cfg["seed"],
        scorer=args.cfg["scorer"],
    )
    published = yaml.safe_load(Path(args.published).read_text(encoding="utf-8"))
    write(with_printed(bins, published), args.output, args.cfg["scorer"])


if __name__ == "__main__":
    main()
