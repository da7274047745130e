"""Evaluation of a tiny random student through the real engine."""

import json
import sys
from pathlib import Path

import pytest
import tiny

from arte.core import io
from arte.core.errors import ArteError
from arte.core.forms import Form
from arte.data.tables import EXEMPLARS, ITEMS
from arte.engine.contract import Completion
from arte.evaluate import student as evaluate
from arte.evaluate.tables import PREDICTIONS

PROMPTS = Path(__file__).parents[2] / "resources" / "prompts"
SUBTASKS = {"hyperbaton": "(A)", "boolean_expressions": "True"}
ENGINE = {
    "backend": "transformers",
    "dtype": "float32",
    "max_model_len": 4096,
    "batch_tokens": 8192,
}


def inputs(tmp_path, n=3):
    """Write ITEMS and EXEMPLARS tables per subtask; return their paths in order."""
    items, exemplars = [], []
    for subtask, answer in SUBTASKS.items():
        rows = [
            {
                "subtask": subtask,
                "task": subtask,
                "category": "BBH-CS",
                "item_id": f"{i:03d}",
                "question": f"question {i}",
                "answer": answer,
            }
            for i in range(n)
        ]
        shown = [
            {
                "subtask": subtask,
                "exemplar_id": i,
                "question": f"example {i}",
                "answer": answer,
                "rationale": f"Reason {i}. So the answer is <ans>{answer}</ans>.",
            }
            for i in range(3)
        ]
        items.append(tmp_path / f"{subtask}.items")
        exemplars.append(tmp_path / f"{subtask}.exemplars")
        io.write_table(ITEMS.frame(rows), items[-1], ITEMS, {})
        io.write_table(EXEMPLARS.frame(shown), exemplars[-1], EXEMPLARS, {})
    return items, exemplars


def run(monkeypatch, tmp_path, *, shots=(0, 3), name="out", engine=ENGINE):
    model = tmp_path / "student"
    if not model.exists():
        tiny.save(model)
    items, exemplars = inputs(tmp_path)
    cfg = {"subtasks": list(SUBTASKS), "arm": "vanilla", "seed": 0, "shots": shots}
    cfg |= {"student": "tiny", "max_tokens": 6, "engine": engine}
    outputs = [tmp_path / name / f"{subtask}.parquet" for subtask in SUBTASKS]
    arguments = ["--cfg", json.dumps(cfg), "--prompts", PROMPTS, "--model", model]
    arguments += ["--items", *items, "--exemplars", *exemplars]
    arguments += ["--journal", tmp_path / "journal", "--output", *outputs]
    arguments += ["--output-stats", tmp_path / name / "stats.json"]
    monkeypatch.setattr(sys, "argv", ["evaluate", *map(str, arguments)])
    evaluate.main.__wrapped__()
    tables = [io.read_table(path, PREDICTIONS) for path in outputs]
    return tables, io.read_json(tmp_path / name / "stats.json")


def test_shots_that_do_not_fit_fail_instead_of_counting_as_wrong(monkeypatch, tmp_path):
    short = ENGINE | {"max_model_len": 160}
    with pytest.raises(ArteError, match=r"(?s)max_model_len 160.*subtask hyperbaton"):
        run(monkeypatch, tmp_path, engine=short)
    assert not (tmp_path / "out").exists()


def test_every_item_is_answered_at_every_number_of_shots(monkeypatch, tmp_path):
    tables, stats = run(monkeypatch, tmp_path)
    assert [table["subtask"].unique().to_list() for table in tables] == [[s] for s in SUBTASKS]
    assert all(table.group_by("shots").len()["len"].to_list() == [3, 3] for table in tables)
    assert stats["requests"] == 12


def test_a_second_run_asks_the_model_nothing_and_writes_the_same_bytes(monkeypatch, tmp_path):
    run(monkeypatch, tmp_path)
    _, stats = run(monkeypatch, tmp_path, name="again")
    assert (stats["generated"], stats["model_loads"]) == (0, 0)
    for subtask in SUBTASKS:
        first, second = (tmp_path / name / f"{subtask}.parquet" for name in ("out", "again"))
        assert first.read_bytes() == second.read_bytes()


def test_more_shots_than_exemplars_is_an_error(monkeypatch, tmp_path):
    with pytest.raises(ArteError, match="4 exemplars"):
        run(monkeypatch, tmp_path, shots=(0, 4))


def test_k_shots_show_the_first_k_exemplars(monkeypatch, tmp_path):
    asked = []
    complete = evaluate.Generator.complete

    def spy(self, subtask, prompts, sampling):
        asked.extend(prompts)
        return complete(self, subtask, prompts, sampling)

    monkeypatch.setattr(evaluate.Generator, "complete", spy)
    run(monkeypatch, tmp_path, shots=(0, 2))
    shown = [[f"example {i}" in prompt for i in range(3)] for prompt in asked]
    assert shown == 2 * (3 * [[False, False, False]] + 3 * [[True, True, False]])


@pytest.mark.parametrize(
    ("text", "strict", "lenient", "tagged"),
    [
        ("So the answer is <ans>(A)</ans>", True, True, True),
        ("So the answer is (A).", False, True, False),
        ("I can not say", False, False, False),
        ("So the answer is <ans>(B)</ans>", False, False, True),
    ],
)
def test_strict_needs_the_tag_and_lenient_does_not(text, strict, lenient, tagged):
    item = {"subtask": "hyperbaton", "answer": "(A)"}
    found = evaluate.prediction(item, Completion(text, "stop", 1, 0, 1), Form("option"))
    assert (found["correct"], found["correct_lenient"], found["tagged"]) == (
        strict,
        lenient,
        tagged,
    )
