"""The plan as a table with warnings, and the plan beside what a run measured.

python -m arte.plan_report show|compare --cfg JSON --assumed YAML --prompts DIR --results DIR
"""

import argparse
import csv
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from arte.errors import cli
from arte.io import read_json
from arte.plan import Work, plan
from arte.plan_cost import device_of, device_seconds, disk_gb, gpus_of, least_gb, peak_gb
from arte.plan_lengths import lengths_of
from arte.prompts import Prompts
from arte.render import Block, Document, markdown

STATS = {
    "collect_responses": "prefer/responses",
    "draft_questions": "elicit/questions",
    "draft_rationales": "elicit/rationales",
    "score_rationales": "prefer/scores",
    "tailor_questions": "tailor/questions",
    "tailor_rationales": "tailor/rationales",
    "evaluate_student": "evaluate",
}
"""Below which folder of a run the statistics of a stage lie, one file per job."""

LAG_S = 30.0
"""CPU time is sampled every few seconds, so a shorter job's is taken from the clock."""


@dataclass
class Measured:
    """What the jobs of one stage and model did: work that was generated, and device seconds."""

    work: Work
    seconds: float


def benchmark_seconds(path: Path, gpus: int) -> float:
    """Device seconds in a benchmark file of Snakemake: of cores, or of the clock times GPUs."""
    with path.open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    total = 0.0
    for row in rows:
        clock, cpu = float(row["s"]), row["cpu_time"]
        lags = clock < LAG_S or cpu in ("NA", "-")
        total += clock * gpus if gpus else clock if lags else float(cpu)
    return total


def model_of(stage: str, job: tuple[str, ...], config: dict) -> str:
    """Which model a job asked, by the folders between its stage's and its statistics."""
    roles = config["roles"]
    if stage == "collect_responses":
        return job[0]
    if stage == "tailor_questions" or (stage == "tailor_rationales" and job[0].endswith("aligned")):
        return "aligned_teacher"
    return roles["teacher" if stage.startswith(("draft", "tailor")) else "student"]


def generated(results: Path, config: dict) -> dict[tuple[str, str], Measured]:
    """What a run's generating jobs did, by stage and model; jobs that only read the journal not."""
    found: dict[tuple[str, str], Measured] = {}
    for stage, folder in STATS.items():
        base = results / folder
        for path in sorted(base.rglob("stats-*.json")):
            job = path.relative_to(base).parts[:-1]
            name = "-".join([*job, path.stem.removeprefix("stats-")])
            benchmark = results / "benchmarks" / stage / f"{name}.tsv"
            stats, model = read_json(path), model_of(stage, job, config)
            if not stats["generated"] or not benchmark.exists():
                continue
            empty = Measured(Work(stage, model, 0), 0.0)
            total = found.setdefault((stage, model), empty)
            total.work.jobs += 1
            total.work.requests += stats["generated"]
            total.work.prompt += stats["prompt_tokens"]
            total.work.read += stats["prompt_tokens"] - stats["cached_tokens"]
            total.work.written += stats["output_tokens"]
            gpus = gpus_of(config, model)
            total.seconds += benchmark_seconds(benchmark, gpus)
    return found


def trained(results: Path, work: Work, config: dict) -> Measured | None:
    """What a stage without statistics did, as far as its jobs are done; None if none is."""
    folder = results / "benchmarks"
    paths = sorted(folder.glob(f"{work.stage}.tsv")) + sorted(folder.glob(f"{work.stage}/*.tsv"))
    if not paths:
        return None
    gpus = gpus_of(config, work.model)
    share = min(1.0, len(paths) / work.jobs)
    done = replace(
        work,
        jobs=len(paths),
        requests=round(work.requests * share),
        prompt=work.prompt * share,
        read=work.read * share,
        written=work.written * share,
    )
    return Measured(done, sum(benchmark_seconds(path, gpus) for path in paths))


def measured(rows: list[Work], results: Path, config: dict) -> dict[tuple[str, str], Measured]:
    """What a run measured, for the stages and models of a plan."""
    found = generated(results, config)
    for work in rows:
        if work.stage not in STATS and (done := trained(results, work, config)):
            found[work.stage, work.model] = done
    return found


def correction(done: Measured, config: dict, assumed: dict) -> float:
    """Measured over assumed time for the same work."""
    return done.seconds / device_seconds(done.work, config, assumed)


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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=("show", "compare"))
    parser.add_argument("--cfg", type=json.loads, required=True, help="the whole configuration")
    for name in ("--assumed", "--prompts", "--results"):
        parser.add_argument(name, required=True)
    args = parser.parse_args()
    config, prompts = args.cfg, Prompts(args.prompts)
    assumed = yaml.safe_load(Path(args.assumed).read_text())
    lengths = {
        name: lengths_of(config, name, prompts=prompts, assumed=assumed["lengths"])
        for name in config["data"]["subtasks"]
    }
    rows = plan(config, lengths)
    document = {"show": show, "compare": compare}[args.command]
    print(markdown(document(rows, config, assumed, Path(args.results))))


if __name__ == "__main__":
    main()
