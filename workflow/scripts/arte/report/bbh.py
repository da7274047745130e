"""Tables 2 and 6: arms and rationale strategies on BBH, beside the printed numbers (§4.2, §5)."""

import polars as pl

from arte.report.build import Results, build
from arte.report.notes import notes
from arte.report.render import Block
from arte.report.specs import AVERAGES, TABLE2, TABLE6
from arte.report.text import (
    Table,
    accuracies,
    differences,
    interval,
    intervals,
    primary,
    printed_rows,
    printed_text,
    readings,
    select,
    setting,
    spread,
    table,
)


def table2(predictions: pl.DataFrame, published: dict, cfg: dict) -> Table:
    """Table 2: arms by categories. Arms that no table of the paper knows come last."""
    results = build(predictions, TABLE2, published, cfg)
    blocks = []
    for shots in results.settings:
        blocks.append(accuracies(results, shots))
    for shots in results.settings:
        blocks += _compared(results, shots)
    for shots in results.settings:
        if results.printed.rows(shots):
            blocks.append(printed_rows(results, shots, f"{setting(shots)} as printed"))
    for shots in results.settings:
        blocks += [intervals(results, shots), readings(results, shots)]
    for shots in results.settings:
        blocks += _by_task(results, shots)
    return table(results, notes(results), blocks)


def _compared(results: Results, shots: int) -> list[Block]:
    """The paper's claims on everything (primary), then every arm minus the reference."""
    whole = results.spec.overall.name
    captions = {
        "claims": f"{setting(shots)}: {whole}, the claims for arte, points",
        "arms": f"{setting(shots)}: {whole}, every arm against {TABLE2.reference}, points",
    }
    apart = select(results.comparisons, shots=shots, column=whole, average=AVERAGES[0])
    blocks = []
    for family, caption in captions.items():
        named = []
        for row in select(apart, holm_over=family):
            pair = f"{row.arm} − {row.reference}"
            named.append((pair if family == "claims" else row.arm, row))
        blocks += differences(results, caption, "comparison", named)
    return blocks


def _by_task(results: Results, shots: int) -> list[Block]:
    """One block per claim: the difference on every task, Holm over tasks."""
    here = select(results.comparisons, shots=shots, holm_over="tasks")
    blocks = []
    for arm, reference in TABLE2.claims:
        named = []
        for row in select(here, arm=arm, reference=reference):
            named.append((row.column, row))
        caption = f"{setting(shots)}: {arm} − {reference} by task, points"
        blocks += differences(results, caption, "task", named)
    return blocks


def table6(predictions: pl.DataFrame, published: dict, cfg: dict) -> Table:
    """Table 6: rationale strategies; the paper prints three-shot BBH only."""
    results = build(predictions, TABLE6, published, cfg)
    blocks = []
    for shots in reversed(results.settings):
        blocks += _strategies(results, shots)
    for shots in reversed(results.settings):
        blocks.append(readings(results, shots))
    made = table(results, notes(results), blocks)
    labels = {row.arm: row.label for row in TABLE6.rows}
    named = made.cells.select(pl.col("arm").replace_strict(labels).alias("row"), pl.all())
    return Table(named, made.document, made.differences)


def _strategies(results: Results, shots: int) -> list[Block]:
    """The accuracies and the differences from the reference, on everything."""
    whole = results.spec.overall.name
    cells = select(primary(results, shots), column=whole)
    apart = select(results.comparisons, shots=shots, column=whole, average=AVERAGES[0])
    levels, named = [], []
    for row in TABLE6.rows:
        for cell in select(cells, arm=row.arm):
            printed = printed_text(results.printed.of_cell(cell))
            shown = [str(cell.seeds), interval(cell), spread(cell), printed]
            levels.append([row.label, row.arm, *shown])
        for difference in select(apart, arm=row.arm, reference=TABLE6.reference):
            named.append((row.label, difference))
    header = ["row", "arm", "seeds", f"{whole} [95 %]", "SD", "printed"]
    caption = f"{setting(shots)}: difference from {TABLE6.reference}, points"
    return [
        Block(f"{setting(shots)}: strict accuracy, %", header, levels),
        *differences(results, caption, "row", named),
    ]
