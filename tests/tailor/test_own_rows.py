"""Training sets from the user's own files: what is taken, and what is refused with its line."""

import json
import sys
from pathlib import Path

import pytest
from configs import refusals
from dry_jobs import list_jobs, nothing_known

from arte.core import io
from arte.core.errors import ArteError
from arte.core.prompts import Prompts
from arte.data.tables import ITEMS
from arte.plan.commands import plan
from arte.tailor import own_rows
from arte.tailor.tables import TRAINING_SET

ROOT = Path(__file__).parents[2]
PROMPTS = ROOT / "resources/prompts"
ONE = ["hyperbaton"]
TEST = "Which is in order?\nOptions:\n(A) a big red cat\n(B) a red big cat"
GOOD = {"question": "Is it?", "rationale": "So the answer is <ans>(A)</ans>."}
READY = {"prompt": "Say it.", "completion": "It."}


def write(path, *rows):
    texts = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(texts) + "\n")
    return str(path)


@pytest.fixture
def job(tmp_path, monkeypatch):
    """Runs the command on rows; returns its table and its report."""

    def run(*rows, subtasks=ONE):
        item = {"subtask": "hyperbaton", "task": "hyperbaton", "category": "BBH-CS"}
        item |= {"item_id": "0", "question": TEST, "answer": "(A)"}
        io.write_table(ITEMS.frame([item]), tmp_path / "items.parquet", ITEMS, {})
        options = {
            "cfg": json.dumps({"subtasks": subtasks, "arm": "mine"}),
            "prompts": str(PROMPTS),
            "rows": write(tmp_path / "rows.jsonl", *rows),
            "items": str(tmp_path / "items.parquet"),
            "output": str(tmp_path / "mine.parquet"),
            "output-report": str(tmp_path / "mine.json"),
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        monkeypatch.setattr(sys, "argv", ["own_rows", *words])
        own_rows.main()
        table = io.read_table(options["output"], TRAINING_SET)
        return table, json.loads((tmp_path / "mine.json").read_text())

    return run


def test_a_question_gets_the_students_prompt_and_all_rows_are_kept(job):
    table, report = job(GOOD, "", GOOD | {"id": 7})
    prompt = Prompts(PROMPTS).student("hyperbaton", [], "Is it?")
    assert table["prompt"].to_list() == [prompt] * 2
    assert table["completion"].to_list() == [GOOD["rationale"]] * 2
    assert report == {"rows": 2, "subtasks": {"hyperbaton": 2}}


def test_a_prompt_and_its_completion_stay_as_they_are(job):
    table, _ = job(READY)
    row = table.row(0, named=True)
    assert (row["prompt"], row["completion"], row["subtask"]) == ("Say it.", "It.", "mine")


@pytest.mark.parametrize(
    "row", [GOOD | {"question": TEST.upper()}, READY | {"prompt": f"Q\nQuestion: {TEST}\nAnswer:"}]
)
def test_a_test_question_stops_the_job_and_is_named_by_its_line(job, row):
    with pytest.raises(SystemExit) as stopped:
        job(GOOD, row)
    assert "line 2: a test question" in str(stopped.value)


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("{", "line 2: no JSON"),
        ("[1]", "line 2: no JSON object"),
        ({"question": "Is it?"}, "line 2: no text in 'rationale'"),
        (GOOD | {"rationale": " "}, "line 2: no text in 'rationale'"),
        (GOOD | READY, "line 2: fields of both kinds"),
        ({"instruction": "Go."}, "line 2: neither question nor prompt, ['instruction']"),
        (GOOD | {"subtask": "snarks"}, "line 2: subtask 'snarks'"),
        (GOOD | {"question": "\ud83d"}, "line 2: half a character"),
        (READY | {"prompt": f"{own_rows.CANARY}-x"}, "line 2: benchmark canary"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_by_its_line(tmp_path, row, found):
    path = write(tmp_path / "rows.jsonl", GOOD, row)
    with pytest.raises(ArteError) as refused:
        own_rows.read(path, ONE)
    assert found in refused.value.found
    assert refused.value.found.startswith("1 of 2 rows")
    assert refused.value.where == path


def test_with_several_subtasks_a_question_must_say_to_which_it_belongs(tmp_path):
    path = write(tmp_path / "rows.jsonl", GOOD | {"subtask": "snarks"}, GOOD)
    with pytest.raises(ArteError, match="line 2: subtask None is none of the run's 2"):
        own_rows.read(path, ["hyperbaton", "snarks"])


@pytest.mark.parametrize(
    ("arm", "key", "found"),
    [
        ({"file": "nowhere.jsonl"}, "arms.mine.file, nowhere.jsonl", "No such file"),
        ({"file": ""}, "arms.mine.file", "''"),
        ({"instructions": "nowhere.jsonl"}, "arms.mine.instructions", "nowhere.jsonl"),
        ({"instructions": "openorka"}, "arms.mine.instructions", "openorka"),
        ({"questions": "original", "rationales": "drafts", "select": "stepps"},
         "arms.mine.select", "stepps"),
        ({"file": "a.jsonl", "questions": "original"}, "arms.mine.questions", "questions"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_arm_is_refused_before_anything_runs(arm, key, found):
    error = refusals({"arms": {"mine": arm}})[0]
    assert error.where == f"config key {key}"
    assert found in error.found


def test_bad_rows_are_refused_before_anything_runs(tmp_path):
    path = write(tmp_path / "rows.jsonl", {**GOOD, "subtask": "hyperbaton"}, GOOD)
    [error] = refusals({"arms": {"mine": {"file": path}}})
    assert "1 of 2 rows cannot be used: line 2" in error.found


def test_a_technique_cannot_have_the_name_of_a_way_to_select():
    errors = refusals({"elicit": {"techniques": ["steps", "random"]}})
    assert [error.where for error in errors if error.found == "'random'"] == [
        "config key elicit.techniques"
    ]


def test_arms_of_ones_own_are_trained_tested_planned_and_shown(tmp_path):
    write(tmp_path / "rows.jsonl", READY, READY)
    write(tmp_path / "set.jsonl", {"instruction": "Go.", "output": "ok"})
    arms = {
        "mine": {"file": str(tmp_path / "rows.jsonl")},
        "my_set": {"instructions": str(tmp_path / "set.jsonl")},
        "steps": {"questions": "original", "rationales": "drafts", "select": "steps"},
    }
    io.write_json({"arms": arms}, tmp_path / "arms.json")
    jobs = list_jobs(ROOT, "config/presets/smoke.yaml", tmp_path / "arms.json")
    assert plan(jobs, nothing_known()).unplanned == []
    of = {arm: [job for job in jobs if f"tailor/arms/{arm}.parquet" in " ".join(job.outputs)]
          for arm in arms}  # fmt: skip
    assert {arm: job.stage for arm, [job] in of.items()} == {
        "mine": "read_own_rows",
        "my_set": "prepare_instructions",
        "steps": "assemble_training_set",
    }
    assert str(tmp_path / "rows.jsonl") in of["mine"][0].inputs
    assert not any("scores" in path for path in of["steps"][0].inputs)
    for table, shown in {"table2": set(arms), "table3": {"mine", "my_set"}}.items():
        [made] = [job for job in jobs if job.words == (table,)]
        read = {arm for arm in arms if f"/{arm}/" in " ".join(made.inputs)}
        assert read == shown
