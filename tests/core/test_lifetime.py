"""Jobs end with the run that started them: real processes, really killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from arte.core import lifetime

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
JOB = """
import sys, time
from arte.core.errors import cli
@cli
def main():
    print("at work", flush=True)
    time.sleep(600)
main()
"""
OWNER = """
import os, subprocess, sys
from arte.core import lifetime
os.environ[lifetime.OWNER] = lifetime.identity(os.getpid())
subprocess.run(sys.argv[1:])
"""
CALLER = """
import subprocess, sys
from arte.core import lifetime
subprocess.run(sys.argv[1:], preexec_fn=lifetime.end_with_parent)
"""
SHELL = ("bash", "-c", '"$@"; true', "bash")  # true: else bash becomes its only command
SESSION = (
    sys.executable,
    "-c",
    "import subprocess, sys; subprocess.run(sys.argv[1:], start_new_session=True)",
)
PYTHON = (sys.executable, "-c")


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(SCRIPTS))
    for name in (lifetime.OWNER, "RANK"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def started():
    """Starts a command; yields it with the id of the job at its end, once that is at work."""
    begun = []

    def start(*command, **environment):
        process = subprocess.Popen(
            command,
            env=os.environ | environment,
            text=True,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        begun.append(process)
        assert process.stdout.readline() == "at work\n"
        return process

    yield start
    for process in begun:
        for pid in [process.pid, *descendants(process.pid)]:
            if running(pid):
                os.kill(pid, signal.SIGKILL)
        process.stdout.close()
        process.wait()


def descendants(pid):
    """Its children, their children and so on; the last one is the job."""
    entry = Path(f"/proc/{pid}/task/{pid}/children")
    children = entry.read_text().split() if entry.exists() else []
    return [found for child in map(int, children) for found in [child, *descendants(child)]]


def running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pid, seconds=20):
    """Whether a process ends in time; the time is generous, for the machine may be loaded."""
    end = time.monotonic() + seconds
    while running(pid) and time.monotonic() < end:
        time.sleep(0.05)
    return not running(pid)


def owned(*between):
    return (*PYTHON, OWNER, *between, *PYTHON, JOB)


@pytest.mark.parametrize("between", [(), SHELL, SESSION, (*SHELL, *SESSION)])
def test_a_job_ends_with_its_run_whatever_stands_between(started, between):
    run = started(*owned(*between))
    job = descendants(run.pid)[-1]
    run.kill()
    assert gone(job)


def test_a_job_ends_with_the_shell_that_started_it(started):
    run = started(*owned(*SHELL))
    shell, job = descendants(run.pid)[-2:]
    os.kill(shell, signal.SIGKILL)
    assert gone(job)


def test_a_program_that_is_not_ours_is_told_of_the_end_of_its_caller(started):
    """Snakemake, when `make demo` is killed: it would run on for an hour unseen."""
    run = started(*PYTHON, CALLER, "bash", "-c", "echo at work; exec sleep 600")
    program = descendants(run.pid)[0]
    run.kill()
    assert gone(program)


def test_a_process_of_a_launcher_ends_with_the_launcher_outside_a_run_too(started):
    launcher = started(*SESSION, *PYTHON, JOB, RANK="1")
    worker = descendants(launcher.pid)[-1]
    launcher.kill()
    assert gone(worker)


def test_a_command_typed_into_a_shell_outlives_the_shell(started):
    shell = started(*SHELL, *PYTHON, JOB)
    job = descendants(shell.pid)[-1]
    try:
        shell.kill()
        assert not gone(job, seconds=2)
    finally:
        os.kill(job, signal.SIGKILL)


def test_a_job_does_not_begin_when_its_run_is_gone_already():
    past = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = lifetime.identity(past.pid)
    past.communicate(b"\n")
    environment = os.environ | {lifetime.OWNER: owner}
    done = subprocess.run([*PYTHON, JOB], env=environment, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL
    assert f"process {past.pid}" in done.stderr


def test_another_process_with_the_number_of_the_run_is_not_taken_for_it():
    mine = lifetime.identity(os.getpid()).split(":")
    environment = os.environ | {lifetime.OWNER: f"{mine[0]}:{int(mine[1]) - 1}:{mine[2]}"}
    done = subprocess.run([*PYTHON, JOB], env=environment, capture_output=True)
    assert done.returncode == -signal.SIGKILL


def test_a_run_in_another_process_namespace_is_not_looked_for(started):
    outside = lifetime.identity(os.getpid()).rpartition(":")[0] + ":pid[1]"
    job = started(*PYTHON, JOB, **{lifetime.OWNER: outside})
    assert not gone(job.pid, seconds=2)


def test_a_job_ends_where_the_system_reports_no_end(started):
    job = JOB.replace("import sys, time", "import os, sys, time\ndel os.pidfd_open")
    run = started(*PYTHON, OWNER, *SHELL, *PYTHON, job)
    pid = descendants(run.pid)[-1]
    run.kill()
    run.wait()  # a process that nobody waited for still has its entry
    assert gone(pid)
