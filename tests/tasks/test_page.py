"""docs/own-task.md, done as it says for three answer forms, up to what no model's text decides."""

import json
import math
import re
import sys
from pathlib import Path

import polars as pl
import pytest
import yaml
from checkout import ROOT, output
from dry_jobs import nothing_known
from own_tasks import coin_rows, jsonl

from arte.core.prompts import Prompts
from arte.plan.commands import plan
from arte.plan.jobs import read_jobs
from arte.plan.known import Known

PAGE = (ROOT / "docs/own-task.md").read_text()
BLOCKS = dict(re.findall(r"^```yaml (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
"""File name to what the page puts into it."""
GSM8K = ROOT.parent / "shared/data/gsm8k/test.jsonl"
NAMES = ("coin_flip", "gsm8k_file", "circle")
SNAKEMAKE = (sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "workflow/Snakefile"))


def sums() -> list[dict]:
    """Rows in GSM8K's form, for where the public file is not there."""
    return [
        {"question": f"Ann has {n} pens and buys 7. How many?", "answer": f"{n}+7\n#### {n + 7}"}
        for n in range(80)
    ]


def circles() -> list[dict]:
    """Circumferences with more digits than anyone writes."""
    return [
        {"question": f"What is the circumference of radius {r}?", "answer": 2 * math.pi * r}
        for r in range(1, 81)
    ]


def call(folder: Path, *words: str) -> str:
    """What a command prints in `folder`; it must succeed."""
    path = f"{ROOT / 'workflow/scripts'}:{ROOT / 'workflow/plugins'}"
    return output(list(words), folder, PYTHONPATH=path)


@pytest.fixture(scope="module")
def here(tmp_path_factory) -> Path:
    """A folder in which the page's commands were given and its files written."""
    here = tmp_path_factory.mktemp("own")
    for name in NAMES:
        call(here, sys.executable, "-m", "arte.console.main", "new-task", name)
        (here / name / "task.yaml").write_text(BLOCKS[f"{name}/task.yaml"])
    jsonl(here / "coin_flip/items.jsonl", coin_rows(80))
    jsonl(here / "circle/items.jsonl", circles())
    if GSM8K.is_file():
        (here / "gsm8k.jsonl").write_bytes(GSM8K.read_bytes())
    else:
        jsonl(here / "gsm8k.jsonl", sums())
    config = yaml.safe_load(BLOCKS["coin_flip.yaml"])
    config["data"] |= {"tasks": list(NAMES), "subtasks": list(NAMES)}
    (here / "three.yaml").write_text(yaml.safe_dump(config))
    (here / "coin_flip.yaml").write_text(BLOCKS["coin_flip.yaml"])
    return here


@pytest.fixture(scope="module")
def jobs(here) -> list:
    """The jobs of a run of all three."""
    words = ["--dry-run", "--forceall", "--logger", "jobs", "--logger-jobs-path", "jobs"]
    call(here, *SNAKEMAKE, *words, "--configfile", "three.yaml")
    return read_jobs(str(here / "jobs"))


def test_the_page_asks_for_few_lines_of_yaml_and_no_code():
    own = [text for name, text in BLOCKS.items() if name.startswith("coin_flip")]
    assert sum(len(text.splitlines()) for text in own) <= 30
    assert "```python" not in PAGE


@pytest.mark.parametrize("name", NAMES)
def test_the_task_lacks_nothing_once_the_page_was_followed(here, name):
    said = call(here, sys.executable, "-m", "arte.console.main", "check-task", name)
    assert f"{name}: task {name}, category Own" in said


def test_the_page_s_own_run_reaches_every_table_in_a_dry_run(here):
    said = call(here, *SNAKEMAKE, "-n", "--quiet", "rules", "--configfile", "coin_flip.yaml")
    for rule in ("prepare_own", "align_teacher", "finetune_student", "make_table7"):
        assert rule in said


def test_all_jobs_of_three_tasks_are_planned_with_lengths_of_their_items(here, jobs, monkeypatch):
    monkeypatch.chdir(here)
    folders = [str(ROOT / "resources/prompts"), *NAMES]
    known = Known(Prompts(folders), nothing_known().assumed)
    unknown = [why for _, why in plan(jobs, known).unplanned if why.startswith("unknown")]
    assert unknown == []
    questions = [row["question"] for row in coin_rows(80)]
    assert known.texts["coin_flip"].question == sum(map(len, questions)) / len(questions)


def test_a_job_reads_the_declarations_of_its_own_subtasks_alone(jobs):
    for job in jobs:
        read = {Path(path).parent.name for path in job.inputs if path.endswith("task.yaml")}
        assert read <= set(job.cfg.get("subtasks", NAMES))
        of_data = job.stage == "prepare_own"
        assert not (of_data and read)  # it is told what it needs


def test_the_data_of_all_three_are_made_and_golds_are_of_their_forms(here):
    target = "results/coin_flip/data/report.json"
    call(here, *SNAKEMAKE, target, "--cores", "2", "--configfile", "three.yaml")
    report = json.loads((here / target).read_text())
    assert report["overlap"] == 0
    assert report["items"]["total"]["not_in_form"] == 0
    for name in NAMES:
        data = here / "results/coin_flip/data" / name
        exemplars = pl.read_parquet(data / "exemplars.parquet")
        assert exemplars.height == 3
        assert all("<ans>" in text for text in exemplars["rationale"])
        assert pl.read_parquet(data / "validation.parquet").height == 60
    said = call(here, *SNAKEMAKE, target, "-n", "--cores", "1", "--configfile", "three.yaml")
    assert "Nothing to be done" in said
    # a task that the run does not have
    call(here, sys.executable, "-m", "arte.console.main", "new-task", "another")
    config = yaml.safe_load((here / "three.yaml").read_text())
    (here / "another/task.yaml").write_text(
        BLOCKS["circle/task.yaml"].replace("name: circle", "name: another")
    )
    jsonl(here / "another/items.jsonl", circles())
    config["data"]["tasks"].append("another")
    (here / "four.yaml").write_text(yaml.safe_dump(config))
    said = call(here, *SNAKEMAKE, target, "-n", "--cores", "1", "--configfile", "four.yaml")
    assert "Nothing to be done" in said
