"""Tables 4 and 5: the aligned teacher on unseen tasks and for unseen students (§5.2)."""

import polars as pl

from arte.core.errors import ArteError
from arte.report.bbh import on_bbh
from arte.report.ood import AVERAGE, BENCHMARKS, TRANSFER, on_benchmarks, slices
from arte.report.render import Block, Document
from arte.report.text import (
    SCALE,
    SETTINGS,
    Table,
    answered,
    by_shots,
    cells_frame,
    differences_frame,
    interval,
    notes,
    p_text,
    pick,
    printed_block,
    printed_text,
    setting,
    signed,
    spread,
)
from arte.stats import cells
from arte.stats.cells import ALL, AVERAGES

UNPRINTED = "CSQA (not in the paper)"
"""The column of commonsense_qa in Table 4; it stays out of the average."""

TABLE4 = {s: c for s, c in BENCHMARKS.items() if c != "CSQA"} | {"commonsense_qa": UNPRINTED}
"""Subtask to column."""

PRINTED4 = [subtask for subtask, column in TABLE4.items() if column != UNPRINTED]
"""The subtasks of the paper's Table 4, over which it averages."""

STUDENTS = {"original_teacher": "Original", "arte": "Aligned"}
"""Arm to row of Table 5."""


def table4(predictions: pl.DataFrame, published: dict, cfg: dict) -> Table:
    """Table 4: students trained for unseen benchmarks by the original and the aligned teacher."""
    mine = _both(on_benchmarks(predictions, cfg["student"]), TRANSFER, "Table 4")
    answered(mine, cfg["student"], pl.col("subtask").is_in(PRINTED4), ", ".join(PRINTED4))
    rows: list[dict] = []
    apart: list[dict] = []
    for shots, data in by_shots(mine):
        here = {"student": cfg["student"], "shots": shots}
        parts = slices(data.strata, TABLE4, PRINTED4)
        rows += [here | cells.level(data, arm, part) for arm in TRANSFER for part in parts]
        *each, average = cells.differences(data, [tuple(reversed(TRANSFER))], parts)
        apart += [here | row for row in cells.with_holm(each, "benchmarks")]
        apart += [here | row for row in cells.with_holm([average], "one test")]
    printed = published["table4"]
    frame = cells_frame(
        [row | {"published": _printed4(printed, row, TRANSFER[row["arm"]])} for row in rows]
    )
    differences = differences_frame(
        [row | {"published": _printed4(printed, row, "delta")} for row in apart]
    )
    blocks = [
        _block4(frame.filter(shots=k), differences.filter(shots=k), printed)
        for k in frame["shots"].unique(maintain_order=True)
    ]
    note = f"{AVERAGE}: mean over the paper's four benchmarks as far as run; CSQA stays out of it."
    read = [*notes(differences, "benchmarks"), note]
    return Table(frame, Document("Table 4: unseen tasks", read, blocks), differences)


def _both(predictions: pl.DataFrame, arms: dict[str, str], table: str) -> pl.DataFrame:
    """The predictions of two arms; raise ArteError where one is missing."""
    if missing := sorted(set(arms) - set(predictions["arm"])):
        raise ArteError(
            expected=f"predictions of the arms {', '.join(arms)}",
            found=f"none of {', '.join(missing)}",
            where=f"the predictions of {predictions['student'][0]} given for {table}",
            remedy="train and evaluate both arms",
        )
    return predictions.filter(pl.col("arm").is_in(list(arms)))


def _printed4(printed: dict, row: dict, name: str) -> float | None:
    block = printed_block(printed, row["shots"])
    if not block or row["column"] not in printed["columns"]:
        return None
    return block[name.lower()][printed["columns"].index(row["column"])]


def _block4(frame: pl.DataFrame, apart: pl.DataFrame, printed: dict) -> Block:
    """One shot setting: benchmarks as columns, ours above the printed rows."""
    shots = frame.row(0, named=True)["shots"]
    deltas = list(apart.iter_rows(named=True))
    groups = {
        row: [pick(frame, arm=arm, column=delta["column"]) for delta in deltas]
        for arm, row in TRANSFER.items()
    }
    rows = _rows(groups, deltas)
    for name in ("original", "aligned", "delta"):
        values = [_printed4(printed, row, name) for row in deltas]
        rows.append(
            [f"printed {name}", *(printed_text(value, sign=name == "delta") for value in values)]
        )
    caption = f"{setting(shots)}: strict accuracy, % [95 % interval]; printed: {SCALE}"
    return Block(caption, ["row", *(row["column"] for row in deltas)], rows)


