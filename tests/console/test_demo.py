"""What `make demo` shows: stages at work, one example, one screen at the end."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from dry_jobs import PLUGINS, preset_jobs
from reference_run import write

from arte.console import stages
from arte.console import summary as console_summary
from arte.console.demo import costs
from arte.console.example import example
from arte.console.stages import Cost, Progress
from arte.console.summary import beside_reference, summary
from arte.report import reference

SCRIPTS = PLUGINS.parent / "scripts"
SNAKEFILE = """
rule all:
    input: "b.txt"
rule draft_questions_0:
    output: "a.txt"
    shell: "sleep 2; touch {output}"
rule train:
    input: "a.txt"
    output: "b.txt"
    log: "train.log"
    shell:
        "echo step 1 of 4 >{log}; sleep 2; "
        "[ ! -e fail ] || (echo no such luck >>{log}; false); touch {output}"
import logging
from arte.core.failures import Failures
FAILURES = Failures()
logging.getLogger("snakemake.logging").addHandler(FAILURES)
onerror:
    FAILURES.show()
"""


@pytest.fixture
def run(tmp_path):
    """A workflow of two stages, and how to run it with the plugin."""
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    known = {"a.txt": Cost("draft_questions", 1.0, 10), "b.txt": Cost("train", 3.0, 0, 4)}
    stages.write_costs(known, tmp_path / "costs.json")
    command = [sys.executable, "-m", "snakemake", "--cores", "1"]
    command += ["--logger", "stages", "--logger-stages-costs", "costs.json"]
    path = f"{PLUGINS}{os.pathsep}{SCRIPTS}"
    return [*command, "--logger-stages-run", "run"], os.environ | {"PYTHONPATH": path}


def test_without_a_terminal_each_stage_is_a_plain_line(run, tmp_path):
    command, environment = run
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, text=True, capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    said = done.stderr.splitlines()
    assert said.index("  Draft questions: done") < said.index("  Train: done")
    assert "\x1b" not in done.stderr


def test_a_terminal_shows_the_stage_at_work_and_the_time_left(run, tmp_path):
    command, environment = run
    ours, theirs = pty.openpty()
    environment |= {"TERM": "xterm", "COLUMNS": "80"}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=theirs, stderr=theirs)
    os.close(theirs)
    said = b""
    try:
        while some := os.read(ours, 4096):
            said += some
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert process.wait() == 0
    text = said.decode()
    assert "1 of 4 steps" in text
    assert " left" in text
    assert "Train" in text


def test_what_a_failed_job_says_comes_after_the_stages(run, tmp_path):
    command, environment = run
    (tmp_path / "fail").touch()
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, text=True, capture_output=True, timeout=120
    )
    assert done.returncode == 1
    assert "Train: done" not in done.stderr
    assert done.stderr.rstrip().endswith("ends:\nstep 1 of 4\nno such luck")


def test_how_far_a_run_is_follows_jobs_logs_and_journals(tmp_path):
    journal, log = tmp_path / "journal", tmp_path / "train.log"
    (journal / "model").mkdir(parents=True)
    (journal / "model/a.jsonl").write_text("{}\n" * 3)  # of a run before
    known = {"a": Cost("ask", 10.0, 4), "b": Cost("learn", 30.0, 0, 8), "c": Cost("table")}
    progress = Progress(known, journal)
    assert (progress.total(), progress.counts("requests")) == (0, (0, 4))
    progress.start(1, "ask_0", ["a"], [])
    (journal / "model/a.jsonl").write_text("{}\n" * 5)
    assert progress.total() == pytest.approx(5 / 40)
    assert progress.counts("requests") == (2, 4)
    assert progress.finish(1) == "ask"
    progress.start(2, "learn", ["b"], [str(log)])
    assert progress.at_work() == {"learn": 0}
    log.write_text("2026-01-01 step 1 of 8: loss 3\n2026-01-01 step 2 of 8: loss 2\n")
    assert progress.at_work() == {"learn": 0.25}
    assert progress.total() == pytest.approx((10 + 30 / 4) / 40)
    assert progress.line().startswith("44 %, 4 of 4 answers, 2 of 8 steps, ")


def test_the_work_of_a_run_is_that_of_its_plan():
    jobs = preset_jobs("smoke")
    known = costs(jobs, jobs)
    assert len(known) == len(jobs)
    trainings = [cost for cost in known.values() if cost.stage == "finetune_student"]
    assert all(cost.steps and not cost.requests for cost in trainings)
    asked = [cost for cost in known.values() if cost.stage == "score_rationales"]
    assert all(cost.requests and not cost.steps for cost in asked)
    assert costs(jobs, jobs[:3]).keys() == {job.outputs[0] for job in jobs[:3]}


def write_scores(run: Path, scores: list[float]) -> None:
    keys = {"subtask": "hyperbaton", "question_id": "000"}
    rows = [
        keys | {"rationale_id": i, "technique": f"way{i}", "score": score}
        for i, score in enumerate(scores)
    ]
    for name in ("prefer/scores", "elicit/rationales"):
        (run / name).mkdir(parents=True, exist_ok=True)
    frame = pl.DataFrame(rows)
    frame.write_parquet(run / "prefer/scores/hyperbaton.parquet")
    texts = frame.drop("score").with_columns(
        question=pl.lit("Which order? " * 30), rationale=pl.lit("Size comes first. " * 30)
    )
    texts.write_parquet(run / "elicit/rationales/hyperbaton.parquet")


def test_the_example_has_the_scores_in_order_and_names_the_pair(tmp_path):
    assert example(tmp_path) == ""
    write_scores(tmp_path, [0.25, 0.75, 0.5])
    lines = example(tmp_path).splitlines()
    assert max(map(len, lines)) <= 80
    found = [line.split()[:2] for line in lines if " way" in line and "Size" in line]
    assert found == [["0.75", "way1"], ["0.50", "way2"], ["0.25", "way0"]]
    assert "prefer way1 to way0" in lines[-1]
    write_scores(tmp_path, [0.5, 0.5])
    assert example(tmp_path) == ""


def test_the_last_screen_fits_80_columns_and_counts_the_verdicts(tmp_path):
    tables = tmp_path / "tables"
    tables.mkdir()
    reference = PLUGINS.parents[1] / "docs/reference/table2.csv"
    (tables / "table2.csv").write_bytes(reference.read_bytes())
    rows = "claim,verdict\na,supported\na,supported\nb,contradicted\nc,supported\n"
    (tables / "claims.csv").write_text(rows)
    lines = summary(tmp_path).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines[:-1])) <= 80
    assert any("3 claims here: 2 supported, 1 contradicted" in line for line in lines)
    cells = pl.read_csv(reference).filter(
        pl.col("arm") == "arte", pl.col("column") == "BBH", pl.col("average") == "micro"
    )
    (own,) = [line for line in lines if line.startswith("  arte ")]
    assert {f"{value:.1f}" for value in cells["strict"]} <= set(own.split())


def test_the_last_screen_says_whether_the_run_lies_in_the_reference(tmp_path, monkeypatch):
    monkeypatch.setattr(console_summary, "REFERENCES", tmp_path)
    assert beside_reference(tmp_path / "embedded") == []
    made = reference.ranges([write(tmp_path / "embedded"), write(tmp_path / "other")])
    made.write_csv(tmp_path / "embedded.csv")
    said = beside_reference(tmp_path / "embedded")
    assert "7 of 7 numbers" in said[0]
    assert max(map(len, said)) <= 80
    (tmp_path / "embedded/tables/table6.csv").unlink()
    (line,) = beside_reference(tmp_path / "embedded")
    assert "Not compared" in line
    assert "a finished run" in line
