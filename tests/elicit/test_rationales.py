import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_model import ENGINE, PROMPTS, call, save_tiny_llama

from arte.core import gates, io
from arte.core.errors import ArteError
from arte.core.forms import Form
from arte.elicit import rationales
from arte.elicit.tables import QUESTIONS, RATIONALES
from arte.engine.contract import Completion

QUESTION = "Which mug is first?\nOptions:\n(A) red\n(B) blue"


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (" Not True is False. So <ans>False</ans>", "Not True is False. So <ans>False</ans>"),
        ("\nLet's think step by step. It is so.", "It is so."),
        ("Answer: Let’s think step by step.\n1. Look.", "1. Look."),
        ("The Question: is easy.", "The Question: is easy."),
        ("It is so.\n\nAnswer: <ans>(B)</ans>", "It is so.\n\n<ans>(B)</ans>"),
        ("3 + 4 = 7.\nAnswer: 7\nSo <ans>7</ans>", "3 + 4 = 7.\n7\nSo <ans>7</ans>"),
        ("It is so.\nAnswer: no", "It is so.\nno"),
        (
            "between <ans> and </ans>\nAnswer: <ans>7</ans>",
            "between <ans> and </ans>\n<ans>7</ans>",
        ),
        ("It is so.\n**Answer:** <ans>7</ans>", "It is so.\n**Answer:** <ans>7</ans>"),
        (f"Question: {QUESTION}\nAnswer: It is blue.", "It is blue."),
        (f"Question: {QUESTION}\nIt is <ans>(B)</ans>", "It is <ans>(B)</ans>"),
        ("Question: which mug is first?\n\nAnswer: Let's think step by step. B.", "B."),
        ("<think>Answer: A?</think>\nLet's think step by step. B.", "B."),
        ("", ""),
    ],
)
def test_a_rationale_is_what_follows_the_lead_without_labels(output, expected):
    assert rationales.clean_rationale(output, QUESTION) == (expected, False)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("It is so.\nQuestion: and this?\nAnswer: <ans>(A)</ans>", "It is so."),
        ("So <ans>(B)</ans>\nAnswer: <ans>(A)</ans>", "So <ans>(B)</ans>"),
        ("It is so.\nAnswer: Question: and this?", "It is so."),
        ("Question: and this?\nAnswer: <ans>(A)</ans>", ""),
        (f"Question: {QUESTION}\nIt is so.\nQuestion: and this?", "It is so."),
    ],
)
def test_a_next_turn_is_cut_off_and_told(output, expected):
    assert rationales.clean_rationale(output, QUESTION) == (expected, True)


def test_a_question_that_begins_with_the_label_itself_may_be_said_again():
    question = "Question: Ada lies. Does Ada lie?"
    for echo in (question, f"Question: {question}"):
        output = f"{echo}\nAnswer: She does. <ans>Yes</ans>"
        assert rationales.clean_rationale(output, question).text == "She does. <ans>Yes</ans>"


