"""What the finished jobs of a run did and took, by stage and model of its plan."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from arte.core.io import read_json
from arte.plan.cost import device_seconds, gpus_of
from arte.plan.sizes import writer
from arte.plan.work import Work

STATS = {
    "collect_responses": "prefer/responses",
    "draft_questions": "elicit/questions",
    "draft_rationales": "elicit/rationales",
    "score_rationales": "prefer/scores",
    "collect_consistency_outputs": "prefer/consistency_outputs",
    "tailor_questions": "tailor/questions",
    "tailor_rationales": "tailor/rationales",
    "transfer_questions": "transfer/questions",
    "transfer_rationales": "transfer/rationales",
    "evaluate": "evaluate",
}
"""Below which folder of a run or of its later rounds a stage's statistics lie, a file per job."""

LAG_S = 30.0
"""CPU time is sampled at most this often, so what a process used since is missing from it."""


@dataclass
class Measured:
    """What the jobs of one stage and model did: work that was generated, and device seconds."""

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


def model_of(stage: str, job: tuple[str, ...], number: int, config: dict) -> str:
    """Which model a job of a round asked, by the folders between its stage's and its statistics."""
    if stage.startswith(("collect_responses", "evaluate")):
        return job[0]
    if stage in ("score_rationales", "collect_consistency_outputs"):
        return config["roles"]["student"]
    if stage.startswith("draft"):
        return writer(config, "original", number)
    teacher = "aligned" if stage == "tailor_questions" else job[0].rpartition("-")[2]
    return writer(config, teacher, number)


def generating_jobs(results: Path, config: dict) -> Iterator[tuple[str, str, Path, Path]]:
    """(stage, model, statistics, benchmark file) of every finished job that asked a model."""
    for stage, folder in STATS.items():
        for base in [results / folder, *sorted(results.glob(f"round*/{folder}"))]:
            prefix = str(base.relative_to(results)).removesuffix(folder)  # "" or "round2/"
            number = int(prefix[len("round") : -1] or 1)
            for path in sorted(base.rglob("stats*.json")):
                job = path.relative_to(base).parts[:-1]
                name, shard = stage, path.stem.removeprefix("stats").removeprefix("-")
                rule = stage
                if stage == "evaluate":  # the rule is in the file's name
                    rule, shard = f"evaluate_student_{shard}", ""
                    name = re.match(r"evaluate_student(_ood|_transfer)?", rule).group()
                file = "-".join([*job, *([shard] if shard else [])])
                benchmark = results / f"benchmarks/{prefix}{rule}/{file}.tsv"
                yield name, model_of(name, job, number, config), path, benchmark


def generated(results: Path, config: dict) -> dict[tuple[str, str], Measured]:
    """What a run's generating jobs did, by stage and model; jobs that only read the journal not."""
    found: dict[tuple[str, str], Measured] = {}
    for stage, model, path, benchmark in generating_jobs(results, config):
        stats = read_json(path)
        if not stats["generated"] or not benchmark.exists():
            continue
        total = found.setdefault((stage, model), Measured(Work(stage, model, 0), 0.0))
        total.work.jobs += 1
        total.work.requests += stats["generated"]
        total.work.prompt += stats["prompt_tokens"]
        total.work.read += stats["prompt_tokens"] - stats["cached_tokens"]
        total.work.written += stats["output_tokens"]
        total.seconds += benchmark_seconds(benchmark, gpus_of(config, model))
    return found


def other_benchmarks(work: Work, config: dict) -> list[str]:
    """Patterns of the benchmark files of a stage without statistics."""
    stage, model = work.stage, work.model
    if stage == "check_gates":
        roles = ("teacher", "student")
        return [f"{stage}/{role}.tsv" for role in roles if config["roles"][role] == model]
    patterns = {
        "align_teacher": [f"{stage}.tsv", f"round*/{stage}.tsv"],
        "finetune_student": [f"{stage}/{model}-*.tsv"],
        "train_nano_unseen": [f"{stage}/{model}.tsv"],
    }
    return patterns.get(stage, [f"{stage}.tsv"])


def without_statistics(results: Path, work: Work, config: dict) -> Measured | None:
    """What a training or a gate did, as far as its jobs are done; None if none is.

    The done jobs are taken for a share of the work by their number.
    """
    patterns = other_benchmarks(work, config)
    paths = [path for one in patterns for path in sorted((results / "benchmarks").glob(one))]
    if not paths:
        return None
    gpus, share = gpus_of(config, work.model), min(1.0, len(paths) / work.jobs)
    done = replace(
        work,
        jobs=len(paths),
        requests=round(work.requests * share),
        prompt=work.prompt * share,
        read=work.read * share,
        written=work.written * share,
    )
    return Measured(done, sum(benchmark_seconds(path, gpus, work.processes) for path in paths))


def measured(rows: list[Work], results: Path, config: dict) -> dict[tuple[str, str], Measured]:
    """What a run measured, for the stages and models of a plan."""
    found = generated(results, config)
    for work in rows:
        if work.stage in STATS or work.stage.startswith("evaluate"):
            continue
        if done := without_statistics(results, work, config):
            found[work.stage, work.model] = done
    return found


def correction(done: Measured, config: dict, assumed: dict) -> float:
    """Measured over assumed time for the same work."""
    return done.seconds / device_seconds(done.work, config, assumed)
