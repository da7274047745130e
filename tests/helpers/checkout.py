"""A copy of the checkout, and the real workflow in it."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import polars as pl

ROOT = Path(__file__).parents[2]
PARTS = ("config", "resources", "workflow")


def output(command: list[str], folder: Path, **environment: str) -> str:
    """What a command prints in a folder, on stdout and stderr; it must succeed.

    Of PYTHONPATH it has no more than what `environment` says.
    """
    known = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [*map(str, command)],
        cwd=folder,
        env=known | environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


def snakemake(tree: Path, *args: str, preset: str = "smoke", via: tuple[str, ...] = ()) -> str:
    """Run the workflow of `tree` on a preset; return its output, or fail with it.

    `via`: a command that runs the command which follows it.
    """
    start = [*via, sys.executable, "-m", "snakemake"]
    return output([*start, "--configfile", f"config/presets/{preset}.yaml", *args], tree)


RECORDER = """
import os, re, sys

LOG = os.path.realpath("/proc/self/fd/2")  # of the job, hence its rule
RULE = re.search(r"/logs/(?:round\\d+/)?(\\w+?)(?:_\\d+)?(?:/|[.]log)", LOG)


def note(event, args):
    if event == "open" and isinstance(args[0], (str, os.PathLike)):
        path = os.path.abspath(args[0])
        if "/resources/prompts/" in path:
            with open(os.path.join({folder!r}, RULE.group(1)), "a") as file:
                file.write(path + chr(10))


if RULE:
    sys.addaudithook(note)
"""
"""A sitecustomize.py that notes which prompt files the jobs of each rule open, by rule."""


@contextmanager
def edited(path: Path, text: str | None = None):
    """`path` with a statement at its end, or with other text; afterwards as it was."""
    before = path.read_text()
    path.write_text(before + "\nEDITED = True\n" if text is None else text)
    try:
        yield
    finally:
        path.write_text(before)


def copy_checkout(tree: Path) -> Path:
    """Copy what a run needs to `tree`."""
    for part in PARTS:
        ignore = shutil.ignore_patterns("__pycache__", ".*")
        shutil.copytree(ROOT / part, tree / part, ignore=ignore)
    return tree


def processes(tree: Path) -> dict[int, str]:
    """Ids and commands of the live processes that work in `tree`."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z" and os.readlink(folder / "cwd") == str(tree):
                found[int(folder.name)] = (folder / "cmdline").read_bytes().decode()
        except OSError:  # it has just ended, or is not ours
            continue
    return found


def tables(folder: Path) -> pl.DataFrame:
    """All tables of one folder as one."""
    return pl.concat([pl.read_parquet(path) for path in sorted(folder.glob("*.parquet"))])
