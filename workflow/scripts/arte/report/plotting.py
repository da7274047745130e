"""What all figures share: no screen, one style, and files that are the same bytes each time."""

from pathlib import Path

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
}

COLOUR = "#1f5f8b"


def save(figure: Figure, path: Path) -> None:
    """Write a figure as pdf or png, by suffix, without the date and the versions of the tools."""
    with io.replacing(path) as temporary:
        if path.suffix == ".pdf":
            metadata = {"CreationDate": None, "Producer": None, "Creator": None}
            figure.savefig(temporary, format="pdf", metadata=metadata)
        else:
            figure.savefig(temporary, format="png", dpi=200, metadata={"Software": None})
