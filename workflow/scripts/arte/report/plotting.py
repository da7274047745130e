"""What all figures share: no screen, one style, and files that are the same bytes each time."""

import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import matplotlib

matplotlib.use("Agg")  # before pyplot chooses a backend that needs a screen
from matplotlib.figure import Figure

from arte.core import io

STYLE = {
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "pdf.fonttype": 42,
    "svg.hashsalt": "arte",
    "svg.fonttype": "none",  # text stays text, for who searches, copies or listens
}

COLOR = "#1f5f8b"

PALETTE = (COLOR, "#d1661f", "#3d8a57", "#8a4a9e", "#b39024", "#5a5a5a")
"""Told apart also by most who see colors otherwise, and in gray."""


def colors(names: Iterable[str]) -> dict[str, str]:
    """A color for each of the distinct `names`, in their alphabetical order."""
    return dict(zip(sorted(set(names)), itertools.cycle(PALETTE), strict=False))


def save(figure: Figure, path: Path) -> None:
    """Write a figure as pdf, svg or png, by suffix, without the date and versions of the tools."""
    with io.replacing(path) as temporary:
        if path.suffix == ".pdf":
            metadata = {"CreationDate": None, "Producer": None, "Creator": None}
            figure.savefig(temporary, format="pdf", metadata=metadata)
        elif path.suffix == ".svg":
            write_svg(figure, temporary)
        else:
            figure.savefig(temporary, format="png", dpi=200, metadata={"Software": None})


def write_svg(figure: Figure, file: Path | IO[str]) -> None:
    """Write a figure as SVG on no background, without the date."""
    metadata = {"Date": None, "Creator": None}
    with matplotlib.rc_context(STYLE):  # for the salt of its ids
        figure.savefig(file, format="svg", transparent=True, metadata=metadata)
