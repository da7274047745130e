"""Manifests of runs that no Snakemake made."""

from pathlib import Path
from typing import Any

from arte import verify
from arte.core.io import file_sha256
from arte.provenance.records import MACHINE, VERSION


def job(**changes: Any) -> dict[str, Any]:
    """A job of a manifest, with all its keys."""
    job = {"rule": "r", "code": "0" * 16, "cfg": None, "command": "", "inputs": {}, "outputs": []}
    job |= {"changed": [], "started": 1.0, "ended": 2.0, "external_id": None, "usage": {}}
    return job | changes


def manifest(jobs: dict[str, dict], **changes: Any) -> dict[str, Any]:
    """A manifest of `jobs` with all its keys and no file."""
    about = {"code": {"commit": None, "changed": None}, "machine": dict.fromkeys(MACHINE, "m")}
    about |= {"version": VERSION, "run": "own", "unpublished": [], "config": {}}
    return about | {"jobs": jobs, "files": {}} | changes


def write(run: Path, found: dict[str, Any]) -> None:
    """Leave a manifest in the folder of a run."""
    run.mkdir(parents=True, exist_ok=True)
    (run / verify.MANIFEST).write_text(verify.sealed(found))


def entry(path: Path, job: str | None) -> dict[str, Any]:
    """What a manifest says of a file."""
    return {"sha256": file_sha256(path), "bytes": path.stat().st_size, "job": job}