def _rows(groups: dict[str, list[dict]], deltas: list[dict]) -> list[list[str]]:
    """Text rows of one block: sizes, both accuracies, their difference, then other readings."""
    first = next(iter(groups.values()))
    rows = [
        ["items", *(str(cell["n"]) for cell in first)],
        ["seeds", *(str(cell["seeds"]) for cell in first)],
        *([name, *map(interval, found)] for name, found in groups.items()),
        ["Delta, points", *map(signed, deltas)],
        ["p", *(p_text(row["p"]) for row in deltas)],
        ["p (Holm)", *(p_text(row["p_holm"]) for row in deltas)],
    ]
    for name, found in groups.items():
        rows.append([f"{name}: seed SD", *map(spread, found)])
        shares = (f"{cell['lenient']:.1f} / {cell['tagged']:.1f}" for cell in found)
        rows.append([f"{name}: lenient / tagged", *shares])
    return rows


def table5(predictions: pl.DataFrame, published: dict, cfg: dict) -> Table:
    """Table 5: other students taught by the original and the aligned teacher, on BBH.

    cfg["students"]: list of {name, note}; the note says how a student differs from the main one.
    """
    rows: list[dict] = []
    apart: list[dict] = []
    for student in (entry["name"] for entry in cfg["students"]):
        mine = _both(on_bbh(predictions, student), STUDENTS, "Table 5")
        for shots, data in by_shots(mine):
            here = {"student": student, "shots": shots}
            parts = [part for part in cells.bbh_slices(data.strata) if part.column == ALL]
            rows += [here | cells.level(data, arm, part) for arm in STUDENTS for part in parts]
            found = cells.differences(data, [tuple(reversed(STUDENTS))], parts)
            apart += [here | row for row in found]
    frame = cells_frame(rows)
    differences = differences_frame(cells.with_holm(apart, "students", by=("shots", "average")))
    read = [*notes(differences, "students"), *_notes5(cfg["students"])]
    settings = sorted(set(frame["shots"]))
    blocks = [_block5(frame, differences, shots) for shots in settings]
    blocks += [_printed5(published["table5"], shots) for shots in settings if shots in SETTINGS]
    blocks.append(_averages5(differences))
    return Table(frame, Document("Table 5: unseen students on BBH", read, blocks), differences)


def _notes5(students: list[dict]) -> list[str]:
    ours = "; ".join(f"{entry['name']}: {entry['note']}" for entry in students)
    return [f"Our students beside the main one: {ours}. The paper's are other models."]


def _block5(frame: pl.DataFrame, apart: pl.DataFrame, shots: int) -> Block:
    """One shot setting over items: students as columns."""
    where = {"shots": shots, "average": "micro"}
    deltas = list(apart.filter(**where).iter_rows(named=True))
    groups = {
        row: [pick(frame, arm=arm, student=delta["student"], **where) for delta in deltas]
        for arm, row in STUDENTS.items()
    }
    caption = f"{setting(shots)}: strict accuracy, % [95 % interval]"
    return Block(caption, ["row", *(row["student"] for row in deltas)], _rows(groups, deltas))


def _averages5(apart: pl.DataFrame) -> Block:
    """The difference under the averages that are not primary."""
    students = apart["student"].unique(maintain_order=True).to_list()
    rows = [
        [f"{setting(shots)}, {average.replace('_', ' over ')}"]
        + [
            signed(pick(apart, shots=shots, average=average, student=student))
            for student in students
        ]
        for shots in sorted(set(apart["shots"]))
        for average in AVERAGES[1:]
    ]
    return Block("Delta under other averages, points", ["average", *students], rows)


def _printed5(printed: dict, shots: int) -> Block:
    rows = [
        [name.capitalize(), *(printed_text(value, sign=name == "delta") for value in values)]
        for name, values in printed_block(printed, shots).items()
    ]
    caption = f"{setting(shots)}, printed for other students (arXiv 2406.19227)"
    return Block(caption, ["row", *printed["columns"]], rows)
