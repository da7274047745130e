"""Runs with other teachers as one: the teacher's own randomness in every interval (§3, §4)."""

from collections.abc import Sequence
from itertools import combinations

import polars as pl

from arte.core.errors import ArteError


def pooled(runs: Sequence[pl.DataFrame], fixed: Sequence[str]) -> pl.DataFrame:
    """The PREDICTIONS of runs that differ in `seeds.teacher`, with the teacher's number as seed.

    fixed: arms that no teacher wrote; they keep the first run's rows and training seeds. In all
    other arms, students of one teacher have one seed, so that what varies between seeds is what
    teachers and trainings vary together. Raises ArteError where two runs have the same teacher, or
    an arm lacks rows in one of them.
    """
    by_teacher = [run.filter(~pl.col("arm").is_in(fixed)) for run in runs]
    _check_same_rows(by_teacher)
    for (i, one), (j, other) in combinations(enumerate(by_teacher, start=1), 2):
        if one.equals(other):
            raise ArteError(
                expected="runs with different teachers",
                found=f"runs {i} and {j} whose students gave the same answers in every arm",
                where="config key report.teachers",
                remedy="give each run another seeds.teacher",
            )
    numbered = [
        rows.with_columns(seed=pl.lit(number, pl.Int64)) for number, rows in enumerate(by_teacher)
    ]
    return pl.concat([runs[0].filter(pl.col("arm").is_in(fixed)), *numbered])


def _check_same_rows(runs: Sequence[pl.DataFrame]) -> None:
    """Raise ArteError where an arm has rows in one run that another run lacks."""
    key = ["student", "arm", "shots", "subtask", "item_id", "seed"]
    for number, rows in enumerate(runs[1:], start=2):
        for one, other in ((runs[0], rows), (rows, runs[0])):
            lacking = one.join(other, on=key, how="anti")
            if lacking.height:
                first = lacking.sort(key).row(0, named=True)
                raise ArteError(
                    expected="the same arms, training seeds and test items in every run",
                    found=f"{lacking.height} answers that only one of runs 1 and {number} has, the "
                    f"first of arm {first['arm']}, seed {first['seed']}, item {first['item_id']} "
                    f"of {first['subtask']}",
                    where="config key report.teachers",
                    remedy="make the runs from one config, but for run and seeds.teacher",
                )
