"""docs/extending.md: its scorer and its arm, written into a copy of the checkout."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import ROOT, copy_checkout
from dry_jobs import list_jobs, nothing_known
from prefer.test_score_rationales import CFG, files

from arte.core import io
from arte.plan.commands import plan
from arte.plan.jobs import Job
from arte.prefer.tables.scores import QUESTION_SCORES, SCORES

PAGE = (ROOT / "docs/extending.md").read_text()
BLOCKS = dict(re.findall(r"^```\w+ (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
"""File name to what the page puts into it."""
SCORERS = "workflow/scripts/arte/prefer/scorers"
SMOKE = "config/presets/smoke.yaml"
LABEL = """
import json
import polars as pl
from arte.report.figure2 import figure2
row = {"subtask": "hyperbaton", "technique": "steps", "words_from": 0, "words_below": 10}
row |= {"n_rationales": 3, "n_questions": 3, "words": -4.0, "low": -5.0, "high": -3.0}
row |= {"printed_best_from": None, "printed_best_below": None}
print(figure2(pl.DataFrame([row]), "brevity").get_supylabel())
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """A checkout with what the page adds."""
    tree = copy_checkout(tmp_path_factory.mktemp("extended") / "arte")
    for name, added in BLOCKS.items():
        before = (tree / name).read_text() if (tree / name).exists() else ""
        (tree / name).write_text(extended(name, before, added))
    return tree


def extended(name: str, before: str, added: str) -> str:
    """The text of a file with a block of the page in its place."""
    if name.endswith("table.py"):
        head, end = before.rsplit("}\n", 1)
        return f"{head}{added}}}\n{end}"
    if name.endswith("__init__.py"):
        return before.replace('\n"""', f'\n{added}"""')
    assert not before
    return added


def python(tree: Path, *args: str) -> str:
    """What a command of the checkout in `tree` prints."""
    environment = os.environ | {"PYTHONPATH": str(tree / "workflow/scripts")}
    command = [sys.executable, *args]
    done = subprocess.run(command, env=environment, cwd=tree, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def scored(tree) -> list[Job]:
    """The jobs of a run by the new scorer."""
    return list_jobs(tree, SMOKE, "config/brevity.yaml")


def test_the_scorer_touches_three_files_and_two_are_generated(tree):
    edited = [name for name in BLOCKS if name.startswith("workflow")]
    assert sorted(edited) == [f"{SCORERS}/{n}.py" for n in ("__init__", "brevity", "table")]
    python(tree, "-m", "arte.config.generate")
    for name in ("workflow/schemas/config.schema.json", "config/README.md"):
        assert "brevity" in (tree / name).read_text()


def test_every_scoring_job_runs_the_new_module_and_is_planned(scored):
    jobs = [job for job in scored if job.stage == "score_rationales"]
    assert jobs
    for job in jobs:
        assert job.file("scorer") == "arte.prefer.scorers.brevity"
        assert job.cfg["scorer"] == "brevity"
        assert "max_tokens" not in job.cfg
        assert not job.options.get("preference")
    found = plan(scored, nothing_known())
    assert found.unplanned == []
    planned = [one for one in found.planned if one.job.stage == "score_rationales"]
    assert len(planned) == len(jobs)
    assert sum(one.work.requests for one in planned) == 2 * 2 * 4 * 4  # rounds, subtasks, drafts


def test_its_command_scores_every_rationale(tree, tmp_path):
    arguments = ["-m", "arte.prefer.score_rationales", "--scorer", "arte.prefer.scorers.brevity"]
    arguments += ["--cfg", json.dumps(CFG)]
    for name, value in files(tmp_path, items=False).items():
        values = value if isinstance(value, list) else [value]
        arguments += ["--" + name.replace("_", "-"), *map(str, values)]
    python(tree, *arguments)
    assert io.read_table(tmp_path / "scores.parquet", SCORES)["score"].to_list() == [-2.0] * 4
    assert io.read_table(tmp_path / "question_scores.parquet", QUESTION_SCORES).height == 2


def test_figure_2_shows_the_label_of_the_scorer(tree):
    assert python(tree, "-c", LABEL).strip() == "minus the number of words"


def test_the_new_arm_is_trained_tested_and_shown_in_table_2(tree):
    jobs = list_jobs(tree, SMOKE, "config/arms.yaml")
    of_arm = [job for job in jobs if any("aligned_tagged" in path for path in job.outputs)]
    assert {"finetune_student", "evaluate_student"} <= {job.stage for job in of_arm}
    tested = {path for job in of_arm if job.stage == "evaluate_student" for path in job.outputs}
    [table2] = [job for job in jobs if job.words == ("table2",)]
    read = {path for path in table2.inputs if "aligned_tagged" in path}
    assert read
    assert read <= tested
    assert plan(jobs, nothing_known()).unplanned == []


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"`((?:workflow|config|tests)/[\w./]+)`", PAGE)))
)
def test_every_file_that_the_page_names_exists(name):
    assert (ROOT / name).exists()
