"""A plan in seconds: assumed, or scaled by what the run's finished jobs took."""

from dataclasses import dataclass

from arte.plan.commands import Plan, Planned, Stage, stages
from arte.plan.cost import Site, device_seconds
from arte.plan.jobs import Job
from arte.plan.measured import Measured, correction, measured
from arte.plan.schedule import elapsed


@dataclass(frozen=True)
class Row:
    """The jobs of one rule with one model, and the device seconds of each.

    `done` is what its finished jobs did; `left` tells which jobs a run would start now.
    """

    stage: Stage
    done: list[Measured]
    seconds: list[float]
    left: list[bool]

    @property
    def total(self) -> float:
        """Device seconds of all jobs."""
        return sum(self.seconds)

    @property
    def to_do(self) -> float:
        """Device seconds of the jobs that are left."""
        return sum(s for s, left in zip(self.seconds, self.left, strict=True) if left)


def forecast(found: Plan, jobs: list[Job], left: list[Job], site: Site) -> list[Row]:
    """A row for each rule and model; `left` are those of the jobs that a run would start now."""
    outputs = {path for job in left for path in job.outputs}
    rows = []
    for stage in stages(found, jobs):
        done = [did for one in stage.jobs if (did := measured(one))]
        factor = correction(done, site)
        seconds = [device_seconds(one.work, site) * factor for one in stage.jobs]
        rows.append(
            Row(stage, done, seconds, [one.job.outputs[0] in outputs for one in stage.jobs])
        )
    return rows


def held(one: Planned, *, gpus: bool) -> int:
    """Devices that a job holds: its GPUs, or the cores of its processes."""
    return one.work.gpus if gpus else one.work.processes


def by_size(rows: list[Row], *, gpus: bool) -> dict[int, list[float]]:
    """Device seconds of each job, by the number of devices that it holds."""
    found: dict[int, list[float]] = {}
    for row in rows:
        for one, seconds in zip(row.stage.jobs, row.seconds, strict=True):
            found.setdefault(held(one, gpus=gpus), []).append(seconds)
    return dict(sorted(found.items()))


def run_times(rows: list[Row], jobs: list[Job], *, gpus: bool) -> dict[int, float]:
    """Seconds that the whole run takes, by the number of devices.

    That is the most that a job asks, doubled as long as it gains something. Jobs that use no model
    are taken to need no time.
    """
    place = {job.outputs: i for i, job in enumerate(jobs)}
    seconds, devices = [0.0] * len(jobs), [0] * len(jobs)
    for row in rows:
        for one, time in zip(row.stage.jobs, row.seconds, strict=True):
            i = place[one.job.outputs]
            devices[i] = held(one, gpus=gpus)
            seconds[i] = time / max(1, devices[i])
    there, found = max([1, *devices]), dict[int, float]()
    while True:
        time = elapsed(jobs, seconds, devices, there)
        if found and time > 0.99 * min(found.values()):
            return found
        found[there] = time
        there *= 2
