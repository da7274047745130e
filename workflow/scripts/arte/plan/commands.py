"""What each command of the pipeline makes and costs: one line for a module.

A rule that runs a module of this table is planned, whatever its name. One that loads or makes a
model by another module is listed as not planned.
"""

from collections.abc import Callable
from dataclasses import dataclass

from arte.plan import data, requests, training
from arte.plan.jobs import Job, depths
from arte.plan.known import Known, UnknownFileError
from arte.plan.work import Work

COMMANDS: dict[str, Callable[[Job, Known], Work | None]] = {
    "arte.mini.bbh": data.draw_bbh,
    "arte.data.bbh": data.public_bbh,
    "arte.data.bigbench": data.bigbench,
    "arte.data.bigbench_files": data.bigbench_files,
    "arte.data.own": data.own_task,
    "arte.mini.ood": data.draw_ood,
    "arte.data.ood": data.prepare_ood,
    "arte.mini.instructions": data.draw_instructions,
    "arte.tailor.instructions": data.prepare_instructions,
    "arte.models.fetch_model": training.fetch_model,
    "arte.models.link_model": training.link_model,
    "arte.models.dequantize_model": training.dequantize_model,
    "arte.engine.name_endpoint": training.name_endpoint,
    "arte.nano.train_nano": training.train_nano,
    "arte.nano.gates": requests.gates,
    "arte.prefer.responses": requests.responses,
    "arte.prefer.preference_set": data.preference_set,
    "arte.elicit.questions": requests.questions,
    "arte.elicit.rationales": requests.rationales,
    "arte.prefer.score_rationales": requests.scores,
    "arte.prefer.consistency_outputs": requests.scores,
    "arte.prefer.pairs": data.preference_pairs,
    "arte.align.teacher": training.align,
    "arte.tailor.training_set": data.training_set,
    "arte.tailor.own_rows": data.own_rows,
    "arte.finetune.student": training.finetune,
    "arte.evaluate.student": requests.evaluation,
    "arte.report.page.page": data.page,
}
"""Module of a command and what it adds to a plan."""


@dataclass(frozen=True)
class Planned:
    """A job and its work."""

    job: Job
    work: Work


@dataclass
class Plan:
    """The jobs that ask or train a model, and why others of that kind are not planned."""

    planned: list[Planned]
    unplanned: list[tuple[Job, str]]


def uses_model(job: Job) -> bool:
    """Whether a job reads or makes a model folder."""
    return any(path.endswith("/fingerprint.json") for path in job.inputs + job.outputs)


def plan(jobs: list[Job], known: Known) -> Plan:
    """The work of every job, in the order of `jobs`, each after those whose files it reads."""
    found = Plan([], [])
    for job in jobs:
        command = COMMANDS.get(job.module)
        if command is None:
            if uses_model(job):
                found.unplanned.append((job, f"no entry for {job.module} in arte/plan/commands.py"))
            continue
        try:
            work = command(job, known)
        except UnknownFileError as error:
            found.unplanned.append((job, f"unknown: {error}"))
        else:
            if work is not None:
                found.planned.append(Planned(job, work))
    return found


@dataclass
class Stage:
    """The planned jobs of one rule with one model: a row of a plan."""

    name: str
    model: str
    jobs: list[Planned]

    def total(self, count: str) -> float:
        """The sum over the jobs of one count of Work."""
        return sum(getattr(one.work, count) for one in self.jobs)


def stages(found: Plan, jobs: list[Job]) -> list[Stage]:
    """The planned jobs by rule and model, in the order in which a run comes to its last of each.

    Not of the first: some students need no teacher, and a later round goes through all rules again.
    """
    rows: dict[tuple[str, str], Stage] = {}
    last: dict[str, int] = {}
    depth = dict(zip((job.outputs for job in jobs), depths(jobs), strict=True))
    for one in found.planned:
        key, waits = (one.job.stage, one.work.model.name), depth[one.job.outputs]
        rows.setdefault(key, Stage(*key, [])).jobs.append(one)
        last[key[0]] = max(last.get(key[0], 0), waits)
    return sorted(rows.values(), key=lambda row: (last[row.name], row.name, row.model))
