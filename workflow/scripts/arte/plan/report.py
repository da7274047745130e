r"""The plan as a table with warnings, and the plan beside what a run measured.

python -m arte.plan.report show|compare --cfg JSON --device NAME --assumed YAML --prompts DIR \
    --jobs FILE --left FILE
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import yaml

from arte.core import job
from arte.core.errors import cli
from arte.core.prompts import Prompts
from arte.plan.claims import times
from arte.plan.commands import Plan, plan
from arte.plan.cost import Site, device_seconds, disk_gb, host_gb, least_gb, peak_gb
from arte.plan.forecast import Row, by_size, forecast, run_times
from arte.plan.jobs import Job, read_jobs
from arte.plan.known import Known
from arte.plan.work import Work
from arte.report.render import Block, Document, markdown


def warnings(found: Plan, site: Site) -> list[str]:
    """What cannot fit, and what is not in the plan, before any job starts."""
    said: dict[str, None] = {}  # an ordered set: one line for all jobs of a kind
    for one in found.planned:
        work, device = one.work, site.of(one.work)
        if not work.gpus or "memory_gb" not in device:
            continue
        needed, there = least_gb(work, site), device["memory_gb"]
        if needed > there:
            spread = f"on each of {work.gpus} GPUs"
            if work.training:
                spread = "in one process, on one GPU" if work.processes == 1 else "on each GPU"
            said[
                f"WARNING: {one.job.stage} ({work.model.name}) needs {needed:.0f} GB {spread}, "
                f"which has {there:.0f} GB: it will not fit."
            ] = None
    unplanned = Counter((job.stage, why) for job, why in found.unplanned)
    for (stage, why), jobs in unplanned.items():
        said[f"WARNING: not planned: {stage} ({jobs} jobs): {why}"] = None
    return list(said)


def duration(seconds: float) -> str:
    """Seconds, minutes or hours, with three digits."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size:
            number = seconds / size
            return f"{number:,.3g} {unit}" if number < 1000 else f"{number:,.0f} {unit}"
    return f"{seconds:.0f} s"


