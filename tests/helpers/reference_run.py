"""The tables of a run that a reference reads, with one cell each; numbers are the test's."""

import polars as pl

from arte.report.reference import SOURCES, cells


def write(run, *, arte=80.0, naive=0.9, verdict="not decided"):
    """The tables of a run with one cell each, at the places where a run has them."""
    tables = {
        "tables/table2.csv": [
            {"shots": 0, "arm": "arte", "column": "BBH", "average": average}
            | {"strict": arte, "low": arte - 3, "high": arte + 3}
            for average in ("micro", "macro_tasks")
        ],
        "tables/table2_differences.csv": [
            {"shots": 0, "arm": "arte", "reference": "question_only", "column": column}
            | {"average": "micro", "difference": -2.0, "low": -5.0, "high": 1.0}
            for column in ("BBH", "BBH-CS")
        ],
        "tables/table6.csv": [
            {"row": "random", "shots": 3, "column": "BBH", "average": "micro"}
            | {"strict": 50.0, "low": 40.0, "high": 60.0}
        ],
        "tables/technique_shift.csv": [
            {"subtask": "web_of_lies", "measure": "share", "technique": technique}
            | dict.fromkeys(("before", "after"), value)
            | dict.fromkeys(("before_low", "after_low"), 0.1)
            | dict.fromkeys(("before_high", "after_high"), 0.9)
            for technique, value in (("steps", 0.5), ("other", None))
        ],
    }
    for role in ("teacher", "student"):
        tables[f"models/gates-{role}.csv"] = [
            {"subtask": "web_of_lies", "measure": "naive", "value": naive, "low": 0.8, "high": 0.95}
        ]
    assert set(tables) == {source.file for source in SOURCES.values()}
    rows = {"claim": "question_only_zero_shot", "verdict": verdict}
    tables["tables/claims.csv"] = [rows | {"comparison": name} for name in ("one", "other")]
    for name, rows in tables.items():
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        pl.DataFrame(rows).write_csv(run / name)
    return cells(run)
