"""Figure 2: words in a rationale against its score (paper §5, Insight 1: one-shot accuracy)."""

from pathlib import Path

import polars as pl
import yaml
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.elicit.tables import RATIONALES
from arte.prefer.scorers.table import SCORERS
from arte.prefer.tables.scores import SCORES
from arte.report import plotting
from arte.report.score_intervals import correlation_with, mean_score, read_answers, with_answers

FIRST = ("boolean_expressions", "sports_understanding")
"""The two subtasks that the paper shows come first."""

CORRELATIONS = "_correlations"
"""How the name of the file of correlations ends."""

WIDE = 12
"""Columns of the figure's grid: divides into rows of one to four panels."""

KEY = {
    True: "bar: 95 % interval over questions and test items; ring: of one question, over items",
    False: "bar: 95 % interval over questions; ring: one question, no interval",
}
"""By whether the scorer has items behind its scores."""


def scored(
    rationales: pl.DataFrame, scores: pl.DataFrame, answers: pl.DataFrame | None
) -> pl.DataFrame:
    """The rationales that have a score, in order, with it and their number of words.

    answers: of `read_answers`, where the scorer has items. Raises ArteError where none has a score.
    """
    found = rationales.drop("technique").join(with_answers(scores, answers), on=SCORES.key)
    job.log(f"{found.height} of {rationales.height} rationales have a score")
    if not found.height:
        raise ArteError(
            expected="rationales with scores",
            found="none of the scores belongs to a rationale",
            where="the inputs of figure 2",
            remedy="make both from the same run",
        )
    words = pl.col("rationale").str.count_matches(r"\S+").cast(pl.Int64)
    return found.with_columns(words=words).sort(SCORES.key)


