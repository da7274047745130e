"""What is wrong with a task's folder is said before anything runs, with place and remedy."""

import sys

import pytest
from configs import refusals
from own_tasks import coin_rows, jsonl, make_task

from arte.core import tasks
from arte.core.errors import ArteError
from arte.core.forms import Form
from arte.core.tasks import CANARY, Source
from arte.tasks import check_task, new_task
from arte.tasks.folder import load, problems
from arte.tasks.items import rationale, read_item

TECHNIQUES = ("steps", "detailed", "direct", "options")
OPTIONS = "Which?\nOptions:\n(A) one\n(B) two"


def only(folder, **limits) -> ArteError:
    [error] = problems(folder, TECHNIQUES, **limits)
    return error


def test_a_folder_in_order_has_no_problems(tmp_path):
    folder = make_task(tmp_path / "coin_flip")
    assert list(problems(folder, TECHNIQUES, validation_items=16)) == []
    kind, _, found = load(folder)
    assert (kind.category, len(found.items)) == ("Own", 20)


@pytest.mark.parametrize(
    ("form", "row", "answer"),
    [
        ("option", {"question": OPTIONS, "answer": "B"}, "B"),
        ("option", {"input": OPTIONS, "target": "(B)"}, "(B)"),
        ("integer", {"question": "q", "answer": 7}, "7"),
        ("boolean", {"question": "q", "answer": True}, "True"),
        ("set", {"question": "q", "answer": ["b", "a"]}, "b, a"),
        ("decimal", {"question": "q", "answer": 0.5, "id": 3}, "0.5"),
    ],
)
def test_a_row_is_read_in_our_form_and_in_that_of_big_bench_hard(form, row, answer):
    assert read_item(row, Form(form), Source()).answer == answer


