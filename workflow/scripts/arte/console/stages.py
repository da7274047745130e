"""How far a run is, by the work that its plan expects of each job."""

import json
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

STEP = re.compile(r"\bstep (\d+) of (\d+)")
"""How trainings tell in their log how far they are."""

TAIL = 4096
"""Bytes at the end of a log in which the last of these lines lies."""


@dataclass(frozen=True)
class Cost:
    """What a job is expected to take: device seconds, requests to a model, training steps."""

    stage: str
    seconds: float = 0.0
    requests: int = 0
    steps: int = 0


@dataclass
class Running:
    """A job at work: its cost, its log, and the answers in the journals when it began."""

    cost: Cost
    log: Path | None
    answers: int


@dataclass
class Progress:
    """A run at work: `costs` by the first output of each of its jobs, answers in `journal`.

    One thread tells it of jobs while another asks: what may change is copied before it is read.
    `lines`: of each journal, its size when it was last read, and its lines then.
    """

    costs: dict[str, Cost]
    journal: Path
    began: float = field(default_factory=time.monotonic)
    running: dict[int, Running] = field(default_factory=dict)
    done: list[Cost] = field(default_factory=list)
    lines: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def start(self, job: int, rule: str, outputs: list[str], logs: list[str]) -> None:
        """A job begins."""
        cost = self.costs.get(outputs[0] if outputs else "", Cost(re.sub(r"_\d+$", "", rule)))
        self.running[job] = Running(cost, Path(logs[0]) if logs else None, self.answers())

    def finish(self, job: int) -> str | None:
        """A job is done; the name of its stage if that is done with it."""
        if job not in self.running:
            return None
        cost = self.running.pop(job).cost
        self.done.append(cost)
        jobs = sum(each.stage == cost.stage for each in self.costs.values())
        finished = sum(each.stage == cost.stage for each in self.done)
        return cost.stage if finished == jobs else None

    def share(self, job: Running) -> float:
        """The share of a running job that is done, by its log or the journals."""
        if job.cost.steps:
            steps = STEP.findall(tail(job.log)) if job.log else []
            return int(steps[-1][0]) / max(1, int(steps[-1][1])) if steps else 0.0
        if not job.cost.requests:
            return 0.0
        return min(1.0, (self.answers() - job.answers) / job.cost.requests)

    def answers(self) -> int:
        """Lines in all journals, one for each answer of a model; only what grew is read again."""
        for path in self.journal.rglob("*.jsonl"):
            size = path.stat().st_size
            if self.lines.get(path, (0, 0))[0] != size:
                self.lines[path] = size, path.read_bytes().count(b"\n")
        return sum(lines for _, lines in list(self.lines.values()))

    def total(self) -> float:
        """The share of the whole run that is done, by device seconds."""
        whole = sum(cost.seconds for cost in self.costs.values())
        now = sum(self.share(job) * job.cost.seconds for job in list(self.running.values()))
        return (sum(cost.seconds for cost in self.done) + now) / whole if whole else 0.0

    def counts(self, name: str) -> tuple[int, int]:
        """Requests or steps: how many are done, how many there will be."""
        there = sum(getattr(cost, name) for cost in self.costs.values())
        now = sum(self.share(job) * getattr(job.cost, name) for job in list(self.running.values()))
        return round(sum(getattr(cost, name) for cost in self.done) + now), there

    def line(self) -> str:
        """How far all of it is, in at most 72 characters."""
        share, passed = self.total(), time.monotonic() - self.began
        shown = [f"{100 * share:.0f} %"]
        for name, word in (("requests", "answers"), ("steps", "steps")):
            done, there = self.counts(name)
            shown += [f"{done:,} of {there:,} {word}"] if there else []
        if share > 0.02:
            shown.append(f"{minutes(passed * (1 - share) / share)} left")
        return ", ".join(shown)

    def at_work(self) -> dict[str, float]:
        """The stages at work, and the share of the running jobs of each that is done."""
        shares: dict[str, list[float]] = {}
        for job in list(self.running.values()):
            shares.setdefault(job.cost.stage, []).append(self.share(job))
        return {stage: sum(each) / len(each) for stage, each in shares.items()}


def minutes(seconds: float) -> str:
    """A time as people say it."""
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{max(1, round(seconds))} s"


def title(stage: str) -> str:
    """A stage by the words of its rule."""
    return stage.replace("_", " ").capitalize()


def tail(log: Path) -> str:
    """The end of a log; nothing where there is none yet."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL))
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""


def read_costs(path: Path) -> dict[str, Cost]:
    """Costs by output, as `write_costs` wrote them."""
    return {name: Cost(**cost) for name, cost in json.loads(path.read_text()).items()}


def write_costs(costs: dict[str, Cost], path: Path) -> None:
    """Write costs by output as JSON."""
    path.write_text(json.dumps({name: vars(cost) for name, cost in costs.items()}))
