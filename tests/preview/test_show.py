"""The preview of a random model with a chat template, and its rates on made answers."""

import json

import pytest
from chat_model import TEMPLATES, save_chat_model
from tiny_model import ENGINE, PROMPTS, call

from arte.core import gates, io
from arte.core.forms import Form
from arte.core.prompts import Prompt
from arte.data.tables import EXEMPLARS, ITEMS
from arte.engine.contract import Completion
from arte.preview import show

SUBTASK = "sports_understanding"
CFG = {
    "subtasks": [SUBTASK],
    "seed": 0,
    "engine": ENGINE | {"chat": {"chat": "on"}},
    "calls": 3,
    "techniques": ["steps", "direct"],
    "seed_questions": 3,
    "questions_per_call": 5,
    "question_temperature": 1.0,
    "question_max_tokens": 4,
    "rationale_max_tokens": 4,
    "tag_stated_answers": False,
    "max_tokens": 4,
}
LIMITS = {"calls": 2, "questions": 0.1, "tagged": 0.25, "cut_off": 0.75, "answers": 0.1}


def table(tmp_path, name, schema, rows):
    common = {"subtask": SUBTASK, "task": SUBTASK, "category": "c", "answer": "no"}
    full = [common | row for row in rows]
    kept = [{key: row[key] for key in schema.columns} for row in full]
    io.write_table(schema.frame(kept), tmp_path / name, schema, {})
    return tmp_path / name


def run(monkeypatch, tmp_path, use, model, **files):
    items = [{"item_id": f"i{i}", "question": f"Bo ran {i}."} for i in range(3)]
    shown = [{"exemplar_id": i, "question": f"Cy {i}.", "rationale": "It is."} for i in range(3)]
    files |= {
        "prompts": PROMPTS,
        "model": model,
        "journal": tmp_path / "journal",
        "validation": table(tmp_path, "items", ITEMS, items),
        "exemplars": table(tmp_path, "exemplars", EXEMPLARS, shown),
        "output": tmp_path / f"{use}.txt",
        "output_rates": tmp_path / f"{use}.json",
    }
    call(show.main.__wrapped__, monkeypatch, use, cfg=CFG, **({"drafts": []} | files))
    return files["output"].read_text(), io.read_json(files["output_rates"])


def test_each_use_shows_its_prompts_with_marks_and_its_shares(monkeypatch, tmp_path):
    monkeypatch.setenv(gates.LIMITS, json.dumps(LIMITS))
    model = save_chat_model(tmp_path / "model", TEMPLATES["default_system"])
    text, found = run(monkeypatch, tmp_path, "questions", model)
    assert "<turn>user\nsports understanding is a task" in text
    assert text.count("--- prompt (questions) ---") == 3
    assert found["rates"][SUBTASK] == {"questions": 0, "no question tag": 0.2}
    assert f"{SUBTASK}: questions 0.00, gates.questions is 0.1" in text
    text, found = run(monkeypatch, tmp_path, "rationales", model)
    assert "<turn>system\nYou are an expert in sports." in text
    assert "<turn>assistant\nLet's think step by step." in text
    assert [text.count(f"--- prompt ({k}) ---") for k in ("steps", "direct", "naive")] == [1, 1, 1]
    assert set(found["drafts"][SUBTASK]) == {"steps", "direct"}
    drafts = tmp_path / "rationales.json"
    text, found = run(monkeypatch, tmp_path, "answers", model, drafts=[drafts])
    rates = found["rates"][SUBTASK]
    assert {"right after exemplar", "right after steps", "spread"} <= set(rates)
    assert rates["tagged"] == 0
    assert "gates.answers is 0.1" in text


def asked(kind, fate):
    judged = {"fate": fate, "rationale": ""}
    return show.Asked(kind, Prompt.of("q"), Completion("", "eos", 1, 0, 1), judged)


def test_the_student_is_shown_drafts_as_a_run_keeps_them():
    """With an answer tagged here: the student copies the tag, or writes none."""
    item = {"question": "Did Bo run?", "answer": "no"}
    pairs = [(kind, item) for kind in ("steps", show.NAIVE) for _ in range(2)]
    found = [Completion(text, "eos", 1, 0, 1) for text in ("No", "Yes", "So\nno.", "no")]
    rows = list(show._judged(pairs, [Prompt.of("q")] * 4, found, Form("yesno"), tag=True))
    assert show._first_drafts([rows[0], rows[2], rows[1], rows[3]]) == {"steps": "<ans>No</ans>"}


def test_shares_are_of_all_answers_and_right_ones_of_each_kind():
    rows = [asked("steps", "right"), asked("steps", "wrong"), asked("naive", "untagged")]
    rates = show._rates([*rows, asked("naive", "cut_off")], Form("yesno"))
    assert [rates[name] for name in ("tagged", "right", "untagged")] == [0.5, 0.25, 0.25]
    assert (rates["right after steps"], rates["right after naive"]) == (0.5, 0)


@pytest.mark.parametrize(
    ("rates", "word"),
    [
        ({"tagged": 0.25, "cut_off": 0.75}, "fails no limit"),
        ({"tagged": 0.24, "cut_off": 0}, "tagged 0.24, gates.tagged is 0.25"),
        ({"tagged": 1, "cut_off": 0.8}, "cut_off 0.80, gates.cut_off is 0.75"),
    ],
)
def test_the_verdict_names_the_limits_that_would_stop_a_run(rates, word):
    assert show.verdict("rationales", {SUBTASK: rates}, {}).endswith("fails no limit =====")
    assert word in show.verdict("rationales", {SUBTASK: rates}, LIMITS)
