"""Techniques of naive answers before and after alignment, beside what is liked, as a figure."""

from pathlib import Path

import numpy as np
import polars as pl
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from arte.core import io
from arte.prefer.scorers.table import SCORERS
from arte.report import plotting

BEFORE, AFTER, LIKED = "#b9cfdf", plotting.COLOR, "#d1661f"

SCORE = "student's score"

BARS = (("before", -0.19, BEFORE, "before alignment"), ("after", 0.19, AFTER, "after"))


def figure(frame: pl.DataFrame, scorer: str) -> Figure:
    """One panel per subtask; `frame` has rows of technique_shift.measure, shares from 0 to 1.

    Each panel has the techniques that occur in it. Scores are drawn where they are accuracies:
    another unit does not fit the axis.
    """
    parts = frame.partition_by("subtask", maintain_order=True)
    across = min(3, len(parts))
    heights = []
    for start in range(0, len(parts), across):
        heights.append(max(part.height for part in parts[start : start + across]))
    drawn, axes = pyplot.subplots(
        len(heights),
        across,
        figsize=(2.9 * across, 0.45 * sum(heights) + 0.55 * len(heights) + 0.8),
        gridspec_kw={"height_ratios": heights},
        squeeze=False,
        layout="constrained",
    )
    for panel in axes.flat[len(parts) :]:
        panel.set_axis_off()
    for panel, part in zip(axes.flat, parts, strict=False):
        _panel(panel, part, scored=SCORERS[scorer].items)
    handles, labels = axes.flat[0].get_legend_handles_labels()
    order = sorted(range(len(labels)), key=lambda i: labels[i] == SCORE)  # bars first
    handles, labels = ([found[i] for i in order] for found in (handles, labels))
    drawn.legend(handles, labels, loc="outside upper center", ncols=3, frameon=False)
    label = "naive answers in the technique, % (bars)"
    if SCORERS[scorer].items:
        label += "; student's one-shot accuracy with such a draft, % (diamonds)"
    drawn.supxlabel(f"{label}\nlines: 95 % intervals", fontsize=8)
    return drawn


def _panel(panel: Axes, rows: pl.DataFrame, *, scored: bool) -> None:
    places = np.arange(rows.height)
    for name, offset, color, label in BARS:
        height = {"height": 0.34, "color": color, "label": label}
        panel.barh(places + offset, 100 * rows[name], **height)
        low, high = (100 * rows[f"{name}_{end}"].to_numpy() for end in ("low", "high"))
        for edge, width in (("white", 2), ("0.25", 0.8)):  # seen on the bar and beside it
            panel.hlines(places + offset, low, high, color=edge, linewidth=width)
    if scored:
        _scores(panel, rows.with_columns(place=pl.Series(places)).drop_nulls("score_mean"))
    panel.set_title(
        f"{rows['subtask'][0].replace('_', ' ')} ({rows['n'][0]} answers)", fontsize=8, loc="left"
    )
    panel.set_yticks(places, rows["technique"])
    panel.set_ylim(rows.height - 0.5, -0.5)
    panel.set_xlim(0, 100)
    panel.grid(axis="x", color="0.92", linewidth=0.6)
    panel.set_axisbelow(True)
    panel.tick_params(length=2, labelsize=7)


def _scores(panel: Axes, rows: pl.DataFrame) -> None:
    """Diamonds between the two bars of their technique, with intervals."""
    place, mean = rows["place"].to_numpy(), 100 * rows["score_mean"].to_numpy()
    low, high = (100 * rows[f"score_{end}"].to_numpy() for end in ("low", "high"))
    panel.hlines(place, low, high, color="white", linewidth=3)
    panel.hlines(place, low, high, color=LIKED, linewidth=1.2)
    panel.scatter(
        mean,
        place,
        marker="D",
        s=20,
        color=LIKED,
        edgecolors="white",
        linewidths=0.6,
        zorder=3,
        clip_on=False,
        label=SCORE,
    )


def write(shares: pl.DataFrame, paths: list[Path], scorer: str) -> None:
    """Write pdf, png and csv by suffix, of the `shares` per subtask and technique."""
    with pyplot.rc_context(plotting.STYLE):
        drawn = figure(shares, scorer)
        for path in paths:
            if path.suffix == ".csv":
                io.write_text(shares.write_csv(float_precision=6), path)
            else:
                plotting.save(drawn, path)
        pyplot.close(drawn)
