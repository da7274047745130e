"""Draws Figure 1: rules in columns, as the paper draws its framework. Units: inches."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, PathPatch
from matplotlib.path import Path as Curve

from arte.report import plotting

WIDTH, HEIGHT = 1.12, 0.4  # of a box
GAP_X, GAP_Y = 0.4, 0.22  # between boxes
PAD, HEAD = 0.12, 0.62  # of a column's panel: around its boxes, and above them
FOOT = 0.22  # of the line of small print
LANE = 0.16  # between arrows that pass below the boxes of columns between their ends
PORT = 0.09  # between arrows that end at one box

SMALL_PRINT = "Arrows that others imply are left out; rules that differ in a job's number are one."
ROUNDS = " A further round begins again at step 1, with the aligned teacher and the student."

HEADS = {
    "data": "Benchmark\ndata",
    "models": "Pretrained\nmodels",
    "nano": "Teacher,\nstudent, panel",
    "elicit": "Knowledge\nelicitation",
    "prefer": "Preference\ncollection",
    "align": "Preference\nalignment",
    "tailor": "Elicitation from\naligned teacher",
    "finetune": "Supervised\nfine-tuning",
    "evaluate": "Evaluation",
    "report": "Tables, figures,\nreports",
}

STEPS = {"elicit": 1, "prefer": 2, "align": 3, "tailor": 1}
"""The paper's three steps of ARTE (§3), of which the aligned teacher repeats the first."""

REPEATED = {"tailor"}

COLORS = {"elicit": "#1f5f8b", "prefer": "#c05a12", "align": "#6b3fa0", "tailor": "#1f5f8b"}
PLAIN = "#55606b"


@dataclass(frozen=True)
class Box:
    """A rule's place: its column and the box's centre; y points down."""

    column: int
    x: float
    y: float


def boxes(columns: list[tuple[str, list[str]]]) -> dict[str, Box]:
    """Centre of every rule's box; columns begin at the same height.

    A stage's second column is centred on its first.
    """
    found, tall = {}, {}
    for index, (stage, rules) in enumerate(columns):
        above = max(0, (tall.get(stage, 0) - len(rules)) / 2)
        tall.setdefault(stage, len(rules))
        for row, rule in enumerate(rules):
            y = (above + row) * (HEIGHT + GAP_Y)
            found[rule] = Box(index, index * (WIDTH + GAP_X), y)
    return found


def lanes(edges: list[tuple[str, str]], at: dict[str, Box]) -> dict[tuple[str, str], float]:
    """The height at which an arrow over several columns passes below the boxes between.

    Short spans come first and lie highest; two arrows over a common column keep apart.
    """
    lowest: dict[int, float] = {}
    for box in at.values():
        lowest[box.column] = max(lowest.get(box.column, 0.0), box.y)

    def span(edge: tuple[str, str]) -> int:
        return at[edge[1]].column - at[edge[0]].column

    found: dict[tuple[str, str], float] = {}
    for edge in sorted(edges, key=lambda e: (span(e), at[e[0]].y, e)):
        if span(edge) < 2:
            continue
        first, last = at[edge[0]].column, at[edge[1]].column
        y = max(map(lowest.__getitem__, range(first + 1, last))) + HEIGHT / 2 + LANE
        taken = [found[e] for e in found if _overlap(e, edge, at)]
        while any(abs(y - other) < LANE * 0.99 for other in taken):
            y += LANE
        found[edge] = y
    return found


def _overlap(one: tuple[str, str], other: tuple[str, str], at: dict[str, Box]) -> bool:
    return max(at[one[0]].column, at[other[0]].column) < min(at[one[1]].column, at[other[1]].column)


def ports(
    edges: list[tuple[str, str]], at: dict[str, Box], lane: dict[tuple[str, str], float], end: int
) -> dict[tuple[str, str], float]:
    """Offset from the middle of a box's side for every arrow there, in the order of their heights.

    `end` 0: where arrows leave (right side), 1: where they arrive (left side).
    """
    found = {}
    for rule in at:
        here = [e for e in edges if e[end] == rule and at[e[0]].column != at[e[1]].column]
        here.sort(key=lambda e: (lane.get(e, at[e[1 - end]].y), e))
        space = min(PORT, 0.8 * HEIGHT / max(1, len(here) - 1))
        for index, edge in enumerate(here):
            found[edge] = (index - (len(here) - 1) / 2) * space
    return found


def route(a: Box, b: Box, leave: float, arrive: float, lane: float | None) -> Curve:
    """The line of an arrow from box `a` to box `b`."""
    if a.column == b.column:
        return _within(a, b)
    start, stop = (a.x + WIDTH / 2, a.y + leave), (b.x - WIDTH / 2, b.y + arrive)
    if lane is None:
        return _bend([start, stop])
    first, last = a.x + WIDTH / 2 + GAP_X, b.x - WIDTH / 2 - GAP_X
    return _bend([start, (first, lane), (last, lane), stop])


def _within(a: Box, b: Box) -> Curve:
    """Straight down to the next box, else around those between."""
    if 0 < b.y - a.y < 1.5 * (HEIGHT + GAP_Y):
        return Curve([(a.x, a.y + HEIGHT / 2), (b.x, b.y - HEIGHT / 2)])
    side, out = a.x - WIDTH / 2, a.x - WIDTH / 2 - 0.8 * GAP_X
    points = [(side, a.y), (out, a.y), (out, b.y), (side, b.y)]
    return Curve(points, [Curve.MOVETO, *[Curve.CURVE4] * 3])


def _bend(points: list[tuple[float, float]]) -> Curve:
    """A smooth line through points from left to right, level at each."""
    line, codes = [points[0]], [Curve.MOVETO]
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (x0 + x1) / 2
        line += [(middle, y0), (middle, y1), (x1, y1)]
        codes += [Curve.CURVE4] * 3
    return Curve(line, codes)


