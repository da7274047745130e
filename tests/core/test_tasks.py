"""The table of subtasks."""

import json
from collections import Counter
from pathlib import Path

import pytest

from arte.core import tasks
from arte.core.errors import ArteError

PINS = Path(__file__).parents[2] / "resources/bbh.sha256.json"


def test_27_files_make_23_tasks_in_the_categories_of_table_7():
    of_task = {kind.task: kind.category for kind in tasks.SUBTASKS.values()}
    assert Counter(of_task.values()) == dict(zip(tasks.CATEGORIES, (10, 7, 3, 3), strict=True))
    assert len(tasks.SUBTASKS) == 27


def test_every_subtask_has_pinned_hashes():
    assert set(json.loads(PINS.read_text())["files"]) == set(tasks.SUBTASKS)


def test_answer_types_are_known():
    assert {kind.answer_type for kind in tasks.SUBTASKS.values()} == set(tasks.ANSWER_TYPES)


def test_the_five_benchmarks_outside_are_resolved_too_and_stay_out_of_the_tables_of_bbh():
    assert set(tasks.OOD) == {"piqa", "commonsense_qa", "arc_easy", "arc_challenge", "gsm8k"}
    assert not set(tasks.OOD) & set(tasks.SUBTASKS)
    assert {tasks.subtask(name).category for name in tasks.OOD} == {"OOD"}
    assert [name for name in tasks.OOD if tasks.subtask(name).answer_type == "integer"] == ["gsm8k"]
    assert all(tasks.subtask(name) is kind for name, kind in tasks.SUBTASKS.items())


def test_an_unknown_subtask_is_named_in_the_error():
    with pytest.raises(ArteError, match="causal_judgment'"):
        tasks.subtask("causal_judgment")


@pytest.mark.parametrize(
    ("question", "letters"),
    [
        ("Which?\nOptions:\n(A) one\n(B) two", ["A", "B"]),
        ("(X) is a letter. Options: (A) one (B) two", ["A", "B"]),
        ("Which?\n(A) item(S)\n(B) two", ["A", "B"]),
        ("No options", []),
    ],
)
def test_option_letters(question, letters):
    assert tasks.option_letters(question) == letters
