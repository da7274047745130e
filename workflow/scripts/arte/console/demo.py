"""Run the workflow with a picture, the stages at work and one screen at the end (`make demo`).

python -m arte.console.demo --run NAME [--configfile FILE]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from arte.console.stages import Cost, minutes, write_costs
from arte.console.summary import summary
from arte.core.lifetime import end_with_parent
from arte.core.prompts import Prompts
from arte.plan.commands import plan
from arte.plan.cost import Site, device_seconds
from arte.plan.jobs import Job, read_jobs
from arte.plan.known import Known

WORKFLOW = Path(__file__).parents[3]
HOME = WORKFLOW.parent
PICTURE = """
  ARTE: a student model says which data help it, and its teacher learns to write such data.

    teacher writes a question -> answers it in four techniques
                                   |
    student tries each answer as its one example, and is tested: that is its score
                                   |
    best and worst answer -> DPO trains the teacher -> tailored data -> student, tested
"""
QUIET = ("--quiet", "host", "reason", "rules", "progress")


def snakemake(arguments: list[str], **how: object) -> subprocess.CompletedProcess:
    """A call of Snakemake that finds the plugins of this workflow, and ends with this process."""
    path = os.pathsep.join(map(str, (WORKFLOW / "plugins", WORKFLOW / "scripts")))
    command = [sys.executable, "-m", "snakemake", *arguments]
    return subprocess.run(
        command,
        env=os.environ | {"PYTHONPATH": path},
        check=False,
        preexec_fn=end_with_parent,
        **how,
    )


def listed(config: list[str], folder: Path, *more: str) -> list[Job]:
    """The jobs that a run would have; none where the configuration is wrong: the run says why."""
    file = folder / "jobs"
    done = snakemake(
        ["--dry-run", "--logger", "jobs", "--logger-jobs-path", str(file), *config, *more],
        capture_output=True,
    )
    return read_jobs(file) if done.returncode == 0 else []


def costs(jobs: list[Job], left: list[Job]) -> dict[str, Cost]:
    """What each job that is left will take, by its first output."""
    assumed = yaml.safe_load((HOME / "config/throughput.yaml").read_text(encoding="utf-8"))
    site = Site("cpu", assumed)
    found = plan(jobs, Known(Prompts(str(HOME / "resources/prompts")), assumed))
    known = {}
    for one in found.planned:
        work = one.work
        asked = 0 if work.training else work.requests
        seconds = device_seconds(work, site)
        known[one.job.outputs[0]] = Cost(one.job.stage, seconds, asked, work.steps)
    return {
        job.outputs[0]: known.get(job.outputs[0], Cost(job.stage)) for job in left if job.outputs
    }


def follow(config: list[str], run: Path, folder: Path) -> int:
    """Run the workflow and show its stages; its exit status."""
    left = listed(config, folder)
    command = ["--cores", "all", *config]
    if left:
        jobs = listed(config, folder, "--forceall")
        write_costs(costs(jobs, left), folder / "costs.json")
        command += ["--logger", "stages", "--logger-stages-run", str(run)]
        command += ["--logger-stages-costs", str(folder / "costs.json")]
    else:
        command += QUIET
    return snakemake(command).returncode


def main() -> None:
    """Show the picture, run, and show what came out; a run that fails has the last word."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", required=True)
    parser.add_argument("--configfile")
    args = parser.parse_args()
    start, run = time.monotonic(), Path("results", args.run)
    print(PICTURE)
    print(f"  A job's own log: tail -f {run}/logs/*.log\n", flush=True)
    config = ["--configfile", args.configfile] if args.configfile else []
    try:
        with tempfile.TemporaryDirectory() as folder:
            status = follow(config, run, Path(folder))
    except KeyboardInterrupt:
        sys.exit(130)
    if status:
        sys.exit(status)
    print(summary(run))
    print(f"\n  This call took {minutes(time.monotonic() - start)}. The same again does nothing.")


if __name__ == "__main__":
    main()
