"""What the tables of accuracies share: predictions by setting, notes, and cells as text."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from arte.core.errors import ArteError
from arte.report.render import Block, Document
from arte.stats.cells import Outcomes, outcomes

SCALE = "Gemma-2B taught by Llama-3-70B (arXiv 2406.19227), another model scale"

SETTINGS = {0: ("Zero-shot", "zero_shot"), 3: ("Three-shot", "three_shot")}
"""Shots to what the setting is called here and in config/published.yaml."""

DASH = "–"

DIFFERENCES = (
    {"student": pl.String, "shots": pl.Int64}
    | dict.fromkeys(("arm", "reference", "column", "average"), pl.String)
    | dict.fromkeys(("n", "seeds", "reference_seeds"), pl.Int64)
    | dict.fromkeys(("difference", "low", "high", "p", "p_holm"), pl.Float64)
    | dict.fromkeys(("holm_over", "counts"), pl.String)
    | dict.fromkeys(("error", "df", "published"), pl.Float64)
)
"""The columns of every csv of differences.

counts: "items" or "items and seeds"; error: standard error in points; df: degrees of freedom of the
t distribution, empty where items alone are counted and the normal is used.
"""

CELL_NOTE = (
    "Strict accuracy in percent (a missing <ans> tag is wrong) [95 % Wilson interval over items;"
    " with several training seeds that of the seeds' mean]. Seed SD: standard deviation between"
    " training seeds."
)

SEEDS_NOTE = (
    "Differences are paired over items; their intervals and p count items and training seeds, each"
    " arm with a seed variance of its own (t, at least {df} degrees of freedom). p (Holm) over"
    " {family}."
)

ITEMS_NOTE = (
    "Differences are paired over items. Their intervals and p EXCLUDE training noise, which one"
    " training seed cannot tell: a second seed may move a difference out of its interval. p (Holm)"
    " over {family}."
)

TEACHER_NOTE = (
    "One teacher: its sampled drafts, its alignment and the data that it wrote are one draw, which"
    " no interval counts. Another seeds.teacher on the same items shows how much they matter."
)


@dataclass(frozen=True)
class Table:
    """A table's cells and differences, one row each (csv), and what people read (md, tex)."""

    cells: pl.DataFrame
    document: Document
    differences: pl.DataFrame | None = None


def setting(shots: int) -> str:
    """How a shot setting is called: Zero-shot, Three-shot, else 5-shot."""
    return SETTINGS[shots][0] if shots in SETTINGS else f"{shots}-shot"


def printed_block(printed: dict, shots: int) -> dict:
    """What published.yaml prints for a shot setting, {} where the paper has none."""
    return printed.get(SETTINGS[shots][1], {}) if shots in SETTINGS else {}


def answered(predictions: pl.DataFrame, student: str, where: pl.Expr, what: str) -> pl.DataFrame:
    """The PREDICTIONS of one student that fit `where`; raise ArteError if there are none."""
    found = predictions.filter((pl.col("student") == student) & where)
    if found.is_empty():
        raise ArteError(
            expected=f"predictions of student {student} on {what}",
            found=f"students {sorted(set(predictions['student']))} on"
            f" {sorted(set(predictions['subtask']))}",
            where="the predictions given",
            remedy="evaluate that student, or correct the student of --cfg",
        )
    return found


def by_shots(predictions: pl.DataFrame) -> Iterator[tuple[int, Outcomes]]:
    """(shots, the outcomes of every arm in `predictions`) for each shot setting, in order."""
    arms = sorted(set(predictions["arm"]))
    for shots in sorted(set(predictions["shots"])):
        yield shots, outcomes(predictions, shots, arms)


def cells_frame(rows: list[dict]) -> pl.DataFrame:
    """Rows of cells, of which seed_sd and published may be empty throughout."""
    maybe_empty = dict.fromkeys(("seed_sd", "published"), pl.Float64)
    types = {name: kind for name, kind in maybe_empty.items() if name in rows[0]}
    return pl.DataFrame(rows, schema_overrides=types, infer_schema_length=None)


def differences_frame(rows: list[dict]) -> pl.DataFrame:
    """Rows of differences, also when there are none; published may be absent."""
    return pl.DataFrame(rows, schema=DIFFERENCES, orient="row")


def notes(differences: pl.DataFrame, family: str) -> list[str]:
    """How to read a table's intervals and p values, and whether they count training noise."""
    seeded = differences.filter(counts="items and seeds")
    template = SEEDS_NOTE if seeded.height else ITEMS_NOTE
    df = math.floor(seeded["df"].min()) if seeded.height else None
    return [CELL_NOTE, template.format(df=df, family=family), TEACHER_NOTE]


def interval(cell: dict) -> str:
    """A cell's value and 95 % interval: 41.0 [31.9, 50.8]."""
    return f"{cell['strict']:.1f} [{cell['low']:.1f}, {cell['high']:.1f}]"


def signed(row: dict) -> str:
    """A difference and its 95 % interval: +4.0 [-1.2, +9.3]."""
    return f"{row['difference']:+z.1f} [{row['low']:+z.1f}, {row['high']:+z.1f}]"


def p_text(p: float) -> str:
    """A p value with four decimals, or that it is smaller."""
    return f"{p:.4f}" if p >= 0.00005 else "<0.0001"


def spread(cell: dict) -> str:
    """The standard deviation between seeds, a dash for one seed."""
    return DASH if cell["seed_sd"] is None else f"{cell['seed_sd']:.1f}"


def printed_text(value: float | None, *, sign: bool = False) -> str:
    """A printed value with two decimals, a dash where the paper has none."""
    if value is None:
        return DASH
    return f"{value:+z.2f}" if sign else f"{value:.2f}"


def pick(frame: pl.DataFrame, **where: object) -> dict:
    """The first row of `frame` whose columns have the values given."""
    return frame.filter(**where).row(0, named=True)


def grid(name: str, frame: pl.DataFrame, key: str) -> Block:
    """Arms by columns of one shot setting, with items, seeds and seed SD: what is read first.

    name: the setting; key: the column whose seed SD is shown, the average over the others.
    """
    columns = frame["column"].unique(maintain_order=True).to_list()
    sizes = [str(pick(frame, column=column)["n"]) for column in columns]
    rows = [["items", "", *sizes, ""]]
    for arm in frame["arm"].unique(maintain_order=True):
        over_all = pick(frame, column=key, arm=arm)
        values = [interval(pick(frame, column=column, arm=arm)) for column in columns]
        rows.append([arm, str(over_all["seeds"]), *values, spread(over_all)])
    caption = f"{name}: strict accuracy, % [95 % interval]; seed SD of {key}"
    return Block(caption, ["arm", "seeds", *columns, "seed SD"], rows)
