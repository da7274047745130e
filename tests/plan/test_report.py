"""arte.plan.report: the table, its warnings, and what a run measured."""

import json
import subprocess
import sys

import pytest
import yaml
from configs import DEFAULT, ROOT, merged, preset
from plan.test_measured import score

from arte.plan.cost import device_seconds
from arte.plan.report import compare, duration, show, warnings
from arte.plan.work import Work
from arte.report.render import markdown

ASSUMED = yaml.safe_load((ROOT / "config/throughput.yaml").read_text())
PAPER = merged(DEFAULT, yaml.safe_load((ROOT / "config/presets/paper.yaml").read_text()))
SCORES = Work(
    "score_rationales", "nano_student", 2, requests=100, prompt=1e4, read=2e3, written=1e3
)
ALIGN = Work("align_teacher", "llama3_70b_instruct", 1, "train", 8100, 5e6, steps=507)


def test_a_measured_rate_replaces_the_assumed_one(tmp_path):
    """Half of the requests took twice the time assumed for them: the whole will, too."""
    tokens = {"prompt_tokens": 5000, "cached_tokens": 4000, "output_tokens": 500}
    half = Work(
        "score_rationales", "nano_student", 1, requests=50, prompt=5e3, read=1e3, written=500
    )
    score(tmp_path, 0, 2 * device_seconds(half, DEFAULT, ASSUMED), generated=50, **tokens)
    expected = duration(2 * device_seconds(SCORES, DEFAULT, ASSUMED))
    row = show([SCORES], DEFAULT, ASSUMED, tmp_path).blocks[0].rows[0]
    assert row[7:9] == [expected, "measured"]


def test_what_cannot_fit_is_told(tmp_path):
    """In one process, 141 GB of frozen weights lie on one GPU; spread over eight, they fit."""
    alone = merged(PAPER, {"align": {"launch": {"num_processes": 1}}})
    (warning,) = warnings([ALIGN], alone, ASSUMED)
    assert "align_teacher (llama3_70b_instruct) needs" in warning
    assert "80 GB" in warning
    assert warning in markdown(show([ALIGN], alone, ASSUMED, tmp_path))
    assert warnings([ALIGN], PAPER, ASSUMED) == []


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
    score(tmp_path, 0, seconds, generated=100, **tokens)
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
    config = preset("smoke")
    arguments = ["--cfg", json.dumps(config), "--assumed", "config/throughput.yaml"]
    arguments += ["--prompts", "resources/prompts", "--results", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "arte.plan.report", command, *arguments],
        cwd=ROOT,
        env={"PYTHONPATH": "workflow/scripts"},
        text=True,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    assert "of run smoke" in done.stdout
    assert ("| align_teacher" in done.stdout) == (command == "show")
