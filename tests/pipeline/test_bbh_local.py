"""The whole workflow on the 27 public BIG-Bench Hard files: real text, real quirks, tiny models."""

import json
import time
from pathlib import Path

import polars as pl
import pytest
from checkout import ROOT, copy_checkout, snakemake, tables
from declared import SUBTASKS

pytestmark = pytest.mark.pipeline
BBH = ROOT.parent / "shared/data/bbh"
DATA = f"data={{folder: {BBH}}}"
CANARY = "26b5c67b"


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    """The results of a finished run of the preset bbh-local."""
    if not BBH.is_dir():
        pytest.skip("the public BBH files are not in ../shared/data/bbh")
    tree = copy_checkout(tmp_path_factory.mktemp("bbh") / "arte")
    snakemake(tree, "--cores", "2", "--config", DATA, preset="bbh-local")
    return tree / "results/bbh-local"


def test_every_subtask_reaches_every_stage(results):
    for stage in (
        "elicit/questions",
        "elicit/rationales",
        "prefer/scores",
        "evaluate/nano_student/arte/0",
    ):
        assert set(tables(results / stage)["subtask"]) == set(SUBTASKS)


def test_every_request_is_answered_for_or_counted(results):
    rationales = tables(results / "elicit/rationales")
    items = tables(results / "prefer/set").group_by("subtask").len("items")
    expected = rationales.join(items, on="subtask")["items"].sum()
    assert tables(results / "prefer/outputs").height == expected
    predictions = tables(results / "evaluate/nano_student/vanilla/0")
    assert predictions.height == 2 * 4 * len(SUBTASKS)
    assert set(predictions["finish_reason"]) <= {"stop", "eos", "length"}


def test_shortfalls_and_drops_of_questions_are_reported(results):
    stats = [json.loads(p.read_text()) for p in (results / "elicit/questions").glob("stats*.json")]
    counts = {subtask: n for stat in stats for subtask, n in stat["counts"].items()}
    assert set(counts) == set(SUBTASKS)
    kept = tables(results / "elicit/questions")
    for subtask, count in counts.items():
        assert kept.filter(subtask=subtask).height + count["shortfall"] == 2


def test_no_canary_is_generated_or_trained_on(results):
    for stage in ("data/*/exemplars.parquet", "tailor/arms/*.parquet", "prefer/pairs.parquet"):
        for path in results.glob(stage):
            assert CANARY not in "\n".join(map(str, pl.read_parquet(path).rows()))


def test_the_data_report_covers_all_items(results):
    report = json.loads((results / "data/report.json").read_text())
    assert set(report["items"]["subtasks"]) == set(SUBTASKS)
    assert report["items"]["total"]["n"] == 4 * len(SUBTASKS)


def test_nothing_is_stale_after_a_run_on_all_files(results):
    start = time.monotonic()
    output = snakemake(results.parents[1], "--dry-run", "--config", DATA, preset="bbh-local")
    print(f"dry run on 27 finished files: {time.monotonic() - start:.1f} s")
    assert "Nothing to be done" in output
