"""A run that is killed leaves nothing behind that works or writes, and can go on at once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from checkout import copy_checkout, processes

pytestmark = pytest.mark.pipeline
STUDENT = "results/smoke/models/nano_student/fingerprint.json"


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A checkout with a training that takes hours."""
    tree = copy_checkout(tmp_path_factory.mktemp("killed") / "arte")
    (tree / "config/presets/long.yaml").write_text("nano: { student_tokens: 1000000000 }\n")
    return tree


def begun(log: Path) -> bool:
    return log.exists() and "student has" in log.read_text()


def wait_until(happened, *, seconds=120):
    """Wait for what takes a few seconds on a free machine; the time is generous."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.1)


@pytest.mark.parametrize("kill", [os.killpg, os.kill], ids=["group", "Snakemake alone"])
def test_no_process_outlives_a_run_that_was_killed(tree, kill):
    run = subprocess.Popen(
        [sys.executable, "-m", "snakemake", "--cores", "2", "--nolock", STUDENT]
        + ["--configfile", "config/presets/smoke.yaml", "config/presets/long.yaml"],
        cwd=tree,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    log = tree / "results/smoke/logs/train_nano_student.log"
    log.unlink(missing_ok=True)
    try:
        wait_until(lambda: run.poll() is not None or begun(log))
        working = processes(tree).values()
        assert sum("arte.nano.train_nano" in command for command in working) >= 3
    finally:
        kill(run.pid, signal.SIGKILL)
        run.wait()
    wait_until(lambda: not processes(tree))
