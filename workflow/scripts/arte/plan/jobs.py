"""The jobs of a run, as a dry run lists them.

The plugin `jobs` of workflow/plugins writes them: rule, files and command line. What a job is to do
is read from its command line alone, as the command itself reads it.
"""

import json
import re
import shlex
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

from arte.core.errors import ArteError


@dataclass(frozen=True)
class Job:
    """One job: `python -m <module> <words> --<option> <values>` reads inputs and writes outputs.

    `gpus` are those that it asks for; `benchmark` is the file of its measurement, where it has one.
    """

    rule: str
    module: str
    words: tuple[str, ...]
    options: dict[str, list[str]]
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    benchmark: str | None = None
    gpus: int = 0

    @property
    def stage(self) -> str:
        """The rule without the number of a shard: what is one row of a plan."""
        return re.sub(r"_\d+$", "", self.rule)

    @property
    def cfg(self) -> dict:
        """The job's own configuration."""
        return json.loads(self.options["cfg"][0]) if "cfg" in self.options else {}

    def files(self, option: str) -> list[str]:
        """The values of an option. Raises ArteError if the command line lacks it."""
        if option not in self.options:
            raise ArteError(
                expected=f"--{option} in the command line of {self.module}",
                found=", ".join(f"--{name}" for name in self.options),
                where=f"rule {self.rule}",
                remedy="adapt its function in arte/plan to the command's options",
            )
        return self.options[option]

    def file(self, option: str) -> str:
        """The only value of an option."""
        (value,) = self.files(option)
        return value


def parse(rule: str, command: str, **known: object) -> Job | None:
    """A job from its shell command; None where that runs no module of arte."""
    words = shlex.split(command.replace("\\\n", " "))
    found = [i for i, word in enumerate(words) if word == "-m" and words[i + 1][:5] == "arte."]
    if not found:
        return None
    module, *rest = words[found[-1] + 1 :]  # after what gives it GPUs of its own
    arguments: list[str] = []
    options: dict[str, list[str]] = {}
    values = arguments
    for word in rest:
        if word.startswith("2>"):
            break
        if word.startswith("--"):
            values = options.setdefault(word.removeprefix("--"), [])
        else:
            values.append(word)
    return Job(rule, module, tuple(arguments), options, **known)


def read_jobs(path: str | Path) -> list[Job]:
    """The jobs of a dry run that run a command of arte, each after those whose files it reads."""
    jobs = []
    for line in Path(path).read_text().splitlines():
        row = json.loads(line)
        files = {"inputs": tuple(row["input"]), "outputs": tuple(row["output"])}
        known = files | {"benchmark": row["benchmark"], "gpus": row["gpus"]}
        if row["command"] and (job := parse(row["rule"], row["command"], **known)):
            jobs.append(job)
    return ordered(jobs)


def needs(jobs: list[Job]) -> list[set[int]]:
    """For each job the positions of the jobs whose files it reads."""
    maker = {path: i for i, job in enumerate(jobs) for path in job.outputs}
    return [{maker[path] for path in job.inputs if path in maker} for job in jobs]


def ordered(jobs: list[Job]) -> list[Job]:
    """The jobs in an order in which they could run."""
    order = TopologicalSorter(dict(enumerate(needs(jobs)))).static_order()
    return [jobs[i] for i in order]


def depths(jobs: list[Job]) -> list[int]:
    """For each of ordered jobs the length of the longest chain of jobs that it waits for."""
    found: list[int] = []
    for earlier in needs(jobs):
        found.append(max((found[i] + 1 for i in earlier), default=0))
    return found