def word_bins(rationales: pl.DataFrame, *, width: int, scorer: str = "icl") -> pl.DataFrame:
    """Mean score s_r per subtask, technique and bin of `width` words, with its 95 % interval.

    A bin from b holds rationales (of `scored`) of b <= words < b + width. Techniques are kept
    apart: another length is else mostly another technique. Scores keep their units.
    """
    binned = rationales.with_columns(words_from=pl.col("words") // width * width)
    bins = ["subtask", "technique", "words_from"]
    rows = []
    for (subtask, technique, start), group in binned.group_by(bins, maintain_order=True):
        row = {"subtask": subtask, "technique": technique}
        row |= {"words_from": start, "words_below": start + width, "n_rationales": group.height}
        rows.append(row | {"n_questions": group["question_id"].n_unique()} | mean_score(group))
    schema = {"low": pl.Float64, "high": pl.Float64}
    frame = pl.DataFrame(rows, schema_overrides=schema, infer_schema_length=None)
    return frame.sort(bins).rename({"mean": SCORERS[scorer].column})


def correlations(rationales: pl.DataFrame) -> pl.DataFrame:
    """Pearson's correlation of words and score per subtask, with its 95 % interval (App. C).

    Over all rationales (of `scored`) of all techniques, as the paper has it.
    """
    rows = []
    for (subtask,), part in rationales.group_by("subtask", maintain_order=True):
        counts = {"n_rationales": part.height, "n_questions": part["question_id"].n_unique()}
        rows.append({"subtask": subtask} | counts | correlation_with(part, part["words"]))
    ends = dict.fromkeys(("correlation", "low", "high"), pl.Float64)
    return pl.DataFrame(rows, schema_overrides=ends, infer_schema_length=None)


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
    kind = SCORERS[scorer]
    bins = bins.with_columns(pl.col(kind.column, "low", "high") * kind.unit)
    bins = bins.rename({kind.column: "score"})
    subtasks = order(bins["subtask"].unique().to_list())
    large = [subtask for subtask in subtasks if subtask in FIRST]
    figure, panels = _panels(len(large), len(subtasks) - len(large))
    colors = plotting.colors(bins["technique"])
    most = bins["n_rationales"].max()
    for panel, subtask in zip(panels, subtasks, strict=True):
        _panel(panel, bins.filter(subtask=subtask), colors, title=subtask, most=most)
    note = f"larger dot: more rationales; {KEY[kind.items]};\ngray: the paper's best bin (Gemma-2B)"
    figure.supxlabel(f"words in the rationale\n{note}", fontsize=8)
    if kind.items:
        panel.set_ylim(0, 100)
    figure.supylabel(kind.axis, fontsize=8)
    handles = [
        Line2D([], [], color=color, marker="o", markersize=4, linewidth=1, label=technique)
        for technique, color in colors.items()
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(colors), frameon=False)
    return figure


def _panels(large: int, small: int) -> tuple[Figure, list[Axes]]:
    """A figure with up to two large panels in one row and small ones, up to four to a row, below.

    A row is as wide as the figure. Words have labels in the large panels and in the lowest of
    every column of small ones.
    """
    across = min(4, small)
    rows = [large] * bool(large) + [across] * (-(-small // across) if small else 0)
    heights = [2.1 if row == 0 and large else 1.7 for row in range(len(rows))]
    figure = pyplot.figure(figsize=(9.2, sum(heights) + 1.0), layout="constrained")
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


def _panel(
    panel: Axes, bins: pl.DataFrame, colors: dict[str, str], *, title: str, most: int
) -> None:
    best = bins.select("printed_best_from", "printed_best_below").row(0)
    if None not in best:
        panel.axvspan(*best, color="0.92", linewidth=0, zorder=0)
    present = [technique for technique in colors if technique in bins["technique"]]
    for index, technique in enumerate(present):
        _line(panel, bins.filter(technique=technique), colors[technique], index, len(present), most)
    panel.set_title(title.replace("_", " "), fontsize=8, loc="left")
    panel.set_xlim(left=0)
    panel.grid(axis="y", color="0.92", linewidth=0.6)
    panel.set_axisbelow(True)
    panel.tick_params(length=2, labelsize=7)


def _line(panel: Axes, bins: pl.DataFrame, color: str, index: int, of: int, most: int) -> None:
    """The bins of one technique; techniques `index` of `of` lie side by side within a bin."""
    start, below = bins["words_from"].to_numpy(), bins["words_below"].to_numpy()
    place = start + (below - start) * (index + 1) / (of + 1)
    score = bins["score"].to_numpy()
    known = bins.with_columns(place=place).drop_nulls("low")
    panel.plot(place, score, color=color, linewidth=1, alpha=0.4)
    panel.vlines(known["place"], known["low"], known["high"], color=color, linewidth=1)
    alone = (bins["n_questions"] == 1) | bins["low"].is_null()
    panel.scatter(
        place,
        score,
        s=5 + 35 * bins["n_rationales"].to_numpy() / most,
        facecolors=["white" if ring else color for ring in alone],
        edgecolors=color,
        linewidths=0.8,
        zorder=3,
        clip_on=False,
    )


def write(bins: pl.DataFrame, linear: pl.DataFrame, paths: list[str], scorer: str) -> None:
    """Write pdf, png and csv by suffix, and `linear` by its name; the same give the same bytes."""
    with pyplot.rc_context(plotting.STYLE):
        figure = figure2(bins, scorer)
        for path in map(Path, paths):
            if path.suffix == ".csv":
                table = linear if path.stem.endswith(CORRELATIONS) else bins
                io.write_text(table.write_csv(float_precision=6), path)
            else:
                plotting.save(figure, path)
        pyplot.close(figure)


@cli
def main() -> None:
    """Parse the command line and draw."""
    tables = ("--rationales+", "--scores+", "--answers*", "--published")
    args = job.parse(__doc__, "--cfg", *tables, "--output+")
    rationales = scored(
        io.read_tables(args.rationales, RATIONALES),
        io.read_tables(args.scores, SCORES),
        read_answers(args.answers),
    )
    bins = word_bins(rationales, width=args.cfg["bin_words"], scorer=args.cfg["scorer"])
    published = yaml.safe_load(Path(args.published).read_text(encoding="utf-8"))
    linear = correlations(rationales)
    write(with_printed(bins, published), linear, args.output, args.cfg["scorer"])


if __name__ == "__main__":
    main()
