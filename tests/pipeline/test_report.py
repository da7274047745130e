"""Snakemake's own report of a finished run: everything is in it, also in a copy of the run."""

import shutil
import zipfile

import pytest
from checkout import snakemake

pytestmark = pytest.mark.pipeline


def test_a_copy_of_a_run_gives_a_report_with_every_table_and_figure(finished, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(finished, copy)
    said = snakemake(copy, "--report", "report.zip")
    assert "Missing metadata" not in said
    with zipfile.ZipFile(copy / "report.zip") as archive:
        names = {name.rpartition("/")[2] for name in archive.namelist()}
    tables = {path.name for path in (copy / "results/smoke/tables").glob("*.md")}
    assert {"table2.md", "claims.md", "technique_shift.md"} <= tables
    figures = {path.name for path in (copy / "results/smoke/figures").glob("*.svg")}
    assert len(figures) == 3
    assert tables | figures | {"index.html", "report.html"} <= names


def test_the_page_is_small_and_judges_every_claim(finished):
    page = finished / "results/smoke/report/index.html"
    assert page.stat().st_size < 5_000_000
    claims = (finished / "config/claims.yaml").read_text()
    listed = [line[:-1] for line in claims.splitlines() if line.endswith(":") and line[0] != " "]
    text = page.read_text()
    assert all(f'id="claim-{name}"' in text for name in listed)


def test_a_claim_of_its_own_has_the_verdict_of_the_whole_run(finished):
    snakemake(finished, "--cores", "2", "claim_questions_zero_shot")
    folder = finished / "results/smoke"
    row, *others = (folder / "claims/questions_zero_shot.csv").read_text().splitlines()[1:]
    assert not others
    assert row in (folder / "tables/claims.csv").read_text().splitlines()
