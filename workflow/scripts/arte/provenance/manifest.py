"""Write manifest.json of a run: its files by hash, the jobs that made them, code and libraries."""

import argparse
import platform
import subprocess
from dataclasses import asdict
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from arte import verify
from arte.core import io, job
from arte.core.errors import cli
from arte.provenance.records import VERSION, Job, Places, jobs

UNPUBLISHED = ["benchmarks", "bundle", "journal", "logs", "rescored", "scratch"]
"""Folders of a run that another call may change without a change of any result."""


def entry(path: Path) -> dict[str, Any]:
    """What the manifest says of a file: SHA-256, bytes and, of a table, rows and schema."""
    found: dict[str, Any] = {"sha256": io.file_sha256(path), "bytes": path.stat().st_size}
    if path.suffix == ".parquet":
        about = pq.read_metadata(path)
        kept = about.metadata or {}
        names = [kept.get(key, b"").decode() for key in (b"arte.schema", b"arte.version")]
        found |= {"rows": about.num_rows, "schema": " ".join(names).strip() or "as published"}
    elif path.suffix == ".csv":
        lines = path.read_text(encoding="utf-8").splitlines()
        found |= {"rows": max(0, len(lines) - 1), "schema": lines[0] if lines else ""}
    return found


def files(run: Path, made: dict[str, Job], but: list[str]) -> dict[str, dict]:
    """The entries of all published files of a run, each with the job that made it."""
    makers = {output: name for name, each in made.items() for output in each.outputs}
    folders = {}
    for path, name in makers.items():
        if path.endswith(("/fingerprint.json", "/record.json")):  # stands for its folder
            folders[path.rpartition("/")[0]] = name
    found = {}
    for name in verify.published(run, but):
        maker = makers.get(name, folders.get(name.rpartition("/")[0]))
        found[name] = entry(run / name) | {"job": maker}
    return found


def commit(home: Path) -> dict[str, Any]:
    """The repository's commit, and whether files differ from it; None where it is no clone."""
    if _git(home, "rev-parse", "--show-toplevel") != str(home.resolve()):
        return {"commit": None, "changed": None}
    return {
        "commit": _git(home, "rev-parse", "HEAD"),
        "changed": bool(_git(home, "status", "--porcelain")),
    }


def _git(home: Path, *command: str) -> str | None:
    """What git prints in a folder; None where it fails or is not installed."""
    try:
        done = subprocess.run(
            ["git", "-C", home, *command], check=False, capture_output=True, text=True
        )
    except FileNotFoundError:
        return None
    return None if done.returncode else done.stdout.strip()


def machine() -> dict[str, Any]:
    """The machine and the packages that make the manifest; jobs of a cluster may have others."""
    packages = {each.metadata["Name"]: each.version for each in distributions()}
    return {
        "host": platform.node(),
        "system": platform.platform(),
        "processor": _processor(),
        "python": platform.python_version(),
        "packages": dict(sorted(packages.items())),
    }


def _processor() -> str:
    about = Path("/proc/cpuinfo")
    lines = about.read_text(encoding="utf-8").splitlines() if about.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def manifest(run: Path, home: Path, here: Path, config: dict) -> dict[str, Any]:
    """All that is known of a run; `home` is the repository, `here` where Snakemake was called.

    Raises ArteError where there is no metadata of Snakemake.
    """
    made = jobs(Places(run, home, here))
    for name, each in made.items():
        if each.changed:
            job.log(f"{name}: inputs changed since it began: {', '.join(each.changed)}")
    return {
        "version": VERSION,
        "run": run.name,
        "unpublished": UNPUBLISHED,
        "config": config,
        "code": commit(home),
        "machine": machine(),
        "jobs": {name: asdict(each) for name, each in made.items()},
        "files": files(run, made, UNPUBLISHED),
    }


def run(args: argparse.Namespace) -> None:
    """Write the manifest and say what it covers."""
    folder = Path(args.run)
    found = manifest(folder, Path(args.home), Path.cwd(), args.cfg)
    io.write_text(verify.sealed(found), folder / verify.MANIFEST)
    orphans = [name for name, each in found["files"].items() if each["job"] is None]
    job.log(f"{len(found['files'])} files, {len(found['jobs'])} jobs, {len(orphans)} files of none")
    print(
        f"{folder / verify.MANIFEST}: {len(found['files'])} files; check with: arte verify {folder}"
    )


@cli
def main() -> None:
    """Command line; --cfg is the whole config, --run the run's folder, --home the repository."""
    run(job.parse(__doc__, "--cfg", "--run", "--home"))


if __name__ == "__main__":
    main()
