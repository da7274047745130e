"""Splitting the public files into the data tables."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from declared import SUBTASKS, declares

from arte.core import io
from arte.core.errors import ArteError
from arte.core.parse import extract, is_correct, parse_questions
from arte.core.prompts import tagged_question
from arte.data import bbh
from arte.data.tables import EXEMPLARS, ITEMS

ROOT = Path(__file__).parents[2]
PUBLIC = ROOT.parent / "shared/data/bbh"
needs_public = pytest.mark.skipif(
    not PUBLIC.is_dir(), reason="no copy of public BBH beside the repository"
)

CFG = declares("navigate") | {"test_items": 5, "validation_items": 3, "seed": 0}
EXAMPLES = [(f"Walk {i} steps. Back?\nOptions:\n- Yes\n- No", "No") for i in range(12)]
COT = (
    "canary GUID 0\n-----\nNavigate.\n\n"
    "Q: Stay. Back?\nA: Let's think step by step.\n(0, 0)\n\nis it. So the answer is Yes.\n\n"
    "Q: Go. Back?\nA: Let's think step by step. Away. So the answer is No.\n\n"
    "Q: Run. Back?\nA: Let's think step by step.\nAway. So the answer is No."
)


@pytest.fixture
def raw(tmp_path):
    return write(tmp_path / "navigate.json", EXAMPLES)


@pytest.fixture
def cot(tmp_path):
    (tmp_path / "navigate.txt").write_text(COT)
    return str(tmp_path / "navigate.txt")


def write(path, examples):
    examples = [{"input": question, "target": answer} for question, answer in examples]
    io.write_json({"canary": "GUID", "examples": examples}, path)
    return str(path)


def test_test_and_validation_items_are_disjoint_and_of_the_asked_size(raw):
    test, validation = bbh.prepare(CFG, raw)
    assert (test.height, validation.height) == (5, 3)
    assert not set(test["item_id"]) & set(validation["item_id"])


def test_zero_test_items_takes_all_that_are_left(raw):
    assert bbh.prepare(CFG | {"test_items": 0}, raw)[0].height == 9


def test_half_a_character_names_the_file_and_the_example(tmp_path):
    raw = tmp_path / "a.json"
    examples = [{"input": "a?", "target": "Yes"}, {"input": "b \ud800?", "target": "No"}]
    raw.write_text(json.dumps({"examples": examples}), encoding="ascii")
    with pytest.raises(ArteError, match=r"(?s)U\+D800, in example 2.*a\.json"):
        bbh.read_examples(str(raw))


def test_a_larger_draw_contains_the_smaller(raw):
    small, large = (
        set(bbh.prepare(CFG | {"validation_items": n}, raw)[1]["item_id"]) for n in (3, 6)
    )
    assert small < large


def test_the_seed_decides_the_draw(raw):
    drawn = [bbh.prepare(CFG | {"seed": seed}, raw)[1]["item_id"].sort() for seed in (0, 0, 1)]
    assert drawn[0].equals(drawn[1])
    assert not drawn[0].equals(drawn[2])


def test_a_repeated_question_is_never_held_out(tmp_path):
    raw = write(tmp_path / "a.json", [("a?", "Yes"), ("A?", "No"), ("b?", "No")])
    test, validation = bbh.prepare(CFG | {"validation_items": 1, "test_items": 0}, raw)
    assert validation["question"].to_list() == ["b?"]
    assert test.height == 2


def test_too_few_items_to_hold_out(raw):
    with pytest.raises(ArteError, match="12 of 12"):
        bbh.prepare(CFG | {"validation_items": 12}, raw)


def test_exact_repeats_get_numbered_ids():
    ids = bbh.items(SUBTASKS["navigate"], [("a", "Yes"), ("a", "Yes"), ("a", "No"), ("a", "Yes")])[
        "item_id"
    ]
    first = io.digest(["navigate", "a", "Yes"])
    assert [ids[0], ids[1], ids[3]] == [first, f"{first}-1", f"{first}-2"]
    assert ids.n_unique() == 4


@pytest.mark.parametrize(
    "content",
    [b"[]", b'{"examples": []}', b'{"examples": ["a"]}', b'{"examples": [{"input": "a"}]}']
    + [b'{"examples": [{"input": "a", "target": 1}]}', b'{"examples": [', b"\xff"],
)
def test_a_file_of_another_shape_is_named(content, tmp_path):
    path = tmp_path / "odd.json"
    path.write_bytes(content)
    with pytest.raises(ArteError, match=r"odd\.json"):
        bbh.read_examples(str(path))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ArteError, match=r"none\.json"):
        bbh.read_examples(str(tmp_path / "none.json"))
    with pytest.raises(ArteError, match=r"none\.txt"):
        bbh.read_exemplars(SUBTASKS["navigate"], str(tmp_path / "none.txt"))


def test_exemplars_keep_their_text_and_get_a_tagged_answer(cot):
    rows = bbh.read_exemplars(SUBTASKS["navigate"], cot).rows(named=True)
    assert [row["answer"] for row in rows] == ["Yes", "No", "No"]
    assert rows[0]["question"] == "Stay. Back?"
    assert rows[0]["rationale"] == "(0, 0)\n\nis it. So the answer is <ans>Yes</ans>."
    assert "canary" not in str(rows)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [("Q: Run", "Run", "2 exemplars"), ("the answer is Yes", "Yes", "Q 1 without")]
    + [("Away. So the answer is No.\n", "So the answer is maybe.\n", "Q 2 without")],
)
def test_other_than_three_good_exemplars_is_an_error(old, new, found, tmp_path):
    (tmp_path / "odd.txt").write_text(COT.replace(old, new))
    with pytest.raises(ArteError, match=rf"found: {found}[^$]*odd\.txt"):
        bbh.read_exemplars(SUBTASKS["navigate"], str(tmp_path / "odd.txt"))


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "arte.data.bbh", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT / "workflow/scripts"), "PATH": ""},
    )


def test_prepare_writes_the_three_tables(raw, cot, tmp_path):
    names = ("items", "validation", "exemplars")
    outputs = [
        part for name in names for part in (f"--output-{name}", str(tmp_path / f"{name}.parquet"))
    ]
    done = run("split", "--cfg", json.dumps(CFG), "--raw", raw, "--cot", cot, *outputs)
    assert done.returncode == 0, done.stderr
    sizes = [
        io.read_table(tmp_path / f"{name}.parquet", schema).height
        for name, schema in zip(names, (ITEMS, ITEMS, EXEMPLARS), strict=True)
    ]
    assert sizes == [5, 3, 3]


@needs_public
def test_all_public_files_can_be_prepared():
    for subtask, kind in SUBTASKS.items():
        raw = str(PUBLIC / f"{subtask}.json")
        cfg = declares(subtask) | {"test_items": 0, "validation_items": 40, "seed": 0}
        test, validation = bbh.prepare(cfg, raw)
        assert pl.concat([test, validation])["item_id"].n_unique() == len(bbh.read_examples(raw))
        exemplars = bbh.read_exemplars(kind, str(PUBLIC / f"cot-prompts/{subtask}.txt"))
        bbh.refuse_overlap(pl.concat([test, validation]), exemplars["question"], subtask)
        for row in exemplars.rows(named=True):
            answer = extract(row["rationale"], kind.answer_type).strict
            assert is_correct(answer, row["answer"], kind.answer_type)


@needs_public
def test_public_items_survive_the_question_format():
    for subtask, kind in SUBTASKS.items():
        for question, answer in bbh.read_examples(str(PUBLIC / f"{subtask}.json")):
            pairs, dropped = parse_questions(tagged_question(1, question, answer), kind.answer_type)
            lettered = kind.answer_type.kind != "option" or answer[0] == "("
            assert pairs == ([(question.strip(), answer)] if lettered else []), (subtask, dropped)
