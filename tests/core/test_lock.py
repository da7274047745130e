"""A folder has one writer at a time: two real processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from arte.core import lock
from arte.core.errors import ArteError

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
HOLD = """
import sys
from arte.core.lock import sole_writer
with sole_writer(sys.argv[1]):
    print("held", flush=True)
    input()
"""


@pytest.fixture
def held(tmp_path):
    """A folder that another process holds, and that process."""
    folder = tmp_path / "a/scratch"
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, folder],
        env=os.environ | {"PYTHONPATH": str(SCRIPTS)},
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline() == "held\n"
    yield folder, process
    process.kill()
    process.communicate()


def test_a_second_writer_is_refused_with_the_folder_named(held, monkeypatch):
    folder, _ = held
    monkeypatch.setattr(lock, "PATIENCE", 0.0)
    with (
        pytest.raises(ArteError, match="no other process writes") as error,
        lock.sole_writer(folder),
    ):
        pass
    assert error.value.where == str(folder)


def test_a_killed_writer_holds_nothing(held):
    folder, process = held
    process.kill()
    with lock.sole_writer(folder):
        pass


def test_a_second_writer_waits_for_the_first_to_end(held):
    folder, process = held
    process.stdin.write("\n")
    process.stdin.flush()
    with lock.sole_writer(folder):
        assert process.wait(20) == 0


def test_other_folders_are_free(held):
    folder, _ = held
    with lock.sole_writer(folder.parent / "other"), lock.sole_writer(folder.parent):
        pass
