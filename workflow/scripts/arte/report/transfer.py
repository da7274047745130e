"""Tables 4 and 5: the aligned teacher on unseen tasks and for unseen students (§5.2)."""

import polars as pl

from arte.report.build import Results, build
from arte.report.notes import notes
from arte.report.render import Block
from arte.report.specs import AVERAGE, AVERAGES, TABLE4, TABLE5
from arte.report.text import (
    Table,
    differences,
    distinct,
    interval,
    primary,
    printed_rows,
    select,
    setting,
    spelled,
    spread,
    table,
)


def table4(predictions: pl.DataFrame, published: dict, cfg: dict) -> Table:
    """Table 4: students trained for unseen benchmarks by the original and the aligned teacher."""
    results = build(predictions, TABLE4, published, cfg)
    blocks = []
    for shots in results.settings:
        blocks += _blocks(results, shots, "benchmark", "column")
    for shots in results.settings:
        if results.printed.rows(shots):
            blocks.append(printed_rows(results, shots, f"{setting(shots)} as printed"))
    note = f"{AVERAGE}: mean over the paper's four benchmarks as far as run; CSQA stays out of it."
    return table(results, [*notes(results), note], blocks)


def table5(predictions: pl.DataFrame, published: dict, cfg: dict) -> Table:
    """Table 5: other students taught by the original and the aligned teacher, on BBH.

    cfg["students"]: list of {name, note}; the note says how a student differs from the main one.
    """
    results = build(predictions, TABLE5, published, cfg)
    blocks = []
    for shots in results.settings:
        blocks += _blocks(results, shots, "student", "student")
    for shots in results.settings:
        if results.printed.rows(shots):
            caption = f"{setting(shots)}, printed for other students (arXiv 2406.19227)"
            blocks.append(printed_rows(results, shots, caption))
    blocks += _averages(results)
    ours = "; ".join(f"{student['name']}: {student['note']}" for student in cfg["students"])
    note = f"Our students beside the main one: {ours}. The paper's are other models."
    return table(results, [*notes(results), note], blocks)


def _blocks(results: Results, shots: int, head: str, field: str) -> list[Block]:
    """One shot setting: both accuracies, their difference, then other readings.

    field: what tells the rows apart, `column` or `student`; head: how that is called.
    """
    first, second = results.spec.rows
    cells = primary(results, shots)
    levels, named, others = [], [], []
    for name in distinct(cells, field):
        original, aligned = select(cells, **{field: name})
        where = {"shots": shots, "average": original.average, field: name}
        named.append((name, select(results.comparisons, **where)[0]))
        sizes = [str(original.n), str(original.seeds)]
        levels.append([name, *sizes, interval(original), interval(aligned)])
        row = [name, f"{spread(original)} / {spread(aligned)}"]
        for measure in ("lenient", "tagged", "cut_off"):
            row.append(f"{getattr(original, measure):.1f} / {getattr(aligned, measure):.1f}")
        others.append(row)
    made = setting(shots)
    both = [first.label, second.label]
    caption = f"{made}: {second.label} − {first.label}, points"
    readings = [head, "SD", "lenient", "tagged", "cut off"]
    return [
        Block(f"{made}: strict accuracy, % [95 %]", [head, "items", "seeds", *both], levels),
        *differences(results, caption, head, named),
        Block(f"{made}: {' / '.join(both)}, %", readings, others),
    ]


def _averages(results: Results) -> list[Block]:
    """The difference under the averages that are not primary."""
    named = []
    for shots in results.settings:
        for average in AVERAGES[1:]:
            name = f"{setting(shots)}, {spelled(average)}"
            for row in select(results.comparisons, shots=shots, average=average):
                named.append((f"{row.student}: {name}", row))
    caption = "Difference under other averages, points"
    return differences(results, caption, "student: average", named)
