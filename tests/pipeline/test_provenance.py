"""Manifest and what is asked of it, on the finished run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import ROOT, snakemake

pytestmark = pytest.mark.pipeline
VERIFY = ROOT / "workflow/scripts/arte/verify.py"


@pytest.fixture(scope="module")
def run(finished) -> Path:
    """The folder of the finished run, with a manifest for as long as these tests need it."""
    snakemake(finished, "--cores", "1", "manifest")
    yield finished / "results/smoke"
    (finished / "results/smoke/manifest.json").unlink()


@pytest.fixture(scope="module")
def manifest(run) -> dict:
    return json.loads((run / "manifest.json").read_text())


def test_every_published_file_has_a_job_and_every_job_its_code_and_times(run, manifest):
    assert len(manifest["files"]) > 300
    for name, entry in manifest["files"].items():
        assert entry["job"] in manifest["jobs"], name
        assert entry["bytes"] == (run / name).stat().st_size
        assert ("rows" in entry) == name.endswith((".csv", ".parquet"))
    for name, job in manifest["jobs"].items():
        assert job["ended"] >= job["started"] > 0, name
        assert job["code"]
        assert job["changed"] == []
        assert " -m arte." in job["command"]
        for path, sha256 in job["inputs"].items():
            if path in manifest["files"]:
                assert manifest["files"][path]["sha256"] == sha256
            else:
                assert (run.parents[1] / path).is_file(), path


def test_the_manifest_makes_no_job_stale_and_verifies(run):
    assert "Nothing to be done" in snakemake(run.parents[1], "--cores", "1")
    done = subprocess.run([sys.executable, "-I", VERIFY, run], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
