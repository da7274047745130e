"""What a task.yaml declares, and how a wrong one is refused."""

import json
from collections import Counter
from pathlib import Path

import pytest
from declared import OOD, PUBLISHED, SUBTASKS

from arte.core import tasks
from arte.core.errors import ArteError
from arte.core.forms import Form, declaration, form_of

PINS = Path(__file__).parents[2] / "resources/bbh.sha256.json"
COIN = {
    "name": "coin_flip",
    "category": "Mine",
    "answer": "yesno",
    "description": "Say whether a coin is heads up.",
}


@pytest.fixture
def write(tmp_path):
    """Writes a task.yaml with changes; None takes a key away. Returns its path."""
    folder = tmp_path / "coin_flip"
    folder.mkdir()

    def to_file(text: str | None = None, **changes: object) -> Path:
        content = {key: value for key, value in (COIN | changes).items() if value is not None}
        (folder / tasks.FILE).write_text(json.dumps(content) if text is None else text)
        return folder / tasks.FILE

    return to_file


def test_27_files_make_23_tasks_in_the_categories_of_table_7():
    of_task = {kind.task: kind.category for kind in SUBTASKS.values()}
    assert Counter(of_task.values()) == dict(zip(tasks.CATEGORIES, (10, 7, 3, 3), strict=True))
    assert len(SUBTASKS) == 27


def test_every_subtask_has_pinned_hashes():
    assert set(json.loads(PINS.read_text())["files"]) == set(SUBTASKS)


def test_the_five_benchmarks_outside_are_declared_too():
    assert set(OOD) == {"piqa", "commonsense_qa", "arc_easy", "arc_challenge", "gsm8k"}
    assert len(PUBLISHED) == len(SUBTASKS) + len(OOD)
    integers = [name for name, kind in OOD.items() if kind.answer_type == Form("integer")]
    assert integers == ["gsm8k"]


def test_a_task_is_its_own_reporting_level_unless_it_names_one(write):
    assert tasks.read(write()).task == "coin_flip"
    assert tasks.read(write(task="coins")).task == "coins"


def test_files_of_items_are_named_by_the_same_file(write):
    path = write(items="my.jsonl", answer_after="####")
    assert tasks.read_source(path) == tasks.Source(items="my.jsonl", answer_after="####")


@pytest.mark.parametrize(
    ("text", "changes", "expected", "found"),
    [
        (None, {"answer": None}, "the keys name, task", "no answer"),
        (None, {"answers": "yesno"}, "only the keys name, task", "'answers'"),
        (None, {"name": "coins"}, "the name of its folder, coin_flip", "'coins'"),
        (None, {"name": "Coin-Flip"}, "lower-case", "'Coin-Flip'"),
        (None, {"description": " "}, "a text as description", "' '"),
        (None, {"description": "Say {it}."}, "without braces", "Say {it}."),
        (None, {"description": f"x {tasks.CANARY} y"}, "canary", tasks.CANARY),
        (None, {"category": 3}, "a text as category", "3"),
        (None, {"answer": "yes"}, "an answer form: option, boolean", "'yes'"),
        (None, {"answer": {"form": "decimal", "tolerance": -1}}, "tolerance of at least 0", "-1"),
        (None, {"answer": {"form": "decimal", "pattern": "x"}}, "decimal: tolerance", "pattern"),
        (None, {"answer": {"form": "integer", "tolerance": 1}}, "no further key", "tolerance: 1"),
        (None, {"answer": {"form": "regex"}}, "with answer form regex: pattern", "none"),
        (None, {"answer": {"form": "regex", "pattern": "("}}, "regular expression", "position 0"),
        ("name: a: b", {}, "YAML", "mapping values"),
        ("- name", {}, "the keys name", "['name']"),
    ],
)
def test_a_wrong_declaration_is_refused_with_its_key(write, text, changes, expected, found):
    path = write(text, **changes)
    with pytest.raises(ArteError) as refused:
        tasks.read(path)
    assert expected in refused.value.expected
    assert found in refused.value.found
    assert refused.value.where == str(path)


def test_a_missing_declaration_is_named(tmp_path):
    with pytest.raises(ArteError, match=r"No such file[^$]*nothing/task\.yaml"):
        tasks.read(tmp_path / "nothing/task.yaml")


@pytest.mark.parametrize("kind", list(PUBLISHED.values()), ids=list(PUBLISHED))
def test_what_a_job_is_told_is_what_the_file_says(kind):
    own = {"task": kind.task, "category": kind.category, "answer": declaration(kind.answer_type)}
    told = tasks.declared({"subtask": kind.name, "declared": own})
    assert told == tasks.Subtask(kind.name, kind.task, kind.category, kind.answer_type)


def test_forms_with_parameters_survive_the_config_of_a_job():
    for form in (
        Form("decimal", tolerance=0.01),
        Form("regex", pattern="[0-9]+:[0-9]+", remove=" ", lower=True),
    ):
        assert form_of(declaration(form)) == form
