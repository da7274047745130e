"""arte.plan_report: the table, its warnings, and what a run measured."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from test_config import DEFAULT, ROOT, merged

from arte.plan import Work
from arte.plan_cost import device_seconds
from arte.plan_report import (
    benchmark_seconds,
    compare,
    correction,
    duration,
    measured,
    show,
    warnings,
)
from arte.render import markdown

ASSUMED = yaml.safe_load((ROOT / "config/throughput.yaml").read_text())
PAPER = merged(DEFAULT, yaml.safe_load((ROOT / "config/presets/paper.yaml").read_text()))
SCORES = Work(
    "score_rationales", "nano_student", 2, requests=100, prompt=1e4, read=2e3, written=1e3
)
ALIGN = Work("align_teacher", "llama3_70b_instruct", 1, "train", 8100, 5e6, steps=507)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def benchmark(path: Path, seconds: float, cpu: float | str) -> None:
    """A benchmark file as Snakemake writes it."""
    head = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time"
    write(path, f"{head}\n{seconds}\t0:00:01\t1\t1\t1\t1\t1\t1\t1\t{cpu}\n")


def job(results: Path, folder: str, name: str, seconds: float, **stats: int) -> None:
    """One finished job that generated: its statistics and its benchmark file."""
    counts = dict.fromkeys(("generated", "prompt_tokens", "cached_tokens", "output_tokens"), 0)
    number = name.rpartition("-")[2]
    write(results / folder / f"stats-{number}.json", json.dumps(counts | stats))
    stage = {"prefer/scores": "score_rationales"}.get(folder, "tailor_rationales")
    benchmark(results / "benchmarks" / stage / f"{name}.tsv", seconds, "NA")


def test_core_time_of_a_long_job_is_its_cpu_time_and_of_a_short_one_the_clocks(tmp_path):
    benchmark(tmp_path / "long.tsv", 100.0, 60.0)
    benchmark(tmp_path / "short.tsv", 10.0, 0.0)
    benchmark(tmp_path / "unknown.tsv", 100.0, "NA")
    assert benchmark_seconds(tmp_path / "long.tsv", 0) == 60
    assert benchmark_seconds(tmp_path / "short.tsv", 0) == 10
    assert benchmark_seconds(tmp_path / "unknown.tsv", 0) == 100
    assert benchmark_seconds(tmp_path / "long.tsv", 8) == 800  # GPUs are paid for by the clock


def test_measurements_are_summed_over_the_jobs_of_a_stage(tmp_path):
    tokens = {"prompt_tokens": 1000, "cached_tokens": 700, "output_tokens": 90}
    job(tmp_path, "prefer/scores", "0", 20.0, generated=10, **tokens)
    job(tmp_path, "prefer/scores", "1", 22.0, generated=10, **tokens)
    done = measured([SCORES], tmp_path, DEFAULT)["score_rationales", "nano_student"]
    assert (done.work.jobs, done.work.requests) == (2, 20)
    assert (done.work.prompt, done.work.read, done.work.written) == (2000, 600, 180)
    assert done.seconds == 42


def test_a_job_that_only_read_its_journal_measured_nothing(tmp_path):
    job(tmp_path, "prefer/scores", "0", 20.0, generated=0)
    assert measured([SCORES], tmp_path, DEFAULT) == {}


def test_the_model_of_a_naive_answer_is_read_from_its_folder(tmp_path):
    for pair, model in (
        ("aligned-original", "nano_teacher"),
        ("original-aligned", "aligned_teacher"),
    ):
        job(tmp_path, f"tailor/rationales/{pair}", f"{pair}-0", 9.0, generated=3)
        assert measured([], tmp_path, DEFAULT)["tailor_rationales", model].work.requests == 3


def test_a_training_is_measured_by_its_finished_jobs(tmp_path):
    work = Work("finetune_student", "nano_student", 6, "train", 600, 6e5, steps=60)
    for arm in ("arte-0", "random-0"):
        benchmark(tmp_path / f"benchmarks/finetune_student/{arm}.tsv", 40.0, 35.0)
    done = measured([work], tmp_path, DEFAULT)["finetune_student", "nano_student"]
    assert (done.work.jobs, done.work.requests, done.work.prompt) == (2, 200, 2e5)
    assert done.seconds == 70


def test_a_measured_rate_replaces_the_assumed_one(tmp_path):
    """Half of the requests took twice the time assumed for them: the whole will, too."""
    tokens = {"prompt_tokens": 5000, "cached_tokens": 4000, "output_tokens": 500}
    half = Work(
        "score_rationales", "nano_student", 1, requests=50, prompt=5e3, read=1e3, written=500
    )
    twice = 2 * device_seconds(half, DEFAULT, ASSUMED)
    job(tmp_path, "prefer/scores", "0", twice, generated=50, **tokens)
    done = measured([SCORES], tmp_path, DEFAULT)["score_rationales", "nano_student"]
    assert correction(done, DEFAULT, ASSUMED) == pytest.approx(2)
    expected = duration(2 * device_seconds(SCORES, DEFAULT, ASSUMED))
    row = show([SCORES], DEFAULT, ASSUMED, tmp_path).blocks[0].rows[0]
    assert row[7:9] == [expected, "measured"]


def test_what_cannot_fit_is_told(tmp_path):
    (warning,) = warnings([ALIGN], PAPER, ASSUMED)
    assert "align_teacher (llama3_70b_instruct) needs 301 GB" in warning
    assert "80 GB" in warning
    assert warning in markdown(show([ALIGN], PAPER, ASSUMED, tmp_path))


def test_an_engine_that_makes_do_with_less_cache_is_no_warning():
    """Gemma-7B: 17 GB of weights, 1.9 GB for one sequence of 4096 tokens, 3 GB of overhead."""
    work = Work("x", "gemma_7b", 1, requests=9999, prompt=9e6, written=1e6)
    assert warnings([work], PAPER, ASSUMED) == []
    assert warnings([work], merged(PAPER, {"plan": {"device": "a10-24"}}), ASSUMED) == []
    longer = {"plan": {"device": "a10-24"}, "engine": {"max_model_len": 16384}}
    assert len(warnings([work], merged(PAPER, longer), ASSUMED)) == 1


def test_no_gpu_no_warning():
    assert warnings([SCORES], DEFAULT, ASSUMED) == []


def test_the_comparison_has_what_was_measured_and_by_how_much_the_plan_was_off(tmp_path):
    tokens = {"prompt_tokens": 10_000, "cached_tokens": 8000, "output_tokens": 1100}
    seconds = 1.1 * device_seconds(SCORES, DEFAULT, ASSUMED)
    job(tmp_path, "prefer/scores", "0", seconds, generated=100, **tokens)
    (block,) = compare([SCORES, ALIGN], DEFAULT, ASSUMED, tmp_path).blocks
    stage, total = block.rows
    assert stage[:7] == ["score_rationales", "100", "100", "10,000", "10,000", "1,000", "1,100"]
    assert stage[-1] == total[-1] == "+10 %"


def test_a_run_that_measured_nothing_compares_nothing(tmp_path):
    (block,) = compare([SCORES], DEFAULT, ASSUMED, tmp_path).blocks
    assert block.rows == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5, "5 s"), (90, "1.5 min"), (5400, "1.5 h"), (5_000_000, "1,389 h")],
)
def test_durations_have_the_largest_unit_that_fits(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize("command", ["show", "compare"])
def test_the_command_prints_a_table(tmp_path, command):
    config = merged(DEFAULT, yaml.safe_load((ROOT / "config/presets/smoke.yaml").read_text()))
    arguments = ["--cfg", json.dumps(config), "--assumed", "config/throughput.yaml"]
    arguments += ["--prompts", "resources/prompts", "--results", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "arte.plan_report", command, *arguments],
        cwd=ROOT,
        env={"PYTHONPATH": "workflow/scripts"},
        text=True,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    assert "of run smoke" in done.stdout
    assert ("| align_teacher" in done.stdout) == (command == "show")
