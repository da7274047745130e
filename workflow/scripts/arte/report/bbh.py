"""Tables 2 and 6: arms and rationale strategies on BBH, beside the printed numbers (§4.2, §5)."""

import polars as pl

from arte.core import job
from arte.core.tasks import CATEGORIES
from arte.report.render import Block, Document
from arte.report.text import (
    SCALE,
    SETTINGS,
    Table,
    answered,
    by_shots,
    cells_frame,
    differences_frame,
    grid,
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

REFERENCE = "original_teacher"
"""The arm that every other arm is compared with: the paper's own ablation baseline (§4.1)."""

TABLE2 = (
    "vanilla",
    "gpt4_llm",
    "tulu_v2",
    "wizardlm",
    "openorca",
    REFERENCE,
    "rationale_only",
    "question_only",
    "arte",
)

CLAIMS = [("arte", REFERENCE), ("arte", "rationale_only"), ("arte", "question_only")]
"""The comparisons by which the paper argues for ARTE (§4.2, audit item 8)."""

TABLE6 = {
    "vanilla": "vanilla",
    "random": "random",
    "most_preferred": REFERENCE,
    "task_consistent": "task_consistent",
    "aligned_teacher (definition)": "rationale_only",
    "aligned_teacher (number)": "question_only",
}
"""Row to arm. The paper's Aligned Teacher is defined as Rationale Only, but its printed number is
that of Question Only in Table 2, so both are given (audit item 7)."""

TABLE6_PRINTED = {
    "aligned_teacher (definition)": None,  # no number is printed under this reading
    "aligned_teacher (number)": "aligned_teacher",
}

PRIMARY = (pl.col("column") == ALL) & (pl.col("average") == "micro")
"""The primary measure: accuracy over the items of all of BBH."""


def on_bbh(predictions: pl.DataFrame, student: str) -> pl.DataFrame:
    """One student's PREDICTIONS on BBH, without those on out-of-domain benchmarks."""
    return answered(predictions, student, pl.col("category").is_in(CATEGORIES), "BBH")


def measure(
    predictions: pl.DataFrame, arms: list[str], claims: list[tuple[str, str]], cfg: dict
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cells of `arms` and differences from REFERENCE and of `claims`, in every shot setting.

    Arms that are not shown still tell how much training seeds vary, so that a comparison is the
    same in every table.
    """
    rows: list[dict] = []
    apart: list[dict] = []
    against = [(arm, REFERENCE) for arm in arms if arm != REFERENCE and REFERENCE in arms]
    for shots, data in by_shots(predictions):
        parts = cells.bbh_slices(data.strata)
        primary = [part for part in parts if (part.column, part.average) == (ALL, "micro")]
        tasks = cells.task_slices(data.strata)
        here = {"student": cfg["student"], "shots": shots}
        rows += [here | cells.level(data, arm, part) for arm in arms for part in parts]
        for pairs, slices, family, by in (
            (against, parts, "arms", ("column", "average")),
            (claims, primary, "claims", ()),
            (claims, tasks, "tasks", ("reference",)),
        ):
            found = cells.differences(data, pairs, slices)
            apart += [here | row for row in cells.with_holm(found, family, by=by)]
    return cells_frame(rows), differences_frame(apart)


def table2(predictions: pl.DataFrame, published: dict, cfg: dict) -> Table:
    """Table 2: arms by categories. Arms that no table of the paper knows come last."""
    mine = on_bbh(predictions, cfg["student"])
    present = set(mine["arm"])
    known = {*TABLE2, *TABLE6.values()}
    arms = [arm for arm in TABLE2 if arm in present] + sorted(present - known)
    claims = [pair for pair in CLAIMS if present.issuperset(pair)]
    frame, apart = measure(mine, arms, claims, cfg)
    printed = published["table2"]
    frame = cells_frame(
        [row | {"published": _printed2(printed, row)} for row in frame.iter_rows(named=True)]
    )
    apart = differences_frame(
        [row | {"published": _apart2(printed, row)} for row in apart.iter_rows(named=True)]
    )
    settings = frame["shots"].unique(maintain_order=True).to_list()
    parts = [(shots, frame.filter(shots=shots), apart.filter(shots=shots)) for shots in settings]
    blocks = [grid(setting(shots), rows.filter(average="micro"), ALL) for shots, rows, _ in parts]
    for shots, _, rows in parts:
        blocks += _compared(rows, setting(shots))
    blocks += [_printed_rows(printed, shots) for shots in settings if shots in SETTINGS]
    blocks += [_readings(rows, setting(shots)) for shots, rows, _ in parts]
    for shots, _, rows in parts:
        blocks += _by_task(rows, setting(shots))
    read = notes(apart, "the arms, claims or tasks of one block")
    return Table(frame, Document("Table 2: students on BBH", read, blocks), apart)


def _printed2(printed: dict, cell: dict, arm: str = "arm") -> float | None:
    """The printed value of one cell; the paper's average is undefined, so only micro has one."""
    block = printed_block(printed, cell["shots"])
    column = cell["column"]
    if cell["average"] != "micro" or cell[arm] not in block or column not in printed["columns"]:
        return None
    return block[cell[arm]][printed["columns"].index(column)]


def _apart2(printed: dict, row: dict) -> float | None:
    first, second = _printed2(printed, row), _printed2(printed, row, "reference")
    return None if first is None or second is None else first - second


def _compared(apart: pl.DataFrame, name: str) -> list[Block]:
    """The paper's claims on all of BBH (primary), then every arm minus the reference."""
    captions = {
        "claims": f"{name}: {ALL}, the claims for arte, points",
        "arms": f"{name}: {ALL}, every arm against {REFERENCE}, points",
    }
    header = ["comparison", "items", "difference", "p", "p (Holm)", "printed difference"]
    blocks = []
    for family, caption in captions.items():
        rows = [
            [
                f"{row['arm']} − {row['reference']}",
                str(row["n"]),
                signed(row),
                p_text(row["p"]),
                p_text(row["p_holm"]),
                printed_text(row["published"], sign=True),
            ]
            for row in apart.iter_rows(named=True)
            if row["holm_over"] == family and (row["column"], row["average"]) == (ALL, "micro")
        ]
        blocks += [Block(caption, header, rows)] if rows else []
    return blocks


def _printed_rows(printed: dict, shots: int) -> Block:
    rows = [
        [arm, *(f"{value:.2f}" for value in values)]
        for arm, values in printed_block(printed, shots).items()
    ]
    return Block(f"{setting(shots)} as printed: {SCALE}", ["arm", *printed["columns"]], rows)


def _readings(frame: pl.DataFrame, name: str) -> Block:
    """All of BBH under the other averages and the lenient reading, with the share of tags."""
    over_all = frame.filter(column=ALL)
    rows = []
    for arm in over_all["arm"].unique(maintain_order=True):
        micro, tasks, files = (pick(over_all, arm=arm, average=average) for average in AVERAGES)
        shares = [f"{micro[key]:.1f}" for key in ("lenient", "tagged")]
        rows.append([arm, interval(tasks), interval(files), *shares])
    header = ["arm", "macro over tasks", "macro over files", "lenient", "tagged"]
    return Block(f"{name}: {ALL} under other averages and readings, %", header, rows)


def _by_task(apart: pl.DataFrame, name: str) -> list[Block]:
    """One block per claim: the difference on every task, Holm over tasks."""
    blocks = []
    for arm, reference in CLAIMS:
        rows = [
            [row["column"], str(row["n"]), signed(row), p_text(row["p"]), p_text(row["p_holm"])]
            for row in apart.iter_rows(named=True)
            if (row["arm"], row["reference"], row["holm_over"]) == (arm, reference, "tasks")
        ]
        caption = f"{name}: {arm} − {reference} by task, points"
        header = ["task", "items", "difference", "p", "p (Holm)"]
        blocks += [Block(caption, header, rows)] if rows else []
    return blocks


def table6(predictions: pl.DataFrame, published: dict, cfg: dict) -> Table:
    """Table 6: rationale strategies; the paper prints three-shot BBH only."""
    mine = on_bbh(predictions, cfg["student"])
    present = set(mine["arm"])
    rows_of = {row: arm for row, arm in TABLE6.items() if arm in present}
    job.log(f"table 6: rows not run: {sorted(set(TABLE6) - set(rows_of)) or 'none'}")
    arms = list(dict.fromkeys(rows_of.values()))
    measured, apart = measure(mine, arms, [], cfg)
    printed = {
        row: published["table6"].get(TABLE6_PRINTED.get(row, row) or "", [None])[0]
        for row in rows_of
    }
    names = pl.DataFrame({"row": list(rows_of), "arm": list(rows_of.values())})
    frame = names.join(measured, on="arm", how="left", maintain_order="left_right").with_columns(
        published=pl.when((pl.col("shots") == 3) & PRIMARY).then(
            pl.col("row").replace_strict(printed, return_dtype=pl.Float64)
        )
    )
    blocks = [
        _strategies(frame.filter(PRIMARY), apart, shots)
        for shots in sorted(set(frame["shots"]), reverse=True)
    ]
    read = notes(apart, "arms")
    return Table(frame, Document("Table 6: rationale strategies on BBH", read, blocks), apart)


def _strategies(micro: pl.DataFrame, apart: pl.DataFrame, shots: int) -> Block:
    of_arm = {row["arm"]: row for row in apart.filter(PRIMARY, shots=shots).iter_rows(named=True)}
    rows = []
    for cell in micro.filter(shots=shots).iter_rows(named=True):
        row = of_arm.get(cell["arm"])
        compared = [signed(row), p_text(row["p"]), p_text(row["p_holm"])] if row else ["–"] * 3
        rows.append(
            [cell["row"], cell["arm"], str(cell["n"]), str(cell["seeds"])]
            + [interval(cell), spread(cell), *compared, printed_text(cell["published"])]
        )
    header = ["row", "arm", "items", "seeds", ALL, "seed SD"]
    header += [f"against {REFERENCE}", "p", "p (Holm)", "printed"]
    caption = f"{setting(shots)}: strict accuracy, % [95 % interval]; printed: {SCALE}"
    return Block(caption, header, rows)
