"""Miniature benchmarks in the columns of the published files."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from declared import declares

from arte.core.errors import ArteError
from arte.data import hub_files, ood
from arte.mini.ood import ROWS, draw
from arte.mini.ood_tasks import OOD_GENERATORS
from arte.tasks.items import rationale

ROOT = Path(__file__).parents[2]
COLUMNS = {
    "arc_challenge": {"question", "choices", "answerKey"},
    "arc_easy": {"question", "choices", "answerKey"},
    "commonsense_qa": {"question", "question_concept", "choices", "answerKey"},
    "gsm8k": {"question", "answer"},
    "piqa": {"goal", "sol1", "sol2", "label"},
}


@pytest.mark.parametrize("subtask", OOD_GENERATORS)
def test_a_written_row_is_read_back_as_the_problem(subtask):
    for problem in draw(subtask, 60, seed=0, difficulty=2):
        row = ROWS[subtask](problem)
        item = ood.READERS[subtask](row)
        assert set(row) == COLUMNS[subtask]
        assert (item.question, item.answer) == (problem.question, problem.answer)


def test_some_options_of_arc_are_labelled_by_numbers():
    rows = [ROWS["arc_easy"](problem) for problem in draw("arc_easy", 60, seed=0, difficulty=2)]
    assert {row["choices"]["label"][0] for row in rows} == {"A", "1"}


def test_solutions_of_gsm8k_are_those_of_the_short_technique_in_calculator_marks():
    for problem in draw("gsm8k", 60, seed=0, difficulty=2):
        row = ROWS["gsm8k"](problem)
        assert row["answer"].count("<<") == 2
        assert rationale(ood.read_gsm8k(row)) == problem.rationale("steps")


@pytest.mark.parametrize("subtask", OOD_GENERATORS)
def test_a_draw_is_repeatable_distinct_and_extends(subtask):
    problems = draw(subtask, 60, seed=3, difficulty=2)
    assert problems[:20] == draw(subtask, 20, seed=3, difficulty=2)
    assert len({problem.question for problem in problems}) == 60
    assert problems != draw(subtask, 60, seed=4, difficulty=2)


def test_impossible_draws_are_errors():
    with pytest.raises(ArteError, match="distinct questions of piqa"):
        draw("piqa", 300, seed=0, difficulty=3)
    with pytest.raises(ArteError, match="'boolq'"):
        draw("boolq", 1, seed=0, difficulty=1)


@pytest.mark.parametrize("subtask", OOD_GENERATORS)
def test_written_files_go_through_the_preparation_of_the_published_ones(subtask, tmp_path):
    cfg = declares(subtask) | {"validation_items": 27, "test_items": 20, "difficulty": 2, "seed": 0}
    done = subprocess.run(
        [sys.executable, "-m", "arte.mini.ood", "--cfg", json.dumps(cfg), "--output-raw", tmp_path],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT / "workflow/scripts"), "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
    assert len(list(hub_files.read_rows(str(tmp_path), "train"))) == 30
    wanted = declares(subtask) | {"test_items": 0, "validation_items": 10, "seed": 0}
    test, validation, shown, report = ood.prepare(wanted, str(tmp_path))
    assert (test.height, validation.height, shown.height) == (20, 10, 3)
    assert (report["train"]["malformed"], report["train"]["also_in_test"]) == ({}, 0)
