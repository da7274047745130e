"""Manifest and what is asked of it, on the finished run."""

import json
import os
import shutil
import subprocess
import sys
import urllib.parse
import zipfile
from pathlib import Path

import polars as pl
import pytest
from checkout import ROOT, snakemake

from arte.explain import cells, explain, origins
from arte.explain.evidence import evidence
from arte.explain.explain import Explainer
from arte.provenance.rescore import rescore

pytestmark = pytest.mark.pipeline
VERIFY = ROOT / "workflow/scripts/arte/verify.py"


@pytest.fixture(scope="module")
def bundle(finished, tmp_path_factory) -> Path:
    """The bundle of the finished run, unpacked: it has no models."""
    shutil.copytree(ROOT / "requirements", finished / "requirements")
    shutil.copy(ROOT / "Containerfile", finished)
    snakemake(finished, "--cores", "1", "bundle")
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(finished / "results/smoke/bundle/smoke.zip") as archive:
        archive.extractall(folder)
    yield folder
    shutil.rmtree(finished / "results/smoke/bundle")
    shutil.rmtree(finished / "requirements")
    (finished / "Containerfile").unlink()
    (finished / "results/smoke/manifest.json").unlink()


@pytest.fixture(scope="module")
def run(bundle) -> Path:
    """The folder of the run in its bundle."""
    return bundle / "results/smoke"


@pytest.fixture(scope="module")
def manifest(run) -> dict:
    """The manifest of the run."""
    return json.loads((run / "manifest.json").read_text())