def _draw_panel(axes: Axes, stage: str, first: float, last: float, height: float) -> None:
    """The ground of a stage whose columns have their middle from `first` to `last`."""
    color = COLORS.get(stage, PLAIN)
    step = stage in STEPS and stage not in REPEATED
    left, top, middle = first - WIDTH / 2 - PAD, -HEIGHT / 2 - HEAD, (first + last) / 2
    shape = FancyBboxPatch(
        (left, top),
        last - first + WIDTH + 2 * PAD,
        height,
        boxstyle="round,pad=0,rounding_size=0.1",
        facecolor=color,
        alpha=0.11 if step else 0.05,
        linewidth=0,
    )
    axes.add_patch(shape)
    if stage in STEPS:
        fill, ink = (color, "white") if step else ("white", color)
        axes.add_patch(Circle((middle, top), 0.13, facecolor=fill, edgecolor=color, zorder=4))
        text = {"ha": "center", "va": "center_baseline", "color": ink, "zorder": 5}
        axes.text(middle, top, str(STEPS[stage]), fontsize=9, fontweight="bold", **text)
    weight = "bold" if step else "normal"
    label = {"ha": "center", "va": "center", "color": color, "fontweight": weight}
    axes.text(middle, top + HEAD / 2, HEADS[stage], fontsize=8.5, linespacing=1.15, **label)


def _draw_box(axes: Axes, rule: str, box: Box, color: str) -> None:
    corner = (box.x - WIDTH / 2, box.y - HEIGHT / 2)
    style = "round,pad=0,rounding_size=0.07"
    shape = FancyBboxPatch(
        corner, WIDTH, HEIGHT, boxstyle=style, facecolor="white", edgecolor=color, linewidth=1
    )
    shape.set_zorder(3)
    axes.add_patch(shape)
    text = {"ha": "center", "va": "center", "color": "#20262c", "zorder": 4}
    axes.text(box.x, box.y, wrapped(rule), fontsize=7.5, linespacing=1.2, **text)


def wrapped(rule: str) -> str:
    """A rule's name in words, on two lines of about the same length where it is long."""
    words = rule.split("_")
    if len(rule) <= 14:
        return " ".join(words)
    breaks = [(" ".join(words[:i]), " ".join(words[i:])) for i in range(1, len(words))]
    return "\n".join(min(breaks, key=lambda lines: max(map(len, lines)), default=(rule,)))


def _draw_edge(axes: Axes, curve: Curve, color: str) -> None:
    axes.add_patch(PathPatch(curve, fill=False, edgecolor=color, linewidth=1.1, alpha=0.75))
    x, y = curve.vertices[-1]
    before = curve.vertices[-2]
    down = before[0] == x
    size = 0.075
    tip = [(x, y), (x - size, y - size / 2), (x - size, y + size / 2)]
    if down:
        tip = [(x, y), (x - size / 2, y - size), (x + size / 2, y - size)]
    axes.add_patch(pyplot.Polygon(tip, facecolor=color, linewidth=0, zorder=5))


def _draw(
    axes: Axes,
    columns: list[tuple[str, list[str]]],
    edges: list[tuple[str, str]],
    small_print: str,
) -> None:
    """Panels, boxes and arrows; sets the limits of the axes to what they fill."""
    at = boxes(columns)
    lane = lanes(edges, at)
    leave, arrive = ports(edges, at, lane, 0), ports(edges, at, lane, 1)
    bottom = max(box.y for box in at.values()) + HEIGHT / 2
    lowest = max([bottom, *lane.values()]) + PAD
    top = -HEIGHT / 2 - HEAD
    stage_of: dict[str, str] = {}
    for stage, rules in columns:
        stage_of |= dict.fromkeys(rules, stage)
    middles: dict[str, list[float]] = {}
    for rule, box in at.items():
        middles.setdefault(stage_of[rule], []).append(box.x)
        _draw_box(axes, rule, box, COLORS.get(stage_of[rule], PLAIN))
    for stage, found in middles.items():
        _draw_panel(axes, stage, min(found), max(found), lowest - top)
    for edge in edges:
        first, last = edge
        ends = leave.get(edge, 0), arrive.get(edge, 0)
        curve = route(at[first], at[last], *ends, lane.get(edge))
        _draw_edge(axes, curve, COLORS.get(stage_of[first], PLAIN))
    left, right = -WIDTH / 2 - PAD, max(box.x for box in at.values()) + WIDTH / 2 + PAD
    axes.text(left, lowest + FOOT / 2 + 0.04, small_print, fontsize=7, va="center", color=PLAIN)
    axes.set_xlim(left - 0.05, right + 0.05)
    axes.set_ylim(lowest + FOOT + 0.05, top - 0.2)


def figure(
    columns: list[tuple[str, list[str]]], edges: list[tuple[str, str]], *, rounds: bool
) -> Figure:
    """The picture of `columns`, (stage, rules) from left to right, and of `edges`.

    `rounds`: whether there are arrows back to earlier stages, which the small print mentions.
    """
    drawn = pyplot.figure()
    axes = drawn.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    _draw(axes, columns, edges, SMALL_PRINT + (ROUNDS if rounds else ""))
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    drawn.set_size_inches(right - left, bottom - top)
    return drawn


def write(
    columns: list[tuple[str, list[str]]],
    edges: list[tuple[str, str]],
    paths: list[Path],
    *,
    rounds: bool,
) -> None:
    """Draw `figure` as pdf or png, by suffix."""
    with pyplot.rc_context(plotting.STYLE):
        drawn = figure(columns, edges, rounds=rounds)
        for path in paths:
            plotting.save(drawn, path)
        pyplot.close(drawn)
