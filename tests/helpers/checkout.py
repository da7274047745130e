"""A copy of the checkout, and the real workflow in it."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ("config", "resources", "workflow")


def snakemake(tree: Path, *args: str, preset: str = "smoke", via: tuple[str, ...] = ()) -> str:
    """Run the workflow of `tree` on a preset; return its output, or fail with it.

    `via`: a command that runs the command which follows it.
    """
    command = [
        *via,
        sys.executable,
        "-m",
        "snakemake",
        "--configfile",
        f"config/presets/{preset}.yaml",
    ]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [*command, *args],
        cwd=tree,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


@contextmanager
def edited(path: Path, text: str | None = None):
    """`path` with a comment at its end, or with other text; afterwards as it was."""
    before = path.read_text()
    path.write_text(before + "\n# edited\n" if text is None else text)
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
