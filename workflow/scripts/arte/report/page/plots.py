"""Item curves and information, score histograms, and training curves."""

import math

import numpy as np
import polars as pl
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from arte.prefer.scorers.table import SCORERS
from arte.report import plotting

ACROSS = 4
"""Panels in a row."""

ABILITY = np.linspace(-3, 3, 31)

CURVES = 20
"""Item curves per panel at most."""

BINS = 20
"""Bins of a histogram."""


def item_curves(irt: pl.DataFrame, kept: pl.DataFrame) -> Figure:
    """P(right) by ability of the items of the preference set, a panel per subtask (§3.2, App. E).

    irt: IRT; kept: PREFERENCE_SET. At most CURVES items per panel, the most discriminating.
    """
    subtasks = sorted(set(irt["subtask"]))
    figure, panels = _panels(subtasks, "ability, standard deviations", "P(right answer)")
    for panel, subtask in zip(panels, subtasks, strict=True):
        items = _kept(irt, kept, subtask).sort("discrimination", "item_id", descending=True)
        for row in items.head(CURVES).iter_rows(named=True):
            right = _right(row["discrimination"], row["difficulty"])
            panel.plot(ABILITY, right, color=plotting.COLOR, linewidth=0.8, alpha=0.5)
    panels[0].set_ylim(0, 1)
    return figure


def information(irt: pl.DataFrame, kept: pl.DataFrame) -> Figure:
    """Fisher information by ability: all validation items, and the preference set alone."""
    subtasks = sorted(set(irt["subtask"]))
    figure, panels = _panels(subtasks, "ability, standard deviations", "information")
    both = {"all validation items": plotting.PALETTE[5], "preference set": plotting.COLOR}
    for panel, subtask in zip(panels, subtasks, strict=True):
        every = irt.filter(subtask=subtask)
        for items, color in zip((every, _kept(irt, kept, subtask)), both.values(), strict=True):
            panel.plot(ABILITY, _information(items), color=color, linewidth=1.2)
    panels[0].set_ylim(bottom=0)  # last: it ends the scaling of the axes that all share
    _legend(figure, both)
    return figure


def _kept(irt: pl.DataFrame, kept: pl.DataFrame, subtask: str) -> pl.DataFrame:
    return irt.filter(subtask=subtask).join(kept, on=["subtask", "item_id"], how="semi")


def _right(discrimination: float, difficulty: float) -> np.ndarray:
    return 1 / (1 + np.exp(-discrimination * (ABILITY - difficulty)))


def _information(items: pl.DataFrame) -> np.ndarray:
    total = np.zeros_like(ABILITY)
    for a, b in items.select("discrimination", "difficulty").iter_rows():
        right = _right(a, b)
        total += a**2 * right * (1 - right)
    return total


def histograms(scores: pl.DataFrame, scorer: str) -> Figure:
    """How many drafts have which score, by technique, a panel per subtask."""
    kind = SCORERS[scorer]
    subtasks = sorted(set(scores["subtask"]))
    figure, panels = _panels(subtasks, kind.axis, "drafts")
    colors = plotting.colors(scores["technique"])
    values = scores["score"].to_numpy() * kind.unit
    ends = (0.0, float(kind.unit)) if kind.items else (float(values.min()), float(values.max()))
    edges = np.linspace(*ends, BINS + 1)
    for panel, subtask in zip(panels, subtasks, strict=True):
        for technique, color in colors.items():
            mine = scores.filter(subtask=subtask, technique=technique)["score"].to_numpy()
            counts, _ = np.histogram(mine * kind.unit, edges)
            panel.stairs(counts, edges, color=color, linewidth=1.1)
    _legend(figure, colors)
    return figure


def alignment(metrics: dict[str, dict]) -> Figure:
    """DPO's loss, reward margin and accuracy by step; metrics: a round's name to align/metrics."""
    kinds = {"loss": "loss", "margin": "reward margin", "accuracy": "pairs in the right order"}
    figure, panels = _panels(list(kinds.values()), "step", "", share=False)
    colors = plotting.colors(metrics)
    for panel, name in zip(panels, kinds, strict=True):
        for each, found in metrics.items():
            _history(panel, found["history"], name, colors[each])
    if len(metrics) > 1:
        _legend(figure, colors)
    return figure


def students(metrics: dict[str, dict]) -> Figure:
    """The loss of every student by step; metrics: arm to its metrics."""
    arms = list(metrics)
    figure, panels = _panels(arms, "step", "loss")
    for panel, arm in zip(panels, arms, strict=True):
        _history(panel, metrics[arm]["history"], "loss", plotting.COLOR)
    panels[0].set_ylim(bottom=0)
    return figure


def _history(panel: Axes, history: dict, name: str, color: str) -> None:
    values = history.get(name)
    if values:
        panel.plot(history["step"], values, color=color, linewidth=1.1)


def _panels(
    titles: list[str], below: str, left: str, *, share: bool = True
) -> tuple[Figure, list[Axes]]:
    """A figure with a panel per title, ACROSS to a row."""
    across = min(ACROSS, len(titles))
    down = math.ceil(len(titles) / across)
    size = (2.3 * across + 0.4, 1.6 * down + 0.7)
    figure = pyplot.figure(figsize=size, layout="constrained")
    panels: list[Axes] = []
    for index, title in enumerate(titles):
        first = panels[0] if panels and share else None
        panel = figure.add_subplot(down, across, index + 1, sharex=first, sharey=first)
        panel.set_title(title.replace("_", " "), fontsize=8, loc="left")
        panel.tick_params(length=2, labelsize=7)
        panel.grid(axis="y", color="0.92", linewidth=0.6)
        panel.set_axisbelow(True)
        panels.append(panel)
    figure.supxlabel(below, fontsize=8)
    figure.supylabel(left, fontsize=8)
    return figure, panels


def _legend(figure: Figure, colors: dict[str, str]) -> None:
    handles = [Line2D([], [], color=color, label=name) for name, color in colors.items()]
    place = "outside upper center"
    figure.legend(handles=handles, loc=place, ncols=len(colors), frameon=False, fontsize=8)
