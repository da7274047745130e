"""Out-of-domain benchmarks: rows of the published schemas, splits, exemplars."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from declared import OOD, declares

from arte.core import io
from arte.core.errors import ArteError
from arte.core.parse import extract, is_correct
from arte.data import hub_files, ood
from arte.data.tables import EXEMPLARS, ITEMS
from arte.tasks.items import rationale

ROOT = Path(__file__).parents[2]
GSM8K = ROOT.parent / "shared/data/gsm8k/test.jsonl"

PIQA = {"goal": "Open it.", "sol1": "Push\n hard", "sol2": "Pull", "label": 1}
CSQA = {
    "id": "x",
    "question": "Where is it?",
    "question_concept": "it",
    "choices": {"label": ["A", "B", "C", "D", "E"], "text": ["v", "w", "x", "y", "z"]},
    "answerKey": "E",
}
ARC = {
    "id": "x",
    "question": "Which one?",
    "choices": {"text": ["p", "q", "r"], "label": ["1", "2", "3"]},
    "answerKey": "2",
}
SUM = {"question": "How many? ", "answer": "He has 1+2=<<1+2=3>>3 tons\nIn kg 3,000\n#### 3,000"}
CFG = declares("gsm8k") | {"test_items": 4, "validation_items": 3, "seed": 0}


@pytest.fixture
def raw(tmp_path):
    write(tmp_path, "test", [row(i) for i in range(10)])
    write(tmp_path, "train", [row(i) for i in range(8, 20)])
    return str(tmp_path)


def row(number):
    return {"question": f"What is {number} + 1?", "answer": f"One more.\n#### {number + 1}"}


def write(folder, split, rows):
    hub_files.write_rows(rows, Path(folder, f"{split}-0.json"))


@pytest.mark.parametrize(
    ("subtask", "published", "question", "answer"),
    [
        ("piqa", PIQA, "Open it.\nOptions:\n(A) Push hard\n(B) Pull", "(B)"),
        (
            "commonsense_qa",
            CSQA,
            "Where is it?\nOptions:\n(A) v\n(B) w\n(C) x\n(D) y\n(E) z",
            "(E)",
        ),
        ("arc_easy", ARC, "Which one?\nOptions:\n(A) p\n(B) q\n(C) r", "(B)"),
        ("gsm8k", SUM, "How many?", "3000"),
    ],
)
def test_a_published_row_becomes_an_item(subtask, published, question, answer):
    item = ood.READERS[subtask](published)
    assert (item.question, item.answer) == (question, answer)


def test_a_solution_loses_its_calculator_marks_and_ends_in_a_tagged_answer():
    item = ood.read_gsm8k(SUM)
    text = "He has 1+2=3 tons\nIn kg 3,000. So the answer is <ans>3000</ans>"
    assert rationale(item) == text
    assert rationale(ood.read_piqa(PIQA)) == "So the answer is <ans>(B)</ans>"


@pytest.mark.parametrize(
    ("subtask", "published", "reason"),
    [
        ("piqa", PIQA | {"label": -1}, "label neither"),
        ("piqa", PIQA | {"label": True}, "label neither"),
        ("piqa", PIQA | {"goal": " "}, "no question"),
        ("piqa", PIQA | {"sol1": ""}, "options"),
        ("arc_easy", ARC | {"answerKey": "B"}, "answerKey"),
        ("arc_easy", ARC | {"choices": {"text": ["p"], "label": ["1", "2"]}}, "choices"),
        ("arc_easy", ARC | {"choices": {"text": ["q"], "label": ["2"]}}, "options"),
        ("commonsense_qa", CSQA | {"answerKey": ""}, "answerKey"),
        ("commonsense_qa", {"question": "Where?"}, "choices"),
        ("gsm8k", SUM | {"answer": "3"}, "integer"),
        ("gsm8k", SUM | {"answer": "#### 1.5"}, "integer"),
        ("gsm8k", SUM | {"question": None}, "no question"),
    ],
)
def test_a_malformed_row_has_a_reason(subtask, published, reason):
    assert reason in ood.READERS[subtask](published)


def test_malformed_rows_are_counted_and_named(tmp_path):
    write(tmp_path, "test", [row(1), {"question": "?"}, row(2), 7])
    items, report = ood.read_items("gsm8k", str(tmp_path), "test")
    assert len(items) == 2
    assert report["rows"] == 4
    assert report["malformed"] == {'no integer after "####"': 1, "no fields": 1}
    assert "test-0.json row 2: no integer" in report["malformed_rows"][0]


def test_a_row_with_half_a_character_is_malformed(tmp_path):
    rows = [row(1), row(2) | {"question": "moon \ud83c?"}, row(3)]
    (tmp_path / "test-0.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="ascii")
    hub_files.record_file(tmp_path / "test-0.jsonl")
    items, report = ood.read_items("gsm8k", str(tmp_path), "test")
    assert (len(items), report["malformed"]) == (2, {"half a character": 1})


def test_a_file_of_another_benchmark_is_an_error_that_names_file_and_row(tmp_path):
    write(tmp_path, "test", [PIQA])
    with pytest.raises(ArteError, match=r"test-0\.json row 1: no question"):
        ood.read_items("gsm8k", str(tmp_path), "test")


def test_splits_have_the_asked_sizes_and_share_no_question(raw):
    test, validation, shown, report = ood.prepare(CFG, raw)
    assert (test.height, validation.height, shown.height) == (4, 3, 3)
    tested = {row(i)["question"] for i in range(10)}
    trained = [*validation["question"], *shown["question"]]
    assert set(test["question"]) <= tested
    assert len(set(trained) - tested) == 6
    assert report["train"]["also_in_test"] == 2


def test_zero_test_items_takes_all(raw):
    assert ood.prepare(CFG | {"test_items": 0}, raw)[0].height == 10


def test_a_larger_draw_contains_the_smaller_and_keeps_the_exemplars(raw):
    small, large = (ood.prepare(CFG | {"validation_items": n}, raw) for n in (2, 5))
    assert set(small[1]["item_id"]) < set(large[1]["item_id"])
    assert small[2].equals(large[2])
    assert not small[2].equals(ood.prepare(CFG | {"seed": 1}, raw)[2])


def test_repeated_training_questions_are_left_out(raw):
    write(raw, "train", [row(i) for i in (20, 21, 20, 22, 23, 24, 25)])
    report = ood.prepare(CFG, raw)[3]
    assert report["train"]["repeated"] == 1


def test_too_few_training_rows_is_an_error(raw):
    with pytest.raises(ArteError, match="10 usable training rows"):
        ood.prepare(CFG | {"validation_items": 8}, raw)


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "arte.data.ood", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT / "workflow/scripts"), "PATH": ""},
    )


def test_prepare_writes_tables_and_report(raw, tmp_path):
    names = ("items", "validation", "exemplars", "report")
    outputs = [f"--output-{name}={tmp_path / name}" for name in names]
    done = run("prepare", "--cfg", json.dumps(CFG), "--raw", raw, *outputs)
    assert done.returncode == 0, done.stderr
    schemas = (ITEMS, ITEMS, EXEMPLARS)
    tables = [io.read_table(tmp_path / n, s) for n, s in zip(names, schemas, strict=False)]
    assert [table.height for table in tables] == [4, 3, 3]
    assert io.read_json(tmp_path / "report")["test"]["rows"] == 10


def test_a_bbh_subtask_ends_with_a_message(raw, tmp_path):
    cfg = json.dumps(CFG | {"subtask": "navigate"})
    done = run("fetch", "--cfg", cfg, "--output-raw", raw, "--pins", "none")
    assert done.returncode == 1
    assert "found: 'navigate'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not GSM8K.is_file(), reason="no copy of GSM8K beside the repository")
def test_every_row_of_the_published_gsm8k_test_is_read(tmp_path):
    (tmp_path / "test-0.jsonl").write_bytes(GSM8K.read_bytes())
    hub_files.record_file(tmp_path / "test-0.jsonl")
    items, report = ood.read_items("gsm8k", str(tmp_path), "test")
    assert (report["rows"], report["malformed"]) == (1319, {})
    for item in items:
        text = rationale(item)
        assert not re.search("<<|>>|####", text)
        found = extract(text, OOD["gsm8k"].answer_type)
        assert found.tagged
        assert is_correct(found.strict, item.answer, OOD["gsm8k"].answer_type)
