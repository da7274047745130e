"""arte.plan.report: the tables, their warnings, and what a run measured."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from configs import ROOT
from dry_jobs import ASSUMED, nothing_known, preset_jobs, preset_plan, stage
from plan.test_measured import finish

from arte.plan.claims import times
from arte.plan.commands import Plan, plan
from arte.plan.cost import Site, device_seconds
from arte.plan.forecast import forecast
from arte.plan.report import compare, duration, show, warnings

PREDICTED = [["nano_student"], ["vanilla", "random"], ["hyperbaton"]]
CLAIMS = {
    "length": {"files": ["results/smoke/figures/figure2_correlations.csv"], "evaluations": []},
    "drafts": {"files": [], "evaluations": [PREDICTED]},
    "nothing": {"files": ["results/smoke/tables/other.csv"], "evaluations": []},
}
CPU, A100 = Site("cpu", ASSUMED), Site("a100-80", ASSUMED)


@pytest.fixture
def resources(run_folder, tmp_path):
    """The pins that a plan reads, where its jobs name them."""
    (tmp_path / "resources").symlink_to(ROOT / "resources")


@pytest.fixture(autouse=True)
def run_folder(tmp_path, monkeypatch):
    """Jobs name their files relative to the folder of the run."""
    monkeypatch.chdir(tmp_path)


def cells(document, block: int, first: str) -> list[list[str]]:
    """The rows of one block whose first cell is `first`."""
    return [row for row in document.blocks[block].rows if row[0] == first]


def shown(name: str, site: Site, left: list | None = None):
    """The plan of a preset as a document."""
    known, jobs = nothing_known(), preset_jobs(name)
    return show(plan(jobs, known), jobs, jobs if left is None else left, site, known, CLAIMS)


def test_a_measured_rate_replaces_the_assumed_one_for_all_jobs_of_a_rule():
    """One job of four took twice the time assumed for what it did: all will."""
    one, *_ = jobs = stage("smoke", "score_rationales")["nano_student"]
    assumed = [device_seconds(each.work, CPU) for each in jobs]
    work = one.work
    read = {"prompt_tokens": round(work.prompt), "output_tokens": round(work.written)}
    cached = {"cached_tokens": round(work.prompt - work.read)}
    finish(one, 2 * assumed[0], generated=work.requests, **read, **cached)
    (row,) = cells(shown("smoke", CPU), 0, "score_rationales")
    assert row[7] == duration(2 * sum(assumed))
    assert row[9] == "measured"


def test_what_is_left_is_counted_apart():
    jobs = preset_jobs("smoke")
    document = shown("smoke", CPU, left=[job for job in jobs if job.stage == "align_teacher"])
    lines = {row[0]: row for row in document.blocks[0].rows}
    assert lines["finetune_student"][8] == ""
    assert lines["align_teacher"][8] == lines["align_teacher"][7]
    assert lines["total"][8] == "8 s"


def test_a_claim_takes_the_jobs_behind_its_files_and_no_others():
    jobs = preset_jobs("smoke")
    left = [job for job in jobs if job.stage == "score_rationales"]
    rows = forecast(preset_plan("smoke"), jobs, left, CPU)
    found = times(CLAIMS, rows, jobs)
    scored = {"collect_responses", "draft_questions", "draft_rationales", "score_rationales"}

    def of(*stages: str, only: set[str] | None = None) -> float:
        """Seconds of all jobs of these stages in the first round, or of arms."""
        return sum(
            seconds
            for row in rows
            for one, seconds in zip(row.stage.jobs, row.seconds, strict=True)
            if one.job.stage in stages and "round2" not in one.job.outputs[0]
            if only is None or any(part in one.job.outputs[0] for part in only)
        )

    behind = of("train_nano_student", "train_nano_teacher", "check_gates", *scored)
    assert found["length"] == pytest.approx((behind, of("score_rationales")))
    arms = of("finetune_student", only={"nano_student/random/"})
    arms += of("evaluate_student", only={"nano_student/random/", "nano_student/vanilla/"})
    drafted = behind - of("collect_responses", "score_rationales")
    assert arms + drafted <= found["drafts"][0] <= arms + behind + 1e-9
    assert found["nothing"] == (0, 0)
    last = shown("smoke", CPU).blocks[-1]
    assert last.caption == "One claim alone"
    assert last.rows[0] == ["claim_length", *2 * [duration(found["length"][0])]]
    assert [row[0] for row in last.rows] == ["claim_length", "claim_drafts", "claim_nothing"]


@pytest.mark.usefixtures("resources")
def test_jobs_of_eight_gpus_are_counted_apart_from_jobs_of_one():
    document = shown("paper", A100)
    one, eight = document.blocks[1].rows
    assert (one[0], eight[0]) == ("1", "8")
    assert int(one[1]) + int(eight[1]) == len(preset_plan("paper").planned)
    assert one[2] == one[3]
    assert float(eight[2].split()[0]) == pytest.approx(8 * float(eight[3].split()[0]), rel=0.01)
    assert [row[0] for row in document.blocks[2].rows][:2] == ["8", "16"]


@pytest.mark.usefixtures("resources")
def test_what_cannot_fit_is_said_once_for_all_jobs_of_a_kind():
    (warning,) = warnings(preset_plan("paper"), A100)
    assert "finetune_student (gemma_7b) needs 153 GB" in warning
    assert warning in shown("paper", A100).notes


def test_a_teacher_in_one_process_does_not_fit_on_one_gpu():
    """141 GB of frozen weights lie on one GPU; spread over eight, they fit."""
    (one,) = stage("paper", "align_teacher")["llama3_70b_instruct"]
    alone = replace(one, work=replace(one.work, processes=1))
    (warning,) = warnings(Plan([alone], []), A100)
    assert "in one process" in warning
    assert warnings(Plan([one], []), A100) == []


def test_an_engine_that_makes_do_with_less_cache_is_no_warning():
    """Gemma-7B: 17 GB of weights, 1.9 GB for one sequence of 4096 tokens, 3 GB of overhead."""
    (one,) = stage("paper", "collect_responses")["gemma_7b"]
    small = Site("a10-24", ASSUMED)
    assert warnings(Plan([one], []), small) == []
    longer = replace(one.work, engine=one.work.engine | {"max_model_len": 16384})
    assert len(warnings(Plan([replace(one, work=longer)], []), small)) == 1


def test_what_is_not_planned_is_said():
    job = preset_jobs("smoke")[0]
    (warning,) = warnings(Plan([], [(job, "unknown: x"), (job, "unknown: x")]), CPU)
    assert warning == f"WARNING: not planned: {job.stage} (2 jobs): unknown: x"


def test_the_comparison_has_what_was_measured_and_by_how_much_the_plan_was_off():
    jobs = stage("smoke", "evaluate_student_ood")["nano_student"]
    counts = {"prompt_tokens": 10_000, "cached_tokens": 8000, "output_tokens": 1100}
    for one in jobs:
        finish(one, 1.1 * device_seconds(one.work, CPU), generated=100, **counts)
    rows = forecast(preset_plan("smoke"), preset_jobs("smoke"), [], CPU)
    (block,) = compare(rows, CPU).blocks
    rule, total = block.rows
    assert rule[:3] == ["evaluate_student_ood", "168", "700"]
    assert (rule[4], rule[6]) == ("70,000", "7,700")
    assert rule[-1] == total[-1] == "+10 %"


def test_a_run_that_measured_nothing_compares_nothing():
    (block,) = compare(forecast(preset_plan("smoke"), preset_jobs("smoke"), [], CPU), CPU).blocks
    assert block.rows == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5, "5 s"), (90, "1.5 min"), (5400, "1.5 h"), (5_000_000, "1,389 h")],
)
def test_durations_have_the_largest_unit_that_fits(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (["models={gemma_2b: {id: a/b}}"], "none of a/b"),
    ],
)
def test_what_a_plan_lacks_is_said_on_the_terminal_and_in_the_log(tmp_path, changes, said):
    command = [sys.executable, "-m", "snakemake", "plan", "--cores", "1", "--quiet", "all"]
    command += ["--directory", str(tmp_path), "--snakefile", str(ROOT / "workflow/Snakefile")]
    command += ["--configfile", str(ROOT / "config/presets/paper.yaml"), "--config", *changes]
    for name in ("config", "resources", "workflow"):
        (tmp_path / name).symlink_to(ROOT / name)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(command, env=environment, text=True, capture_output=True)
    assert done.returncode == 1
    assert said in done.stderr
    assert said in (tmp_path / "results/paper/logs/plan.log").read_text()