PIECES = st.sampled_from(
    ["Answer:", "Question:", "\n", " ", "<ans>", "</ans>", "(B)", "and", "Which mug is first?"]
    + ["Let's think step by step.", "Options:", "text"]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_no_line_of_a_rationale_opens_a_turn(output):
    text = rationales.clean_rationale(output, QUESTION).text
    assert not any(line.startswith(("Question:", "Answer:")) for line in text.split("\n"))


@pytest.mark.parametrize(
    ("text", "reason", "fate"),
    [
        ("So <ans>false</ans>", "stop", "right"),
        ("So <ans>True</ans>", "stop", "wrong"),
        ("It is so.\nAnswer: <ans>False</ans>", "stop", "right"),
        (" \n", "eos", "empty"),
        ("Question: another? Answer: <ans>False</ans>", "stop", "empty"),
        ("It is so and so", "length", "cut_off"),
        ("So <ans>perhaps</ans>", "stop", "not_of_the_answer_form"),
        ("I put it between <ans> and </ans>", "stop", "echo"),
        ("So the answer is False.", "eos", "untagged"),
        ("I'm sorry, I can't say.", "eos", "refused"),
    ],
)
def test_every_rationale_is_counted_once_by_what_becomes_of_it(text, reason, fate):
    row = rationales.judged(Completion(text, reason, 9, 0, 9), "Is it?", "False", Form("boolean"))
    assert (row["fate"], row["correct"]) == (fate, fate == "right")
    assert (row["answer_pred"] is None) == (fate not in ("right", "wrong"))
    counts = rationales.rationale_counts([row])
    assert sum(counts[each] for each in rationales.FATES) == counts[fate] == 1


@pytest.mark.parametrize(("reason", "tagged"), [("eos", True), ("length", False)])
def test_a_stated_answer_is_tagged_on_request_and_counted(reason, tagged):
    said = Completion("It is so.\nThe answer is False.", reason, 9, 0, 9)
    row = rationales.judged(said, "Is it?", "False", Form("boolean"), tag=True)
    text = "It is so.\nThe answer is <ans>False</ans>."
    assert (row["rationale"] == text) == row["correct"] == row["tagged_here"] == tagged
    assert rationales.rationale_counts([row])["tagged_here"] == int(tagged)


SHORT_RATIONALES = {
    "subtasks": ["boolean_expressions"],
    "seed": 0,
    "engine": ENGINE,
    "techniques": ["steps", "naive"],
    "rationale_temperature": 0.0,
    "rationale_max_tokens": 6,
}


def rationale_files(tmp_path):
    asked = [
        {
            "subtask": "boolean_expressions",
            "question_id": f"000-0{i}",
            "question": f"{'not ' * i}True {{is}}",
            "answer": "True",
            "prompt_id": "p",
        }
        for i in range(2)
    ]
    io.write_table(QUESTIONS.frame(asked), tmp_path / "questions.parquet", QUESTIONS, {})
    return {
        "questions": tmp_path / "questions.parquet",
        "prompts": PROMPTS,
        "model": save_tiny_llama(tmp_path / "model"),
        "journal": tmp_path / "journal",
        "output": tmp_path / "rationales.parquet",
        "stage": "rationales",
        "output_stats": tmp_path / "stats.json",
    }


def test_every_question_gets_one_rationale_per_technique(tmp_path, monkeypatch):
    files = rationale_files(tmp_path)
    call(rationales.main, monkeypatch, cfg=SHORT_RATIONALES, **files)
    table = io.read_table(tmp_path / "rationales.parquet", RATIONALES)
    assert table.select("question_id", "rationale_id", "technique").rows() == [
        ("000-00", 0, "steps"),
        ("000-00", 1, "naive"),
        ("000-01", 0, "steps"),
        ("000-01", 1, "naive"),
    ]
    stats = io.read_json(tmp_path / "stats.json")
    counts = stats["counts"]["boolean_expressions"]
    assert counts["rationales"] == 4 == sum(counts[fate] for fate in rationales.FATES)
    first = (tmp_path / "rationales.parquet").read_bytes()
    call(rationales.main, monkeypatch, cfg=SHORT_RATIONALES, **files)
    assert (tmp_path / "rationales.parquet").read_bytes() == first
    assert io.read_json(tmp_path / "stats.json")["generated"] == 0


def test_a_teacher_that_tags_nothing_is_stopped_after_its_first_calls(tmp_path, monkeypatch):
    limits = {"calls": 1, "tagged": 0.25, "cut_off": 1}
    monkeypatch.setenv(gates.LIMITS, json.dumps(limits))
    files = rationale_files(tmp_path)
    with pytest.raises(ArteError, match=r"(?s)gates\.tagged.*tag_stated_answers"):
        call(rationales.main.__wrapped__, monkeypatch, cfg=SHORT_RATIONALES, **files)
    assert not files["output"].exists()
    [journal] = (tmp_path / "journal").rglob("*.jsonl")
    assert len(journal.read_text().splitlines()) == 2  # one question in two techniques
    monkeypatch.setenv(gates.LIMITS, json.dumps(limits | {"tagged": 0}))
    call(rationales.main.__wrapped__, monkeypatch, cfg=SHORT_RATIONALES, **files)
    stats = io.read_json(tmp_path / "stats.json")
    assert (stats["from_journal"], stats["generated"]) == (4, 2)


def test_the_rates_tell_what_a_tag_would_give():
    said = ["The answer is False.", "So <ans>True</ans>", "It is so.", ""]
    rows = [
        {"subtask": "boolean_expressions"}
        | rationales.judged(Completion(text, "eos", 9, 0, 9), "Is it?", "False", Form("boolean"))
        for text in said
    ]
    found = rationales.rates(rows, Form("boolean"))
    expected = {"tagged": 0.25, "wrong": 0.25, "untagged": 0.5, "empty": 0.25}
    assert found == dict.fromkeys(found, 0) | expected | {"stated_without_tag": 0.25}
