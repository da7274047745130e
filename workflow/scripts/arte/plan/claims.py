"""How long each of the paper's claims takes: its files and all jobs behind them, no others."""

import re
from typing import Any

from arte.plan.forecast import Row
from arte.plan.jobs import Job, needs


def times(claims: dict[str, dict[str, Any]], rows: list[Row], jobs: list[Job]) -> dict[str, tuple]:
    """Claim to device seconds of all jobs that it needs, and of those that are left.

    claims: id to `files` (their paths) and `evaluations` (students, arms and subtasks of tables of
    predictions), as a claim needs them. Jobs that use no model are taken to need no time.
    """
    seconds = {
        one.job.outputs: (time, time * left)
        for row in rows
        for one, time, left in zip(row.stage.jobs, row.seconds, row.left, strict=True)
    }
    before, found = needs(jobs), {}
    for name, wanted in claims.items():
        todo = [i for i, job in enumerate(jobs) if any(_is_in(p, wanted) for p in job.outputs)]
        behind: set[int] = set()
        while todo:
            i = todo.pop()
            if i not in behind:
                behind.add(i)
                todo += before[i]
        parts = [seconds.get(jobs[i].outputs, (0.0, 0.0)) for i in sorted(behind)]
        found[name] = (sum(whole for whole, _ in parts), sum(left for _, left in parts))
    return found


_PREDICTIONS = re.compile(r"/evaluate/([^/]+)/([^/]+)/[^/]+/([^/]+)\.parquet$")


def _is_in(path: str, wanted: dict[str, Any]) -> bool:
    """Whether a claim needs a file itself."""
    match = _PREDICTIONS.search(path)
    if match is None:
        return path in wanted["files"]
    student, arm, subtask = match.groups()
    return any(
        student in students and arm in arms and subtask in subtasks
        for students, arms, subtasks in wanted["evaluations"]
    )
