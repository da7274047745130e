"""The jobs of a dry run of the real workflow."""

import functools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from configs import ROOT

from arte.core.prompts import Prompts
from arte.plan.commands import Plan, Planned, plan
from arte.plan.jobs import Job, read_jobs
from arte.plan.known import Known

ASSUMED = yaml.safe_load((ROOT / "config/throughput.yaml").read_text())
PLUGINS = ROOT / "workflow/plugins"


def list_jobs(tree: Path, *configs: str | Path, rules: Path | None = None) -> list[Job]:
    """All jobs that a run in `tree` with these config files would have; `rules`: a Snakefile."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "snakemake", "--dry-run", "--forceall", "--nolock"]
        command += ["--logger", "jobs", "--logger-jobs-path", f"{folder}/jobs", "--configfile"]
        command += [*map(str, configs), *(["--snakefile", str(rules)] if rules else [])]
        done = subprocess.run(
            command,
            cwd=tree,
            env=os.environ | {"PYTHONPATH": str(PLUGINS)},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert done.returncode == 0, done.stdout[-3000:]
        return read_jobs(f"{folder}/jobs")


@functools.cache
def preset_jobs(name: str) -> list[Job]:
    """The jobs of a preset; nothing that lies in results/ matters."""
    return list_jobs(ROOT, ROOT / f"config/presets/{name}.yaml")


def nothing_known() -> Known:
    """What is known before the first job."""
    return Known(Prompts(ROOT / "resources/prompts"), ASSUMED)


@functools.cache
def preset_plan(name: str) -> Plan:
    """The plan of a preset."""
    return plan(preset_jobs(name), nothing_known())


def stage(name: str, rule: str) -> dict[str, list[Planned]]:
    """The planned jobs of a preset's rule, by model."""
    found: dict[str, list[Planned]] = {}
    for one in preset_plan(name).planned:
        if one.job.stage == rule:
            found.setdefault(one.work.model.name, []).append(one)
    return found