@pytest.mark.parametrize(
    ("form", "row", "found"),
    [
        ("yesno", {"question": "q"}, "no 'answer' or 'target'"),
        ("yesno", {"question": "q", "input": "q", "answer": "no"}, "question twice"),
        ("yesno", {"question": " ", "answer": "no"}, "no text as question"),
        ("yesno", {"question": "q", "answer": None}, "no text as answer"),
        ("yesno", {"question": "q", "answer": "maybe"}, "answer 'maybe' is not of the form yesno"),
        ("integer", {"question": "q", "answer": 8.5}, "answer '8.5' is not of the form integer"),
        ("option", {"question": OPTIONS, "answer": "C"}, "option (C) is not among those"),
        ("option", {"question": "q", "answer": "A"}, "option (A) is not among those"),
        ("yesno", {"question": CANARY, "answer": "no"}, "benchmark canary"),
        ("yesno", {"question": "q", "answer": "no", "rationale": 3}, "no text as rationale"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(form, row, found):
    assert read_item(row, Form(form), Source()).startswith(found)


def test_the_answer_may_follow_a_mark_and_what_is_before_it_is_the_solution():
    row = {"question": "q", "answer": "1 + 1 = 2\n#### 2"}
    item = read_item(row, Form("integer"), Source(answer_after="####"))
    assert item == ("q", "2", "1 + 1 = 2")
    assert rationale(item) == "1 + 1 = 2. So the answer is <ans>2</ans>"
    assert read_item(row | {"answer": "2"}, Form("integer"), Source(answer_after="####")) == (
        "no '####' in the answer"
    )


def test_a_solution_with_a_tag_stays_as_it_is_and_none_is_the_answer_alone():
    row = {"question": "q", "answer": "no", "rationale": "So <ans>no</ans>."}
    assert rationale(read_item(row, Form("yesno"), Source())) == "So <ans>no</ans>."
    del row["rationale"]
    assert rationale(read_item(row, Form("yesno"), Source())) == "So the answer is <ans>no</ans>"


def test_rows_are_named_by_their_lines(tmp_path):
    bad = ["{", {"question": "q", "answer": "perhaps"}]
    error = only(make_task(tmp_path / "coin_flip", [*coin_rows(20), "", *bad]))
    assert error.found.startswith("2 of 22 rows cannot be used: line 22: no JSON")
    assert "line 23: answer 'perhaps' is not of the form yesno" in error.found
    assert error.where == str(tmp_path / "coin_flip/items.jsonl")


def test_a_question_twice_is_refused(tmp_path):
    rows = coin_rows(20)
    again = rows[3] | {"question": rows[3]["question"].upper()}
    error = only(make_task(tmp_path / "coin_flip", [*rows, again]))
    assert "line 21: the question of line 4 again" in error.found


@pytest.mark.parametrize("split", ["validation", "exemplars"])
def test_a_question_in_two_files_is_refused(tmp_path, split):
    folder = make_task(tmp_path / "coin_flip")
    jsonl(folder / f"{split}.jsonl", [*coin_rows(23)[20:], coin_rows(1)[0]])
    error = only(folder)
    assert "line 4: the question of items.jsonl, line 1" in error.found
    assert error.where == str(folder / f"{split}.jsonl")


def test_exemplars_are_three_that_end_in_their_answer(tmp_path):
    folder = make_task(tmp_path / "coin_flip")
    rows = coin_rows(22)[20:]
    jsonl(folder / "exemplars.jsonl", [rows[0], rows[1] | {"rationale": "So <ans>yes</ans>."}])
    found = only(folder).found
    wrong = {"yes": "no", "no": "yes"}[rows[1]["answer"]]
    assert "2 rows are fewer than 3 exemplars" in found
    assert ("line 2: a rationale whose tagged answer" in found) == (wrong == "yes")


def test_a_technique_needs_a_file_with_both_tags(tmp_path):
    folder = make_task(tmp_path / "coin_flip")
    (folder / "steps.md").unlink()
    (folder / "direct.md").write_text("Answer at once.\n")
    errors = list(problems(folder, TECHNIQUES))
    assert [error.where for error in errors] == [
        str(folder / f"{n}.md") for n in ("steps", "direct")
    ]
    assert "<ans> and </ans>" in errors[1].expected


@pytest.mark.parametrize("category", ["BBH-Logic", "OOD", "All", "a | b"])
def test_a_category_has_a_column_of_its_own(tmp_path, category):
    error = only(make_task(tmp_path / "coin_flip", category=category))
    assert error.found == repr(category)


def test_too_few_items_are_counted(tmp_path):
    folder = make_task(tmp_path / "coin_flip")
    error = only(folder, validation_items=17)
    assert (error.found, "at least 21 items" in error.expected) == ("20", True)
    jsonl(folder / "validation.jsonl", coin_rows(30)[20:])
    assert "at least 20 validation" in only(folder, validation_items=17).expected


def test_the_config_names_the_folder_in_every_refusal(tmp_path):
    folder = make_task(tmp_path / "coin_flip", [{"question": "q", "answer": "perhaps"}])
    (folder / "steps.md").unlink()
    own = {"tasks": [str(folder)], "subtasks": ["coin_flip"]}
    errors = refusals({"data": own, "nano": {"corpus": "items"}})
    assert [error.where for error in errors] == [
        f"config key data.tasks.0, {folder / name}" for name in ("steps.md", "items.jsonl")
    ]


@pytest.mark.parametrize(
    ("name", "found"), [("hyperbaton", "hyperbaton is a published task"), ("none", "No such file")]
)
def test_a_folder_that_is_not_there_or_has_a_published_name_is_refused(tmp_path, name, found):
    errors = refusals({"data": {"tasks": [str(tmp_path / name)]}})
    assert any(found in f"{error.expected} {error.found}" for error in errors)


def test_two_folders_of_one_name_are_refused(tmp_path):
    folders = [str(make_task(tmp_path / place / "coin_flip")) for place in "ab"]
    [error] = refusals({"data": {"tasks": folders}})
    assert error.where == "config key data.tasks.1"


def test_an_own_task_that_no_key_names_is_unknown(tmp_path):
    errors = refusals({"data": {"subtasks": ["coin_flip"]}})
    assert "data.tasks" in errors[0].remedy


def test_generators_know_no_task_of_ones_own(tmp_path):
    folder = make_task(tmp_path / "coin_flip", coin_rows(80))
    [error] = refusals({"data": {"tasks": [str(folder)], "subtasks": ["coin_flip"]}})
    assert error.where == "config key nano.corpus"


def run(monkeypatch, command, *words) -> None:
    monkeypatch.setattr(sys, "argv", ["arte", *map(str, words)])
    command.main()


def test_a_skeleton_lacks_its_description_and_its_items(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "coin_flip"
    run(monkeypatch, new_task, folder)
    with pytest.raises(SystemExit) as stopped:
        run(monkeypatch, check_task, folder)
    assert "lacks 2 of" in str(stopped.value)
    assert "no description" in str(stopped.value)
    assert str(folder / "items.jsonl") in str(stopped.value)
    with open(folder / tasks.FILE, "a") as file:
        file.write("description: Say whether a coin is heads up.\n")
    with pytest.raises(SystemExit) as stopped:
        run(monkeypatch, check_task, folder)
    assert "No such file" in str(stopped.value)
    assert str(folder / "items.jsonl") in str(stopped.value)
    jsonl(folder / "items.jsonl", coin_rows(5))
    capsys.readouterr()
    run(monkeypatch, check_task, folder)
    said = capsys.readouterr().out
    assert "5 items, 0 of them with a worked solution" in said
    assert "three are drawn from the validation items" in said


@pytest.mark.parametrize("name", ["Coin", "coin-flip", "there"])
def test_a_skeleton_takes_a_free_name_of_the_right_letters(tmp_path, monkeypatch, name):
    (tmp_path / "there").mkdir()
    with pytest.raises(SystemExit, match="choose another name"):
        run(monkeypatch, new_task, tmp_path / name)
