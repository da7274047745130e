"""arte.plan.measured: what the finished jobs of a run say, by stage and model."""

import json
from pathlib import Path

import pytest
import yaml
from configs import DEFAULT, ROOT, merged

from arte.plan.cost import device_seconds
from arte.plan.measured import LAG_S, benchmark_seconds, correction, measured
from arte.plan.work import Work

ASSUMED = yaml.safe_load((ROOT / "config/throughput.yaml").read_text())
MORE = merged(DEFAULT, {"models": {"nano_neox": {"source": "nano"}}})
SCORES = Work(
    "score_rationales", "nano_student", 2, requests=100, prompt=1e4, read=2e3, written=1e3
)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def benchmark(path: Path, seconds: float, cpu: float | str) -> None:
    """A benchmark file as Snakemake writes it."""
    head = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time"
    write(path, f"{head}\n{seconds}\t0:00:01\t1\t1\t1\t1\t1\t1\t1\t{cpu}\n")


def job(results: Path, stats: str, name: str, seconds: float, **counts: int) -> None:
    """One finished job that generated: its statistics and its benchmark file, without suffixes."""
    none = dict.fromkeys(("generated", "prompt_tokens", "cached_tokens", "output_tokens"), 0)
    write(results / f"{stats}.json", json.dumps(none | counts))
    benchmark(results / f"benchmarks/{name}.tsv", seconds, "NA")


def score(results: Path, number: int, seconds: float, **counts: int) -> None:
    """One finished job of score_rationales."""
    job(results, f"prefer/scores/stats-{number}", f"score_rationales/{number}", seconds, **counts)


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


def test_measurements_are_summed_over_the_jobs_of_a_stage(tmp_path):
    tokens = {"prompt_tokens": 1000, "cached_tokens": 700, "output_tokens": 90}
    score(tmp_path, 0, 20.0, generated=10, **tokens)
    score(tmp_path, 1, 22.0, generated=10, **tokens)
    done = measured([SCORES], tmp_path, DEFAULT)["score_rationales", "nano_student"]
    assert (done.work.jobs, done.work.requests) == (2, 20)
    assert (done.work.prompt, done.work.read, done.work.written) == (2000, 600, 180)
    assert done.seconds == 42


def test_a_job_that_only_read_its_journal_measured_nothing(tmp_path):
    score(tmp_path, 0, 20.0, generated=0)
    assert measured([SCORES], tmp_path, DEFAULT) == {}


JOBS = {
    ("collect_responses", "nano_panel_1"): (
        "prefer/responses/nano_panel_1/stats-0",
        "collect_responses/nano_panel_1-0",
    ),
    ("draft_questions", "nano_teacher"): ("elicit/questions/stats-0", "draft_questions/0"),
    ("draft_questions", "aligned_teacher"): (
        "round2/elicit/questions/stats-0",
        "round2/draft_questions/0",
    ),
    ("score_rationales", "nano_student"): (
        "round2/prefer/scores/stats-0",
        "round2/score_rationales/0",
    ),
    ("collect_consistency_outputs", "nano_student"): (
        "prefer/consistency_outputs/stats-1",
        "collect_consistency_outputs/1",
    ),
    ("tailor_questions", "aligned_teacher"): ("tailor/questions/stats-0", "tailor_questions/0"),
    ("tailor_rationales", "nano_teacher"): (
        "tailor/rationales/aligned-original/stats-0",
        "tailor_rationales/aligned-original-0",
    ),
    ("tailor_rationales", "aligned_teacher"): (
        "round2/tailor/rationales/original-original/stats-0",
        "round2/tailor_rationales/original-original-0",
    ),
    ("transfer_questions", "nano_teacher"): (
        "transfer/questions/original/stats",
        "transfer_questions/original",
    ),
    ("transfer_rationales", "aligned_teacher"): (
        "transfer/rationales/aligned/stats",
        "transfer_rationales/aligned",
    ),
    ("evaluate_student", "nano_neox"): (
        "evaluate/nano_neox/arte/2/stats-0",
        "evaluate_student_0/nano_neox-arte-2",
    ),
    ("evaluate_student_ood", "nano_student"): (
        "evaluate/nano_student/vanilla/0/stats-ood",
        "evaluate_student_ood/nano_student-vanilla-0",
    ),
    ("evaluate_student_transfer", "nano_student"): (
        "evaluate/nano_student/transfer_aligned-arc_easy/0/stats-transfer_arc_easy",
        "evaluate_student_transfer_arc_easy/nano_student-transfer_aligned-arc_easy-0",
    ),
}
"""Stage and model, with the statistics and the benchmark file that a job of theirs leaves."""


def test_every_job_is_told_by_the_files_that_it_leaves(tmp_path):
    for number, (stats, name) in enumerate(JOBS.values(), start=1):
        job(tmp_path, stats, name, 9.0, generated=number)
    found = measured([], tmp_path, MORE)
    assert {key: done.work.requests for key, done in found.items()} == {
        key: number for number, key in enumerate(JOBS, start=1)
    }


def test_a_stage_without_statistics_is_told_by_its_benchmark_files(tmp_path):
    """Each file took its number of seconds; a training of two processes counts them twice."""
    files = {
        "train_nano_student": ("nano_student", "train_nano_student"),
        "train_nano_unseen": ("nano_neox", "train_nano_unseen/nano_neox"),
        "check_gates": ("nano_teacher", "check_gates/teacher"),
        "align_teacher": ("nano_teacher", "align_teacher"),
        "finetune_student": ("nano_neox", "finetune_student/nano_neox-arte-0"),
    }
    others = ("check_gates/student", "finetune_student/nano_student-arte-0")
    for seconds, name in enumerate([path for _, path in files.values()] + list(others), start=1):
        benchmark(tmp_path / f"benchmarks/{name}.tsv", seconds, "NA")
    benchmark(tmp_path / "benchmarks/round2/align_teacher.tsv", 10, "NA")
    rows = [Work(stage, model, 2, "train", prompt=1e3) for stage, (model, _) in files.items()]
    rows[0].processes = 2
    found = {stage: done.seconds for (stage, _), done in measured(rows, tmp_path, MORE).items()}
    assert found == dict(zip(files, (1 * 2, 2, 3, 4 + 10, 5), strict=True))


def test_a_training_is_measured_by_its_finished_jobs(tmp_path):
    work = Work("finetune_student", "nano_student", 6, "train", 600, 6e5, steps=60)
    for arm in ("nano_student-arte-0", "nano_student-random-0"):
        benchmark(tmp_path / f"benchmarks/finetune_student/{arm}.tsv", 90.0, 35.0)
    done = measured([work], tmp_path, DEFAULT)["finetune_student", "nano_student"]
    assert (done.work.jobs, done.work.requests, done.work.prompt) == (2, 200, 2e5)
    assert done.seconds == 2 * (35 + LAG_S)


def test_the_correction_is_measured_over_assumed_time_for_the_same_work(tmp_path):
    """Half of the requests took twice the time assumed for them."""
    tokens = {"prompt_tokens": 5000, "cached_tokens": 4000, "output_tokens": 500}
    half = Work(
        "score_rationales", "nano_student", 1, requests=50, prompt=5e3, read=1e3, written=500
    )
    twice = 2 * device_seconds(half, DEFAULT, ASSUMED)
    score(tmp_path, 0, twice, generated=50, **tokens)
    done = measured([SCORES], tmp_path, DEFAULT)["score_rationales", "nano_student"]
    assert correction(done, DEFAULT, ASSUMED) == pytest.approx(2)
