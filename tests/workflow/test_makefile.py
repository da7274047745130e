"""What make says to a newcomer; nothing is installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tree(tmp_path):
    """A checkout as far as make looks at it."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for part in ("requirements", "config"):
        shutil.copytree(ROOT / part, tmp_path / part)
    return tmp_path


def make(tree, *arguments):
    names = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PRESET", "PYTHON")
    return subprocess.run(
        ["make", *arguments],
        cwd=tree,
        env={name: text for name, text in os.environ.items() if name not in names},
        capture_output=True,
        text=True,
    )


def test_make_alone_names_the_targets_and_installs_nothing(tree):
    for done in (make(tree), make(tree, "help")):
        assert done.returncode == 0, done.stderr
        for target in ("make demo ", "make test ", "make slurm-check ", "TORCH_CPU"):
            assert target in done.stdout
    assert not (tree / ".venv").exists()


def test_an_unknown_preset_is_refused_with_the_known_ones(tree):
    done = make(tree, "demo", "PRESET=smok")
    assert done.returncode == 2
    assert "PRESET=smok: no such preset; there are bbh-local" in done.stderr
    assert not (tree / ".venv").exists()


def test_a_python_that_is_not_there_is_refused_before_an_environment_is_made(tree):
    done = make(tree, "venv", "PYTHON=python3.99")
    assert done.returncode == 2
    assert "ARTE needs Python 3.11 or later: make venv PYTHON=" in done.stderr
    assert not (tree / ".venv").exists()


def test_an_environment_of_another_python_is_made_anew(tree):
    mark = "python-{}.{}".format(*sys.version_info)
    (tree / ".venv/bin").mkdir(parents=True)
    (tree / ".venv/bin/python").symlink_to("/no/python3.8")
    (tree / ".venv/python-3.8").touch()
    (tree / ".venv/runtime-old").touch()
    done = make(tree, f".venv/{mark}", f"PYTHON={sys.executable}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert subprocess.run([tree / ".venv/bin/python", "-c", ""]).returncode == 0
    assert {path.name for path in (tree / ".venv").glob("*-*")} == {mark}