def gigabytes(number: float) -> str:
    """Whole GB, or two digits below 10."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"


def count(number: float) -> str:
    """A number of requests or tokens; nothing for 0."""
    if number >= 1e6:
        return f"{number / 1e6:,.1f} M"
    return f"{number:,.0f}" if number else ""


def work_cells(row: Row, site: Site) -> list[str]:
    """The cells of one rule and model in `work_block`."""
    stage, gpus, peak, host = row.stage, 0, 0.0, 0.0
    for one in stage.jobs:
        gpus = max(gpus, one.work.gpus)
        peak = max(peak, peak_gb(one.work, site))
        host = max(host, host_gb(one.work))
    return [
        *(stage.name, stage.model, str(len(stage.jobs))),
        *(count(stage.total(name)) for name in ("requests", "prompt", "written", "steps")),
        *(duration(row.total), duration(row.to_do) if any(row.left) else ""),
        "measured" if row.done else "assumed",
        gigabytes(peak),
        gigabytes(host) if gpus else "",
        str(gpus),
    ]


def work_block(rows: list[Row], site: Site) -> Block:
    """A row for each rule and model: what is asked for, and what it costs."""
    table, total, to_do = [], 0.0, 0.0
    for row in rows:
        total += row.total
        to_do += row.to_do
        table.append(work_cells(row, site))
    table.append(["total", *[""] * 6, duration(total), duration(to_do), *[""] * 4])
    header = ["rule", "model", "jobs", "requests", "prompt tokens", "written", "steps"]
    header += ["device time", "left", "basis", "GB", "host GB", "GPUs"]
    return Block("Work", header, table)


def time_blocks(rows: list[Row], jobs: list[Job]) -> list[Block]:
    """Device time by the devices of a job, and how long the run takes on some devices."""
    gpus = any(one.work.gpus for row in rows for one in row.stage.jobs)
    name = "GPUs" if gpus else "cores"
    sizes = [
        [str(held), str(len(each)), duration(sum(each)), duration(sum(each) / max(1, held))]
        for held, each in by_size(rows, gpus=gpus).items()
    ]
    times = run_times(rows, jobs, gpus=gpus)
    return [
        Block("Time", [f"{name} of a job", "jobs", "device time", "one after the other"], sizes),
        Block(
            "The whole run",
            [f"{name} in all", "by the clock"],
            [[str(there), duration(seconds)] for there, seconds in times.items()],
        ),
    ]


NOTE = (
    "Device time is core time without GPUs, else time times GPUs asked for; left is that of the "
    "jobs that a run would start now. GB is the peak on each GPU (of a process, without GPUs), "
    "host GB what weights take in main memory while they are loaded. docs/plan.md has formulas "
    "and assumptions."
)


def claims_block(claims: dict, rows: list[Row], jobs: list[Job]) -> Block:
    """What each claim takes that this run can test, with all that it needs and nothing else."""
    cells = [
        [f"claim_{name}", duration(whole), duration(to_do)]
        for name, (whole, to_do) in times(claims, rows, jobs).items()
    ]
    return Block("One claim alone", ["target", "device time", "left"], cells)


def show(
    found: Plan, jobs: list[Job], left: list[Job], site: Site, known: Known, claims: dict
) -> Document:
    """The plan: what every rule asks for and costs; `claims` as in `times`."""
    rows = forecast(found, jobs, left, site)
    disk = disk_gb(known.models.values(), found.planned)
    return Document(
        f"Plan on {site.device}",
        [NOTE, *(warnings(found, site) or ["Everything fits."])],
        [
            work_block(rows, site),
            *time_blocks(rows, jobs),
            Block("Disk", ["what", "GB"], [[what, gigabytes(gb)] for what, gb in disk.items()]),
            *([claims_block(claims, rows, jobs)] if claims else []),
        ],
    )


def compare(rows: list[Row], site: Site) -> Document:
    """Assumed beside measured, by rule: requests, tokens and time of what a run did and kept."""
    planned: dict[str, list[float]] = {}
    found: dict[str, list[float]] = {}
    for row in rows:
        if not row.done:
            continue
        works = [one.work for one in row.stage.jobs]
        add(planned, row.stage.name, numbers(works, sum(device_seconds(w, site) for w in works)))
        did = [done.work for done in row.done]
        add(found, row.stage.name, numbers(did, sum(done.seconds for done in row.done)))
    for table in (planned, found):
        for values in list(table.values()):
            add(table, "total", values)
    shown: list[Callable[[float], str]] = [count, count, count, duration]
    lines = []
    for rule, expected in planned.items():
        cells = [rule]
        for form, a, b in zip(shown, expected, found[rule], strict=True):
            cells += [form(a), form(b)]
        lines.append([*cells, f"{100 * (found[rule][-1] / expected[-1] - 1):+.0f} %"])
    header = ["rule"]
    for name in ("requests", "prompt tokens", "written", "device time"):
        header += [name, "measured"]
    header.append("off by")
    return Document(
        "Plan and measurement",
        ["Rules without benchmark files, and jobs that only read the journal, are left out."],
        [Block("Planned, then measured", header, lines)],
    )


def numbers(works: list[Work], seconds: float) -> list[float]:
    """Requests, prompt tokens, written tokens and seconds of some jobs."""
    sums = [sum(getattr(w, name) for w in works) for name in ("requests", "prompt", "written")]
    return [*sums, seconds]


def add(table: dict[str, list[float]], key: str, values: list[float]) -> None:
    """Add numbers to those of a key."""
    before = table.get(key, [0.0] * len(values))
    table[key] = [a + b for a, b in zip(before, values, strict=True)]


@cli
def main() -> None:
    """Print the plan, or the plan beside the run's measurements; --cfg: what each claim needs."""
    flags = ("--cfg", "--device", "--assumed", "--prompts", "--jobs", "--left")
    args = job.parse_command(__doc__, {"show": flags, "compare": flags})
    site = Site(args.device, yaml.safe_load(Path(args.assumed).read_text()))
    known = Known(Prompts(args.prompts), site.assumed)
    jobs, left = read_jobs(args.jobs), read_jobs(args.left)
    found = plan(jobs, known)
    if args.command == "show":
        print(markdown(show(found, jobs, left, site, known, args.cfg)))
    else:
        print(markdown(compare(forecast(found, jobs, left, site), site)))


if __name__ == "__main__":
    main()