def verified(folder: Path) -> str:
    """What the file that stands alone says of a folder in which nothing is damaged."""
    done = subprocess.run([sys.executable, "-I", VERIFY, folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_every_published_file_has_a_job_and_every_job_its_code_and_times(finished, manifest):
    assert len(manifest["files"]) > 300
    for name, entry in manifest["files"].items():
        assert entry["job"] in manifest["jobs"], name
        assert entry["bytes"] == (finished / "results/smoke" / name).stat().st_size
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
                assert (finished / path).is_file(), path


def test_the_manifest_makes_no_job_stale_and_verifies(finished, bundle):
    assert "Nothing to be done" in snakemake(finished, "--cores", "1")
    verified(finished / "results/smoke")


def test_a_bundle_verifies_and_makes_every_table_and_figure_again_byte_for_byte(bundle, run):
    before = verified(bundle)
    assert not list(bundle.rglob("*.safetensors"))
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "rescore"]
    done = subprocess.run(command, cwd=bundle, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    made = {path for path in (run / "rescored/strict").rglob("*") if path.is_file()}
    reported = [*(run / "tables").iterdir(), *(run / "figures").iterdir()]
    assert {path.name for path in made} == {path.name for path in reported}
    assert f"{len(made)} of {len(made)} files are byte for byte those of the run" in done.stdout
    for path in reported:
        again = run / "rescored/strict" / path.relative_to(run)
        assert again.read_bytes() == path.read_bytes(), path
    assert verified(bundle) == before


def test_the_crate_names_every_file_and_answers_what_a_run_crate_is_asked(bundle, manifest):
    """The competency questions of the Workflow Run RO-Crate profiles, by their numbers."""
    graph = json.loads((bundle / "ro-crate-metadata.json").read_text())["@graph"]
    known = {entity["@id"]: entity for entity in graph}
    packed = json.loads((bundle / "manifest.json").read_text())["files"]
    for name, entry in packed.items():
        if name != "ro-crate-metadata.json":
            entity = known[urllib.parse.quote(name)]
            assert (entity["sha256"], entity["contentSize"]) == (
                entry["sha256"],
                str(entry["bytes"]),
            )
    jobs = {entity["name"]: entity for entity in graph if entity["@id"].startswith("#job-")}
    assert jobs.keys() == manifest["jobs"].keys()

    def of(entity, key):
        found = entity[key] if isinstance(entity[key], list) else [entity[key]]
        return [known[each["@id"]] for each in found]

    for name, job in jobs.items():
        tool = of(job, "instrument")[0]
        files = {each["@id"] for each in of(tool, "softwareRequirements")}
        assert {"Containerfile", "requirements/cpu.lock"} <= files  # 1 images, 4 environment
        assert {each["name"] for each in of(job, "resourceUsage")} >= {"memory_mb"}  # 2
        values = {each["name"] for each in of(job, "object") if each["@type"] == "PropertyValue"}
        assert values == set(manifest["jobs"][name]["cfg"] or {})  # 3 configuration
        assert job["startTime"] <= job["endTime"]  # 5 how long it took
        assert job["actionStatus"]["@id"].endswith("CompletedActionStatus")  # 7 success
        assert tool["softwareVersion"]  # 9 version of the code
        assert all(each["@id"].endswith(".py") for each in of(tool, "hasPart"))  # 10 the script
        assert of(tool, "hasPart")
    whole = known["#run"]
    assert whole["startTime"] < whole["endTime"]  # 6 how long all took
    assert [each["@id"] for each in of(whole, "object")] == ["config/config.yaml"]  # 8 in and out
    assert {each["name"] for each in of(whole, "result")} == {"tables", "figures"}
    organized = next(entity for entity in graph if entity["@type"] == "OrganizeAction")
    assert len(of(organized, "object")) == len(jobs)


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


def reported(run: Path) -> list[str]:
    """The csv files of all tables and figures."""
    return [path.relative_to(run).as_posix() for path in sorted(run.glob("[tf]*/*.csv"))]


def test_every_cell_and_point_is_explained(run):
    explainer = Explainer(run)
    rows = 0
    for path in reported(run):
        for row in cells.read(run / path).iter_rows(named=True):
            said = "\n".join(explainer.explain(path, row, None))
            rows += 1
            for part in ("\nmodels", "\nprompt files", "\nseeds", "\njobs", "\nmachine"):
                assert part in said or path.startswith(NO_MODEL), (path, row)
            assert "which is not the file" not in said
            sizes = [row[key] for key in ("n", "test", "n_rationales") if key in row]
            if "verdict" in row and not row["value"]:
                assert "counted from no kept answer" in said, row  # a claim that no run tests
            elif sizes[:1] != ["0"] and not path.startswith("figures/figure1"):
                assert said.count("\nitem ") in (1, 2, 3), (path, row)
    assert rows > 700


NO_MODEL = ("figures/figure1", "tables/table7", "tables/table1")


def test_a_cell_is_counted_from_the_rows_that_are_shown_for_it(run, manifest):
    counted = 0
    for path in reported(run):
        frame = pl.read_csv(run / path, infer_schema_length=None)
        if "average" not in frame.columns:
            continue
        job = manifest["jobs"][manifest["files"][path]["job"]]
        texts = cells.read(run / path).iter_rows(named=True)
        for row, text in zip(frame.iter_rows(named=True), texts, strict=True):
            rows = evidence(run, Path(path).stem, text, job).rows
            arms = [row["arm"], row["reference"]] if "reference" in row else [row["arm"]]
            shares = [share(rows, arm) for arm in arms]
            assert {each.height for each in rows.partition_by("arm", "seed")} == {row["n"]}
            if row["average"] == "micro":
                value = row["difference"] if len(arms) == 2 else row["strict"]
                assert abs(shares[0] - (shares[1:] or [0])[0] - value) < 1e-5, (path, row)
                counted += 1
    assert counted > 240


def share(rows: pl.DataFrame, arm: str) -> float:
    """Percent right of an arm, which Table 4 has for one benchmark each."""
    named = (pl.col("arm") == arm) | pl.col("arm").str.starts_with(f"{arm}-")
    return 100 * rows.filter(named)["correct"].mean()


def test_a_cell_leads_back_to_the_teacher_and_its_data_alone(run, manifest):
    path = "tables/table2.csv"
    row = cells.find(cells.read(run / path), ["question_only", "BBH", "zero-shot"], path)[0]
    found = evidence(run, "table2", row, manifest["jobs"]["make_table/table2"])
    jobs = origins.chain(manifest, "make_table/table2", found.paths)
    rules = {manifest["jobs"][name]["rule"] for name in jobs}
    assert {"align_teacher", "finetune_student", "select_pairs", "fit_irt"} <= rules
    assert jobs[-1] == "make_table/table2"
    arms = {name for name in jobs if name.startswith("finetune_student/")}
    assert arms == {"finetune_student/nano_student-question_only-0"}
    models = {each.folder: each for each in origins.models(run, manifest, jobs)}
    assert models["models/aligned_teacher"].base == models["models/nano_teacher"].fingerprint


def test_one_item_is_shown_whole_and_without_the_models(run, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["arte", str(run), "table2", "arte", "BBH", "3-shot"])
    explain.main()
    name = capsys.readouterr().out.rpartition("item_id ")[2].partition(",")[0]
    sys.argv += ["--item", name]
    explain.main()
    said = capsys.readouterr().out
    assert said.count("\nitem ") == 1
    assert f"item_id {name}" in said
    assert said.count("| Question: ") == 4  # three examples before it
    assert "\n  output\n" in said
