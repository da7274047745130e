"""Techniques of naive answers before and after alignment, beside what is liked, as a figure."""

from pathlib import Path

import numpy as np
import polars as pl
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from arte.core import io
from arte.report import plotting

BEFORE, AFTER, LIKED = "#b9cfdf", plotting.COLOUR, "#d1661f"


def figure(frame: pl.DataFrame) -> Figure:
    """One panel per subtask; `frame` has rows of technique_shift.measure, shares from 0 to 1."""
    subtasks = frame["subtask"].unique(maintain_order=True).to_list()
    techniques = frame["technique"].unique(maintain_order=True).to_list()
    across = min(4, len(subtasks))
    down = -(-len(subtasks) // across)
    height = down * (0.36 * len(techniques) + 0.35) + 0.75
    drawn, axes = pyplot.subplots(
        down,
        across,
        figsize=(2.1 * across + 0.9, height),
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for panel, subtask in zip(axes.flat, subtasks, strict=False):
        _panel(panel, frame.filter(pl.col("subtask") == subtask), techniques)
    for index, panel in enumerate(axes.flat):
        panel.tick_params(labelbottom=index + across >= len(subtasks))
        if index >= len(subtasks):
            panel.set_axis_off()
    handles, labels = axes.flat[0].get_legend_handles_labels()
    order = sorted(range(3), key=lambda i: labels[i].startswith("student"))  # bars first
    drawn.legend(
        [handles[i] for i in order],
        [labels[i] for i in order],
        loc="outside upper center",
        ncols=3,
        frameon=False,
    )
    drawn.supxlabel("% of naive answers; student's one-shot accuracy, %", fontsize=8)
    return drawn


def _panel(panel: Axes, rows: pl.DataFrame, techniques: list[str]) -> None:
    places = np.array([techniques.index(technique) for technique in rows["technique"]], float)
    bars = (("before", -0.17, BEFORE, "before alignment"), ("after", 0.17, AFTER, "after"))
    for name, offset, colour, label in bars:
        panel.barh(places + offset, 100 * rows[name], height=0.32, color=colour, label=label)
    scores = rows.with_columns(place=pl.Series(places)).filter(pl.col("score_mean").is_not_null())
    mean, place = 100 * scores["score_mean"].to_numpy(), scores["place"].to_numpy()
    # One question has no interval: a bar of no length.
    low, high = (
        100 * scores[name].fill_null(scores["score_mean"]).to_numpy()
        for name in ("score_low", "score_high")
    )
    panel.hlines(place, low, high, color="white", linewidth=3)
    panel.hlines(place, low, high, color=LIKED, linewidth=1.2)
    panel.scatter(
        mean,
        place,
        marker="D",
        s=22,
        color=LIKED,
        edgecolors="white",
        linewidths=0.6,
        zorder=3,
        clip_on=False,
        label="student's score (95 % interval)",
    )
    panel.set_title(rows["subtask"][0].replace("_", " "), fontsize=8, loc="left")
    panel.set_yticks(range(len(techniques)), techniques)
    panel.set_ylim(len(techniques) - 0.5, -0.5)
    panel.set_xlim(0, 100)
    panel.grid(axis="x", color="0.92", linewidth=0.6)
    panel.set_axisbelow(True)
    panel.tick_params(length=2, labelsize=7)


def write(frame: pl.DataFrame, paths: list[Path]) -> None:
    """Write pdf, png and csv by suffix, of the shares per technique of `frame`."""
    shares = frame.filter((pl.col("measure") == "share") & (pl.col("subtask") != "total"))
    with pyplot.rc_context(plotting.STYLE):
        drawn = figure(shares)
        for path in paths:
            if path.suffix == ".csv":
                io.write_text(shares.write_csv(float_precision=6), path)
            else:
                plotting.save(drawn, path)
        pyplot.close(drawn)
