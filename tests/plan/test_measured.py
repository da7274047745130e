"""arte.plan.measured: what the finished jobs of a run say, in the files that the rules name."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from dry_jobs import ASSUMED, preset_plan, stage

from arte.plan.commands import Planned
from arte.plan.cost import Site, device_seconds
from arte.plan.measured import LAG_S, benchmark_seconds, correction, measured

CPU = Site("cpu", ASSUMED)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def benchmark(path: Path, seconds: float, cpu: float | str) -> None:
    """A benchmark file as Snakemake writes it."""
    head = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time"
    write(path, f"{head}\n{seconds}\t0:00:01\t1\t1\t1\t1\t1\t1\t1\t{cpu}\n")


def finish(one: Planned, seconds: float, **counts: int) -> None:
    """Leave what a planned job leaves behind, in the folder of the run."""
    benchmark(Path(one.job.benchmark), seconds, "NA")
    if "output-stats" in one.job.options:
        none = dict.fromkeys(("generated", "prompt_tokens", "cached_tokens", "output_tokens"), 0)
        write(Path(one.job.file("output-stats")), json.dumps(none | counts))


@pytest.fixture(autouse=True)
def run_folder(tmp_path, monkeypatch):
    """Jobs name their files relative to the folder of the run."""
    monkeypatch.chdir(tmp_path)


def test_core_time_is_cpu_time_but_for_what_the_last_sample_missed(tmp_path):
    benchmark(tmp_path / "waited.tsv", 100.0, 60.0)
    benchmark(tmp_path / "short.tsv", 10.0, 0.0)
    benchmark(tmp_path / "busy.tsv", 38.0, 15.0)
    benchmark(tmp_path / "unknown.tsv", 100.0, "NA")
    assert benchmark_seconds(tmp_path / "waited.tsv", 0) == 60 + LAG_S
    assert benchmark_seconds(tmp_path / "short.tsv", 0) == 10
    assert benchmark_seconds(tmp_path / "busy.tsv", 0) == 38
    assert benchmark_seconds(tmp_path / "unknown.tsv", 0) == 100
    assert benchmark_seconds(tmp_path / "waited.tsv", 0, processes=2) == 60 + 2 * LAG_S
    assert benchmark_seconds(tmp_path / "short.tsv", 0, processes=2) == 20
    assert benchmark_seconds(tmp_path / "waited.tsv", 8) == 800  # GPUs are paid for by the clock


def test_every_planned_job_of_a_run_is_measured_by_its_own_files():
    """Each took as many seconds, and generated as many requests, as its number says."""
    planned = preset_plan("smoke").planned
    assert {one.job.stage for one in planned} > {"evaluate_student", "evaluate_student_ood"}
    for number, one in enumerate(planned, start=1):
        assert measured(one) is None
        finish(one, number, generated=number)
    for number, one in enumerate(planned, start=1):
        did = measured(one)
        assert did.seconds == number * one.work.processes
        if "output-stats" in one.job.options:
            assert did.work.requests == number
        else:
            assert did.work == one.work


def test_every_job_that_asks_a_model_counts_its_tokens_but_the_gates():
    generating = [one.job for one in preset_plan("smoke").planned if not one.work.training]
    without = {job.stage for job in generating if "output-stats" not in job.options}
    assert without == {"check_gates"}


def test_a_job_is_measured_by_what_it_generated():
    (one, *_) = stage("smoke", "score_rationales")["nano_student"]
    finish(one, 20.0, generated=10, prompt_tokens=1000, cached_tokens=700, output_tokens=90)
    did = measured(one)
    assert (did.work.requests, did.work.prompt, did.work.read) == (10, 1000, 300)
    assert (did.work.written, did.seconds) == (90, 20)


def test_a_job_that_only_read_its_journal_measured_nothing():
    (one, *_) = stage("smoke", "score_rationales")["nano_student"]
    finish(one, 20.0, generated=0)
    assert measured(one) is None


def test_a_job_that_other_code_counted_measured_nothing():
    (one, *_) = stage("smoke", "score_rationales")["nano_student"]
    finish(one, 20.0, generated=10)
    path = Path(one.job.file("output-stats"))
    counts = json.loads(path.read_text())
    for key in counts:
        write(path, json.dumps({name: counts[name] for name in counts if name != key}))
        assert measured(one) is None


def test_the_correction_is_measured_over_assumed_time_for_the_same_work():
    """One of two jobs generated half of its requests, in twice the time assumed for them."""
    one, other, *_ = stage("smoke", "score_rationales")["nano_student"]
    counts = {"prompt_tokens": 5000, "cached_tokens": 4000, "output_tokens": 500}
    half = replace(one.work, requests=50, prompt=5e3, read=1e3, written=500)
    finish(one, 2 * device_seconds(half, CPU), generated=50, **counts)
    done = [did for each in (one, other) if (did := measured(each))]
    assert correction(done, CPU) == pytest.approx(2, rel=1e-3)
    assert correction([], CPU) == 1
