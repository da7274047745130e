"""Table 3: the students on out-of-domain benchmarks, beside the printed numbers (§5.1)."""

import polars as pl

from arte.report.build import Results, build
from arte.report.notes import notes
from arte.report.render import Block
from arte.report.specs import AVERAGE, BASELINES, BENCHMARKS, TABLE3
from arte.report.text import (
    Table,
    accuracies,
    differences,
    distinct,
    intervals,
    printed_rows,
    readings,
    select,
    setting,
    table,
)
from arte.stats.cells import Comparison


def table3(predictions: pl.DataFrame, published: dict, cfg: dict) -> Table:
    """Table 3: the students on five unseen benchmarks, in every shot setting that was run."""
    results = build(predictions, TABLE3, published, cfg)
    blocks = []
    for shots in results.settings:
        blocks.append(accuracies(results, shots))
    for shots in results.settings:
        here = select(results.comparisons, shots=shots)
        for reference in distinct(here, "reference"):
            blocks += _against(results, select(here, reference=reference))
    blocks.append(printed_rows(results, results.settings[0], "As printed"))
    for shots in results.settings:
        blocks += [intervals(results, shots), readings(results, shots)]
    return table(results, [*notes(results), *_notes(results)], blocks)


def _notes(results: Results) -> list[str]:
    present = distinct(results.cells, "column")
    missing = [column for column in BENCHMARKS.values() if column not in present]
    without = f" Not run, and not in our {AVERAGE}: {', '.join(missing)}." if missing else ""
    ours = (
        f"{AVERAGE}: mean over benchmarks.{without} The best baseline is chosen by it on the same"
        " items, which favors that baseline. original_teacher is our addition."
    )
    printed = results.printed.rows(0)
    best = max(printed[arm][-1] for arm in BASELINES)
    theirs = (
        "The paper does not say which shot setting it prints. Its cells but one are multiples of"
        " 0.2, so 500 items each; arte on CSQA (42.9) is not. Its text claims 1.5 points over the"
        f" best baseline; its averages give {printed['arte'][-1] - best:.2f}."
    )
    return [ours, theirs]


def _against(results: Results, apart: list[Comparison]) -> list[Block]:
    """Each arm minus one reference: on average, then by benchmark beside what could be found."""
    named, rows = [], []
    for arm in distinct(apart, "arm"):
        *parts, average = select(apart, arm=arm)
        named.append((arm, average))
        rows.append([arm, *(f"{part.difference:+z.1f} / {part.mde:.1f}" for part in parts)])
    first = apart[0]
    role = "" if first.reference == TABLE3.reference else " (the best baseline)"
    caption = f"{setting(first.shots)}: difference from {first.reference}{role}"
    by_benchmark = ["arm", *distinct(apart, "column")[:-1]]
    return [
        *differences(results, f"{caption}, {AVERAGE}, points", "arm", named),
        Block(f"{caption} / MDE by benchmark, points", by_benchmark, rows),
    ]
