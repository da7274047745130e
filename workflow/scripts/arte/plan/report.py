"""The plan as a table with warnings, and the plan beside what a run measured.

python -m arte.plan.report show|compare --cfg JSON --assumed YAML --prompts DIR --results DIR
"""

from collections.abc import Callable
from pathlib import Path

import yaml

from arte.core import job
from arte.core.errors import cli
from arte.core.prompts import Prompts
from arte.plan.cost import device_of, device_seconds, disk_gb, gpus_of, least_gb, peak_gb
from arte.plan.lengths import all_lengths
from arte.plan.measured import correction, measured
from arte.plan.stages import plan
from arte.plan.work import Work
from arte.report.render import Block, Document, markdown


def warnings(rows: list[Work], config: dict, assumed: dict) -> list[str]:
    """What cannot fit, before any job starts."""
    found = []
    for work in rows:
        gpus = gpus_of(config, work.model)
        device = device_of(config, work.model, assumed)
        if not gpus or "memory_gb" not in device:
            continue
        needed, there = least_gb(work, config, assumed), device["memory_gb"]
        if needed > there:
            spread = "in one process, on one GPU" if work.kind == "train" else f"on each of {gpus}"
            found.append(
                f"WARNING: {work.stage} ({work.model}) needs {needed:.0f} GB {spread}, which has "
                f"{there:.0f} GB: it will not fit."
            )
    return found


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


def show(rows: list[Work], config: dict, assumed: dict, results: Path) -> Document:
    """The plan: what every stage asks for and costs."""
    known = measured(rows, results, config)
    table, total = [], 0.0
    for work in rows:
        done = known.get((work.stage, work.model))
        factor = correction(done, config, assumed) if done else 1.0
        seconds = device_seconds(work, config, assumed) * factor
        total += seconds
        table.append(
            [
                *(work.stage, work.model, str(work.jobs), count(work.requests)),
                *(count(work.prompt), count(work.written), count(work.steps)),
                *(duration(seconds), "measured" if done else "assumed"),
                *(gigabytes(peak_gb(work, config, assumed)), str(gpus_of(config, work.model))),
            ]
        )
    table.append(["total", "", *[""] * 5, duration(total), "", "", ""])
    note = (
        "Device time is core time without GPUs, else time times GPUs asked for. GB is the peak on "
        "each GPU (of a process, without GPUs). docs/plan.md has formulas and assumptions."
    )
    header = ["stage", "model", "jobs", "requests", "prompt tokens", "written", "steps"]
    header += ["device time", "basis", "GB", "GPUs"]
    disk = [[what, gigabytes(gb)] for what, gb in disk_gb(rows, config, assumed).items()]
    return Document(
        f"Plan of run {config['run']} on {config['plan']['device']}",
        [note, *(warnings(rows, config, assumed) or ["Everything fits."])],
        [Block("Work", header, table), Block("Disk", ["what", "GB"], disk)],
    )


def by_stage(values: dict[tuple[str, str], list[float]]) -> dict[str, list[float]]:
    """Sums over the models of a stage, in order."""
    total: dict[str, list[float]] = {}
    for (stage, _), numbers in values.items():
        before = total.setdefault(stage, [0.0] * len(numbers))
        total[stage] = [a + b for a, b in zip(before, numbers, strict=True)]
    return total


def compare(rows: list[Work], config: dict, assumed: dict, results: Path) -> Document:
    """Assumed beside measured: requests, tokens and time of what a run did and kept."""
    known = measured(rows, results, config)
    planned, found = {}, {}
    for work in rows:
        key = (work.stage, work.model)
        if key not in known:
            continue
        seconds = device_seconds(work, config, assumed)
        done = known[key]
        planned[key] = [work.requests, work.prompt, work.written, seconds]
        found[key] = [done.work.requests, done.work.prompt, done.work.written, done.seconds]
    expected, was = by_stage(planned), by_stage(found)
    if expected:
        expected["total"] = [sum(column) for column in zip(*expected.values(), strict=True)]
        was["total"] = [sum(column) for column in zip(*was.values(), strict=True)]
    shown: list[Callable[[float], str]] = [count, count, count, duration]
    table = []
    for stage, numbers in expected.items():
        pairs = list(zip(shown, numbers, was[stage], strict=True))
        cells = [text for form, a, b in pairs for text in (form(a), form(b))]
        ratio = was[stage][-1] / numbers[-1] - 1
        table.append([stage, *cells, f"{100 * ratio:+.0f} %"])
    names = ["requests", "prompt tokens", "written", "device time"]
    header = ["stage", *[text for name in names for text in (name, "measured")], "off by"]
    return Document(
        f"Plan and measurement of run {config['run']}",
        ["Stages without benchmark files, and jobs that only read the journal, are left out."],
        [Block("Planned, then measured", header, table)],
    )


@cli
def main() -> None:
    """Print the plan, or the plan beside the run's measurements."""
    flags = ("--cfg", "--assumed", "--prompts", "--results")
    args = job.parse_command(__doc__, {"show": flags, "compare": flags})
    config, prompts = args.cfg, Prompts(args.prompts)
    assumed = yaml.safe_load(Path(args.assumed).read_text())
    lengths = all_lengths(config, prompts=prompts, assumed=assumed["lengths"])
    rows = plan(config, lengths)
    document = {"show": show, "compare": compare}[args.command]
    print(markdown(document(rows, config, assumed, Path(args.results))))


if __name__ == "__main__":
    main()
