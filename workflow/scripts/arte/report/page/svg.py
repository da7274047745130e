"""Figures inside the page: no name clashes, and colors that follow the page's theme."""

import io
import re

from markupsafe import Markup, escape
from matplotlib import pyplot
from matplotlib.figure import Figure

from arte.report import plotting

_COLORS = (
    dict.fromkeys(("#000000", "#20262c", "#404040"), "currentColor")
    | {color: f"var(--c{number})" for number, color in enumerate(plotting.PALETTE, start=1)}
    | {
        "#ffffff": "var(--paper)",
        "#ebebeb": "var(--line)",
        "#b9cfdf": "var(--pale)",
        "#55606b": "var(--soft)",
        "#c05a12": "var(--c2)",
        "#6b3fa0": "var(--c4)",
    }
)
"""Colors of figures to those of the page's themes; others stay as they are in both."""

_HEX = re.compile(r"#[0-9a-f]{6}\b")
_NAMED = re.compile(r'(\bid="|url\(#|href="#)')
_SIZE = re.compile(r' width="([\d.]+)pt" height="[\d.]+pt"')


def inline(text: str, name: str, label: str) -> Markup:
    """An SVG file's drawing for a page that has others, with `label` for who cannot see it.

    name: what its ids begin with, as the ids of two drawings may be equal.
    """
    drawing = text[text.index("<svg") :]
    drawing = re.sub(r"<metadata>.*?</metadata>", "", drawing, flags=re.DOTALL)
    drawing = _NAMED.sub(lambda found: f"{found[1]}{name}-", drawing)
    drawing = _HEX.sub(lambda found: _COLORS.get(found[0], found[0]), drawing)
    width = _SIZE.search(drawing)
    drawing = _SIZE.sub("", drawing, count=1)
    opening = f'<svg role="img" aria-label="{escape(label)}"'
    if width:
        opening += f' style="width:{float(width[1]) * 4 / 3:.0f}px"'
    return Markup(drawing.replace("<svg", opening, 1))  # noqa: S704 - drawn by us, text escaped


def drawn(figure: Figure, name: str, label: str) -> Markup:
    """A figure as `inline` has it; the figure is closed."""
    out = io.StringIO()
    plotting.write_svg(figure, out)
    pyplot.close(figure)
    return inline(out.getvalue(), name, label)
