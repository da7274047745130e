"""Each job has GPUs of its own: real processes, and the GPUs that an environment variable names."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from dry_jobs import PLUGINS

from arte.core import devices
from arte.core.errors import ArteError

ROOT = Path(__file__).parents[2]
SAY = "import os, sys; print(os.environ['CUDA_VISIBLE_DEVICES'], flush=True); sys.stdin.read()"


class Host:
    """A host with some GPUs, on which jobs start."""

    def __init__(self, folder, visible):
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("SLURM")}
        self.environment |= {"PYTHONPATH": str(ROOT / "workflow/scripts"), "TMPDIR": str(folder)}
        self.environment["CUDA_VISIBLE_DEVICES"] = visible
        self.jobs = []

    def start(self, count, code=SAY, **more):
        command = [sys.executable, "-m", "arte.core.devices", str(count), sys.executable, "-c"]
        job = subprocess.Popen(
            [*command, code],
            env=self.environment | more,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.jobs.append(job)
        return job


@pytest.fixture
def host(tmp_path, request):
    host = Host(tmp_path, getattr(request, "param", "0,1,2"))
    yield host
    for job in host.jobs:
        job.kill()
        job.wait()
        job.stdin.close()
        job.stdout.close()


def said(job):
    return job.stdout.readline().strip()


def ended(job):
    job.stdin.close()
    return job.wait()


def test_jobs_at_the_same_time_have_different_gpus_and_one_too_many_waits(host):
    one, two = host.start(1), host.start(2)
    held, others = said(one), said(two).split(",")
    assert sorted([held, *others]) == ["0", "1", "2"]
    third = host.start(1)
    with pytest.raises(subprocess.TimeoutExpired):
        third.wait(timeout=0.5)
    assert ended(one) == 0
    assert said(third) == held
    two.kill()  # as when its run is killed
    assert said(host.start(2)).split(",") == others


def test_a_command_that_holds_gpus_is_the_command_itself(host):
    job = host.start(1, "import sys; sys.exit(int(sys.stdin.read()))")
    job.communicate("7")
    assert job.returncode == 7


def test_a_scheduler_that_gave_the_job_its_gpus_is_left_alone(host):
    jobs = [host.start(1, SLURM_JOB_ID="8") for _ in range(2)]
    assert [said(job) for job in jobs] == ["0,1,2"] * 2
    assert not list(Path(host.environment["TMPDIR"]).iterdir())


@pytest.mark.parametrize("host", [""], indirect=True)
def test_without_a_gpu_a_job_runs_as_it_can(host):
    jobs = [host.start(1) for _ in range(2)]
    assert [said(job) for job in jobs] == ["", ""]


def test_more_gpus_than_there_are_is_an_error(tmp_path):
    with pytest.raises(ArteError, match=r"(?s)2 GPUs.*1: GPU-ab"):
        devices.hold(2, ["GPU-ab"], tmp_path)


def test_the_gpus_of_a_host_are_those_of_nvidia_smi(tmp_path, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\nprintf '0\\n1\\n'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert devices.devices() == ["0", "1"]
    program.write_text("#!/bin/sh\necho 'No devices were found'; exit 6\n")
    assert devices.devices() == []
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert devices.devices() == []


def test_every_job_that_asks_for_gpus_is_given_its_own(tmp_path):
    """Trainings of eight processes, too; jobs without GPUs start as ever."""
    file = tmp_path / "jobs"
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--forceall", "--nolock"]
    command += ["--logger", "jobs", "--logger-jobs-path", file]
    done = subprocess.run(
        [*command, "--configfile", ROOT / "config/presets/paper.yaml"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(PLUGINS)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    jobs = [json.loads(line) for line in file.read_text().splitlines()]
    counts = {job["gpus"] for job in jobs if job["command"]}
    assert counts == {0, 1, 8}
    for job in jobs:
        given = re.findall(r"python -m arte.core.devices (\d+) python -m", job["command"] or "")
        assert given == ([str(job["gpus"])] if job["gpus"] else [])
