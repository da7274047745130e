"""Answers to all validation items; the drafts are those of test_score."""

from prefer.scorers.test_icl import SUBTASK, rationales
from tiny_model import ENGINE, PROMPTS, call, save_tiny_llama

from arte.core import io
from arte.data.tables import ITEMS
from arte.elicit.tables import RATIONALES
from arte.prefer import consistency_outputs
from arte.prefer.tables.outputs import SCORE_OUTPUTS


def items(n):
    fixed = {"subtask": SUBTASK, "task": SUBTASK, "category": "BBH-Logic", "answer": "No"}
    return ITEMS.frame([{**fixed, "item_id": f"i{k}", "question": f"{k}?"} for k in range(n)])


def test_the_first_questions_keep_all_their_rationales():
    drafts = consistency_outputs.first_drafts(rationales(), 1)
    assert drafts.select("question_id", "rationale_id").rows() == [("q0", 0), ("q0", 1)]


def test_fewer_questions_than_asked_for_are_all_taken():
    assert consistency_outputs.first_drafts(rationales(), 9).height == 4


def test_every_chosen_rationale_answers_every_validation_item_once(tmp_path, monkeypatch):
    io.write_table(rationales(), tmp_path / "rationales.parquet", RATIONALES, {})
    io.write_table(items(5), tmp_path / "validation.parquet", ITEMS, {})
    model = save_tiny_llama(tmp_path / "model")
    for generated in (10, 0):
        call(
            consistency_outputs.main,
            monkeypatch,
            cfg={
                "subtasks": [SUBTASK],
                "consistency_questions": 1,
                "engine": ENGINE,
                "max_tokens": 4,
            },
            rationales=tmp_path / "rationales.parquet",
            validation=tmp_path / "validation.parquet",
            prompts=PROMPTS,
            model=model,
            journal=tmp_path / "journal",
            output_stats=tmp_path / "stats.json",
            output=tmp_path / "outputs.parquet",
        )
        outputs = io.read_table(tmp_path / "outputs.parquet", SCORE_OUTPUTS)
        assert outputs.height == 10
        assert set(outputs["question_id"]) == {"q0"}
        assert io.read_json(tmp_path / "stats.json")["generated"] == generated
