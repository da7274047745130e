"""What the finished jobs of a run did and took, job by job: their own files say it."""

import csv
from dataclasses import dataclass, replace
from pathlib import Path

from arte.core.io import read_json
from arte.plan.commands import Planned
from arte.plan.cost import Site, device_seconds
from arte.plan.work import Work

LAG_S = 30.0
"""CPU time is sampled at most this often, so what a process used since is missing from it."""

COUNTS = {"generated", "prompt_tokens", "cached_tokens", "output_tokens"}
"""What a job that generates has counted, if our code wrote its file."""


@dataclass(frozen=True)
class Measured:
    """What a job did, in the terms of its plan, and the device seconds that this took."""

    work: Work
    seconds: float


def benchmark_seconds(path: Path, gpus: int, processes: int = 1) -> float:
    """Device seconds in a benchmark file of Snakemake: of cores, or of the clock times GPUs."""
    with path.open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    total = 0.0
    for row in rows:
        clock, cpu = float(row["s"]), row["cpu_time"]
        cores = clock * processes
        if cpu not in ("NA", "-"):
            cores = min(cores, float(cpu) + LAG_S * processes)
        total += clock * gpus if gpus else cores
    return total


def measured(one: Planned) -> Measured | None:
    """What a planned job did; None if it is not done, only read its journal, or counted otherwise.

    A job that generates counts its tokens in the file of `--output-stats`. One without such a file
    did what was planned.
    """
    job, work = one.job, one.work
    if job.benchmark is None or not Path(job.benchmark).exists():
        return None
    seconds = benchmark_seconds(Path(job.benchmark), work.gpus, work.processes)
    if "output-stats" not in job.options:
        return Measured(work, seconds)
    if not Path(job.file("output-stats")).exists():
        return None
    stats = read_json(job.file("output-stats"))
    if not stats.get("generated") or not stats.keys() >= COUNTS:
        return None
    did = replace(
        work,
        requests=stats["generated"],
        prompt=stats["prompt_tokens"],
        read=stats["prompt_tokens"] - stats["cached_tokens"],
        written=stats["output_tokens"],
    )
    return Measured(did, seconds)


def correction(done: list[Measured], site: Site) -> float:
    """Measured over assumed time for the same work; 1 where nothing was measured."""
    if not done:
        return 1.0
    assumed = sum(device_seconds(each.work, site) for each in done)
    return sum(each.seconds for each in done) / assumed
