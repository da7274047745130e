import pytest
from tiny_model import ENGINE, PROMPTS, call, save_tiny_llama

from arte.core import io
from arte.core.forms import Form
from arte.data.tables import EXEMPLARS, ITEMS
from arte.engine.contract import Completion
from arte.prefer import responses as respond
from arte.prefer.tables.responses import RESPONSES

ITEM = {
    "subtask": "sports_understanding",
    "task": "sports_understanding",
    "category": "BBH-CS",
    "item_id": "i",
    "question": "?",
    "answer": "yes",
}


@pytest.mark.parametrize(
    ("text", "predicted", "correct"),
    [
        ("So <ans>Yes</ans>", "yes", True),
        ("So <ans>no</ans>", "no", False),
        ("So the answer is yes.", None, False),
        ("", None, False),
    ],
)
def test_only_a_tagged_gold_answer_is_correct(text, predicted, correct):
    completion = Completion(text, "length", 1, 0, 1)
    row = respond.response(ITEM, completion, Form("yesno"))
    assert (row["answer_pred"], row["correct"]) == (predicted, correct)


@pytest.fixture
def files(tmp_path):
    items = [{**ITEM, "item_id": f"i{n}", "question": "?" * n} for n in range(1, 4)]
    exemplars = [
        {
            "subtask": "sports_understanding",
            "exemplar_id": n,
            "question": "Is it?",
            "answer": "yes",
            "rationale": "It is. So the answer is <ans>yes</ans>.",
        }
        for n in range(2)
    ]
    io.write_table(ITEMS.frame(items), tmp_path / "validation.parquet", ITEMS, {})
    io.write_table(EXEMPLARS.frame(exemplars), tmp_path / "exemplars.parquet", EXEMPLARS, {})
    return {
        "validation": tmp_path / "validation.parquet",
        "exemplars": tmp_path / "exemplars.parquet",
        "prompts": PROMPTS,
        "model": save_tiny_llama(tmp_path / "model"),
        "journal": tmp_path / "journal",
        "output": tmp_path / "responses.parquet",
        "output_stats": tmp_path / "stats.json",
    }


def cfg(shots):
    return {
        "subtasks": ["sports_understanding"],
        "seed": 0,
        "engine": ENGINE,
        "shots": shots,
        "max_tokens": 4,
        "model": "toy",
    }


def test_every_item_is_answered_at_every_number_of_shots(files, monkeypatch):
    call(respond.main, monkeypatch, cfg=cfg([0, 2]), **files)
    table = io.read_table(files["output"], RESPONSES)
    assert table.select("model", "shots", "item_id").rows() == [
        ("toy", shots, f"i{n}") for shots in (0, 2) for n in range(1, 4)
    ]


def test_more_shots_than_exemplars_is_an_error(files, monkeypatch):
    with pytest.raises(SystemExit, match="at least 3 exemplars"):
        call(respond.main, monkeypatch, cfg=cfg([0, 3]), **files)
