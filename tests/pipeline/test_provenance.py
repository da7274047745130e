"""Manifest and what is asked of it, on the finished run."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from checkout import ROOT, snakemake

from arte.provenance.rescore import rescore

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


def test_every_table_and_figure_comes_out_again_byte_for_byte_without_models(run):
    models = run / "models"
    models.rename(run / "away")
    try:
        said = snakemake(run.parents[1], "--cores", "1", "rescore")
    finally:
        (run / "away").rename(models)
    made = {path for path in (run / "rescored/strict").rglob("*") if path.is_file()}
    reported = [*(run / "tables").iterdir(), *(run / "figures").iterdir()]
    assert {path.name for path in made} == {path.name for path in reported}
    assert f"{len(made)} of {len(made)} files are byte for byte those of the run" in said
    for path in reported:
        again = run / "rescored/strict" / path.relative_to(run)
        assert again.read_bytes() == path.read_bytes(), path


def test_another_rule_of_extraction_shows_in_tables_alone(run, monkeypatch, capsys):
    monkeypatch.chdir(run.parents[1])
    monkeypatch.setattr(sys, "argv", sys.argv)
    target, differ = rescore(Path("results/smoke"), Path(), "lenient")
    cells = pl.read_csv(run / "tables/table2.csv")
    now = pl.read_csv(target / "tables/table2.csv")
    assert (now["strict"] - cells["lenient"]).abs().max() < 1e-5
    changed = [path for path in differ if path.endswith(".csv")]
    assert ("tables/table2.csv" in changed) == (cells["strict"] != cells["lenient"]).any()
    assert "figures/figure1.csv" not in differ
    assert "outputs read anew by rule lenient" in capsys.readouterr().out
