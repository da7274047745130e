"""The whole workflow on the smoke preset: complete, and free to ask again."""

import hashlib
import json
import time
from pathlib import Path

import pytest
from checkout import PARTS, edited, snakemake

pytestmark = pytest.mark.pipeline
TABLES = ("elicit", "prefer", "tailor", "evaluate")


def artefacts(tree: Path) -> dict[str, str]:
    """SHA-256 of every Parquet table, by path."""
    root = tree / "results/smoke"
    files = [path for stage in TABLES for path in sorted((root / stage).rglob("*.parquet"))]
    return {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def generated(tree: Path, *, since: float) -> int:
    """Requests that went to a model, by the statistics written after the time `since`."""
    files = [p for p in (tree / "results/smoke").rglob("stats-*.json") if p.stat().st_mtime > since]
    assert files
    return sum(json.loads(path.read_text())["generated"] for path in files)


def test_every_table_and_figure_is_written(finished):
    root = finished / "results/smoke"
    for k in (1, 2, 6, 7):
        for suffix in ("csv", "md", "tex"):
            assert (root / f"tables/table{k}.{suffix}").stat().st_size
    for suffix in ("pdf", "png", "csv"):
        for k in (1, 2):
            assert (root / f"figures/figure{k}.{suffix}").stat().st_size


def test_nothing_is_written_outside_the_folder_of_the_run(finished):
    assert {path.name for path in finished.iterdir()} == {*PARTS, "results", ".snakemake"}
    assert [path.name for path in (finished / "results").iterdir()] == ["smoke"]


def test_a_second_run_has_nothing_to_do(finished):
    assert "Nothing to be done" in snakemake(finished, "--cores", "2")


def test_other_job_numbers_generate_nothing_and_change_no_byte(finished):
    before = artefacts(finished)
    preset = finished / "config/presets/smoke.yaml"
    jobs = "\njobs: { respond: 2, elicit: 2, score: 1, tailor: 2, evaluate: 2 }\n"
    subtasks = ("boolean_expressions", "hyperbaton")
    targets = [
        f"results/smoke/{stage}/{subtask}.parquet"
        for stage in ("prefer/scores", "evaluate/nano_student/vanilla/0")
        for subtask in subtasks
    ]
    since = time.time()
    with edited(preset, preset.read_text() + jobs):
        snakemake(finished, "--cores", "2", "--", *targets)
    assert generated(finished, since=since) == 0
    assert artefacts(finished) == before
    snakemake(finished, "--cores", "2", "--", *targets)
