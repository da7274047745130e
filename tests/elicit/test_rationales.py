import pytest
from tiny_model import ENGINE, PROMPTS, call, save_tiny_llama

from arte.core import io
from arte.elicit import rationales
from arte.elicit.tables import QUESTIONS, RATIONALES


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (" Not True is False. So <ans>False</ans>", "Not True is False. So <ans>False</ans>"),
        ("\nLet's think step by step. It is so.", "It is so."),
        ("Answer: Let's think step by step.\n1. Look.", "1. Look."),
        ("It is so.\nQuestion: and this?", "It is so."),
        ("It is so.\nAnswer: no", "It is so."),
        ("Question: and this?", ""),
        ("The Question: is easy.", "The Question: is easy."),
        ("", ""),
    ],
)
def test_a_rationale_is_what_follows_the_lead_up_to_the_next_turn(output, expected):
    assert rationales.clean_rationale(output) == expected


def test_a_rationale_agrees_with_the_target_by_its_tag_only():
    assert rationales.judged("So <ans>false</ans>", "False", "boolean")["correct"]
    untagged = rationales.judged("So the answer is False.", "False", "boolean")
    assert untagged["answer_pred"] is None
    assert not untagged["correct"]


SHORT_RATIONALES = {
    "subtasks": ["boolean_expressions"],
    "seed": 0,
    "engine": ENGINE,
    "techniques": ["steps", "naive"],
    "rationale_temperature": 0.0,
    "rationale_max_tokens": 6,
}


def test_every_question_gets_one_rationale_per_technique(tmp_path, monkeypatch):
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
    files = {
        "questions": tmp_path / "questions.parquet",
        "prompts": PROMPTS,
        "model": save_tiny_llama(tmp_path / "model"),
        "journal": tmp_path / "journal",
        "output": tmp_path / "rationales.parquet",
        "stats": tmp_path / "stats.json",
    }
    call(rationales.main, monkeypatch, cfg=SHORT_RATIONALES, **files)
    table = io.read_table(tmp_path / "rationales.parquet", RATIONALES)
    assert table.select("question_id", "rationale_id", "technique").rows() == [
        ("000-00", 0, "steps"),
        ("000-00", 1, "naive"),
        ("000-01", 0, "steps"),
        ("000-01", 1, "naive"),
    ]
    stats = io.read_json(tmp_path / "stats.json")
    assert stats["counts"]["boolean_expressions"]["no_tag"] == 4
    first = (tmp_path / "rationales.parquet").read_bytes()
    call(rationales.main, monkeypatch, cfg=SHORT_RATIONALES, **files)
    assert (tmp_path / "rationales.parquet").read_bytes() == first
    assert io.read_json(tmp_path / "stats.json")["generated"] == 0
