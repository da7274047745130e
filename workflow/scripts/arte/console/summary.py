"""What came out of a run, on one screen of 80 columns."""

from collections import Counter
from pathlib import Path

import polars as pl

from arte.core.errors import ArteError
from arte.report import reference

REFERENCES = Path(__file__).parents[4] / "docs/reference"
"""Ranges of the numbers of finished runs, by the name of a run with the same configuration."""

SHOWN = ("macro_categories", "micro")
"""Averages of Table 2, the first that it has."""


def summary(run: Path) -> str:
    """Accuracy of every arm, verdicts on claims, a look at the reference, and where files lie."""
    tables = accuracies(run / "tables/table2.csv")
    return "\n".join([*tables, *verdicts(run), *beside_reference(run), *places(run)])


def accuracies(table: Path) -> list[str]:
    """A line for each arm of the student: accuracy in percent, by the number of exemplars."""
    cells = pl.read_csv(table).filter(pl.col("column") == "BBH")
    average = next(name for name in SHOWN if name in cells["average"])
    cells = cells.filter(pl.col("average") == average)
    shots = sorted(set(cells["shots"]))
    head = "".join(f"{f'{k} exemplars':>24}" for k in shots)
    lines = ["", "  Right answers of the student in percent, with 95 % intervals", ""]
    lines.append(f"  {'trained on':20}{head}")
    for arm in dict.fromkeys(cells["arm"]):
        own = {row["shots"]: row for row in cells.filter(pl.col("arm") == arm).to_dicts()}
        shown = "".join(f"{interval(own.get(k)):>24}" for k in shots)
        lines.append(f"  {arm:20}{shown}")
    return lines


def interval(cell: dict | None) -> str:
    """A cell as text."""
    return "{strict:.1f} ({low:.1f} to {high:.1f})".format(**cell) if cell else "-"


def verdicts(run: Path) -> list[str]:
    """How many of the paper's claims are supported, contradicted and so on; none without them."""
    file = run / "tables/claims.csv"
    if not file.exists():
        return []
    claims = pl.read_csv(file).unique("claim", maintain_order=True)
    counts = Counter(claims["verdict"])
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
    return ["", f"  The paper's {len(claims)} claims here: {told}"]


def beside_reference(run: Path) -> list[str]:
    """Whether the run lies in the ranges of the reference runs, where there are such."""
    file = REFERENCES / f"{run.name}.csv"
    if not file.exists():
        return []
    try:
        return reference.summary(reference.cells(run), pl.read_csv(file))
    except ArteError as error:  # the configuration was changed under the run's old name
        return [
            f"  Not compared with the reference: expected {error.expected}, found {error.found}"
        ]


def places(run: Path) -> list[str]:
    """Where to read on."""
    names = {
        "tables/table2.md": "Table 2, with differences between arms",
        "tables/claims.md": "each claim, ours beside the paper's",
        "figures/figure1.pdf": "the run as a picture",
        "report/index.html": "the report, for a browser",
    }
    return [
        "",
        *(f"  {run / name}  {what}" for name, what in names.items() if (run / name).exists()),
    ]
