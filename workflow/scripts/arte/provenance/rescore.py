"""Make every table and figure of a run again from what its models wrote, without a model.

The kept outputs are read anew and the commands of the manifest run again, in a folder of links.
"""

import argparse
import contextlib
import importlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import polars as pl

from arte.core import io, job
from arte.core.errors import ArteError, cli, disk_is_full
from arte.core.interpreter import search_path
from arte.provenance.records import recorded
from arte.provenance.reread import write
from arte.provenance.rules import PRIMARY, RULES

MADE = ("figures/", "tables/")
"""Folders of what a run reports."""

FOLDER = "rescored"
"""In the run's folder: what was made again, in a folder per rule."""


def reports(manifest: dict[str, Any]) -> dict[str, dict]:
    """The jobs that made tables and figures, by name; one that reads a table follows its job."""
    found = {
        name: each
        for name, each in manifest["jobs"].items()
        if all(path.startswith(MADE) for path in each["outputs"])
    }
    by = {path: name for name, each in found.items() for path in each["outputs"]}
    needs = {
        name: [by[path] for path in each["inputs"] if path in by] for name, each in found.items()
    }
    return {name: found[name] for name in TopologicalSorter(needs).static_order()}


@contextlib.contextmanager
def overlay(run: Path, home: Path, jobs: dict[str, dict]) -> Iterator[Path]:
    """A folder of links to the repository and the run, in which the commands of `jobs` can run.

    What they write, and the folders of what they read, are no links. Yields the run's folder in it.
    """
    with tempfile.TemporaryDirectory(prefix="arte-") as name:
        for path in home.resolve().iterdir():
            if path.name not in ("results", ".snakemake"):
                Path(name, path.name).symlink_to(path)
        there = Path(name, "results", run.name)
        read = {path for each in jobs.values() for path in each["inputs"]}
        for path in read - {path for each in jobs.values() for path in each["outputs"]}:
            if (run / path).exists() and not Path(path).is_absolute():
                (there / path).parent.mkdir(parents=True, exist_ok=True)
                (there / path).symlink_to((run / path).resolve())
        for job_name, each in jobs.items():
            for path in [*each["outputs"], f"logs/{job_name}.log"]:
                (there / path).parent.mkdir(parents=True, exist_ok=True)
        with contextlib.chdir(name):
            yield there.resolve()


def start(command: str, home: Path) -> None:
    """Run a job's command in the current folder; raise ArteError where it fails.

    A module of ours is called in this process, so that libraries are loaded once. Whatever ends it
    is not a fault of the module, for other code may have made the command and its config.
    """
    words = shlex.split(command)
    if words[:2] == ["python", "-m"] and words[2].startswith("arte."):
        own = sys.argv
        sys.argv = [words[2], *(word for word in words[3:] if not word.startswith("2>"))]
        try:
            importlib.import_module(words[2]).main()
        except SystemExit as error:
            if error.code:
                said = isinstance(error.code, str)
                found = error.code if said else f"exit status {error.code}"
                raise _failed(command, found) from None
        except Exception as error:
            if disk_is_full(error):
                raise
            raise _failed(command, f"{type(error).__name__}: {error}") from error
        finally:
            sys.argv = own
        return
    scripts = str(home.resolve() / "workflow/scripts")
    found = search_path(sys.executable, *os.get_exec_path())
    names = {"PYTHONPATH": scripts, "WORKFLOW_PYTHON": sys.executable, "PATH": found}
    shell = ["bash", "-euo", "pipefail", "-c", command]
    done = subprocess.run(shell, check=False, env=os.environ | names)
    if done.returncode:
        raise _failed(command, f"exit status {done.returncode}")


def _failed(command: str, what: str) -> ArteError:
    return ArteError(
        expected="a command of the manifest that runs with this code",
        found=what,
        where=command[:200],
        remedy="use the code of the commit that manifest.json names",
    )


def rescore(run: Path, home: Path, rule: str) -> tuple[Path, list[str]]:
    """Make all tables and figures again by a rule of extraction.

    Returns their folder and the paths of those that differ from the manifest.
    """
    manifest = recorded(run)
    jobs = reports(manifest)
    target = run / FOLDER / rule
    run, home = run.resolve(), home.resolve()
    inputs = sorted({path for each in jobs.values() for path in each["inputs"]})
    with overlay(run, home, jobs) as there:
        kept = [path for path in inputs if (run / path).exists()]
        read, other = write(run, there, kept, RULES[rule])
        print(f"{read} outputs read anew by rule {rule}: {other} are right or wrong otherwise")
        for each in jobs.values():
            start(each["command"], home)
            if lacking := [path for path in each["outputs"] if not (there / path).is_file()]:
                raise _failed(each["command"], f"it made no {', '.join(lacking)}")
        outputs = sorted(path for each in jobs.values() for path in each["outputs"])
        found = {path: io.file_sha256(there / path) for path in outputs}
        _publish(there, run / FOLDER / rule, outputs)
    before = {path: each["sha256"] for path, each in manifest["files"].items()}
    return target, [path for path in outputs if found[path] != before.get(path)]


def _publish(there: Path, target: Path, outputs: list[str]) -> None:
    shutil.rmtree(target, ignore_errors=True)
    for path in outputs:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(there / path, target / path)


def changes(before: Path, after: Path) -> str:
    """What another rule changed in a csv, in words: rows and, of accuracies, the largest change."""
    if not before.exists():
        return "the run has it no more"
    old, new = (pl.read_csv(path, infer_schema_length=None) for path in (before, after))
    if old.columns != new.columns:
        return f"other columns: {', '.join(sorted({*old.columns} ^ {*new.columns})) or 'order'}"
    if old.height != new.height:
        return f"{old.height} rows before, {new.height} now"
    differ = [a != b for a, b in zip(old.iter_rows(), new.iter_rows(), strict=True)]
    said = f"{sum(differ)} of {old.height} rows differ"
    if "strict" not in old.columns:
        return said
    rows = zip(old.iter_rows(named=True), new.iter_rows(named=True), strict=True)
    row, now = max(rows, key=lambda pair: abs(pair[1]["strict"] - pair[0]["strict"]))
    where = f"{row['arm']}, {row['column']}, {row['shots']}-shot, {row['average']}"
    return f"{said}; most in {where}: {row['strict']:.1f} before, {now['strict']:.1f} now"


def run(args: argparse.Namespace) -> None:
    """Rescore and say what differs; under the primary rule nothing may."""
    folder = Path(args.run)
    target, differ = rescore(folder, Path(args.home), args.rule)
    whole = sum(path.is_file() for path in target.rglob("*"))
    print(f"{target}: {whole - len(differ)} of {whole} files are byte for byte those of the run")
    for path in differ:
        said = f": {changes(folder / path, target / path)}" if path.endswith(".csv") else ""
        print(f"differs  {path}{said}")
    if differ and args.rule == PRIMARY:
        raise ArteError(
            expected="the run's tables and figures, byte for byte",
            found=f"{len(differ)} that differ, listed above",
            where=str(target),
            remedy="compare code and packages with manifest.json's; arte verify finds damage",
        )


@cli
def main() -> None:
    """Command line; --run is the run's folder, --home the repository, --rule one of RULES."""
    run(job.parse(__doc__, "--run", "--home", "--rule"))


if __name__ == "__main__":
    main()
