"""Training sets from the public instruction sets' own schemas."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from arte.core import io
from arte.core.errors import ArteError
from arte.core.prompts import Prompts
from arte.data import hub_files
from arte.plan.lengths import own_instructions
from arte.tailor import instructions
from arte.tailor.instructions import READERS, Turn
from arte.tailor.tables import TRAINING_SET
from arte.tailor.training_set import CANARY

ROOT = Path(__file__).parents[2]
PROMPTS = Prompts(ROOT / "resources/prompts")
CFG = {"instructions": "wizardlm", "rows": 4, "max_words": 20, "seed": 0}


def chat(*pairs):
    return {"dataset": "d", "id": "i", "messages": [{"role": r, "content": c} for r, c in pairs]}


def rows(count):
    return [{"instruction": f"Say {i}.", "output": f"{i} ."} for i in range(count)]


@pytest.mark.parametrize(
    ("name", "row", "turn"),
    [
        (
            "gpt4_llm",
            {"instruction": "Add.", "input": "1 2", "output": "3"},
            ("", "Add.\n1 2", "3"),
        ),
        ("gpt4_llm", {"instruction": "Go.", "input": "", "output": " ok "}, ("", "Go.", "ok")),
        ("wizardlm", {"instruction": "Go.", "output": "ok"}, ("", "Go.", "ok")),
        (
            "openorca",
            {"id": "1", "system_prompt": "Think.", "question": "Q?", "response": "A."},
            ("Think.", "Q?", "A."),
        ),
        (
            "openorca",
            {"id": "1", "system_prompt": None, "question": "Q?", "response": "A."},
            ("", "Q?", "A."),
        ),
        ("tulu_v2", chat(("user", "Q?"), ("assistant", "A.")), ("", "Q?", "A.")),
        (
            "tulu_v2",
            chat(
                ("system", "Be kind."),
                ("user", "Q?"),
                ("assistant", "A."),
                ("user", "R?"),
                ("assistant", "B."),
            ),
            ("Be kind.", "Q?", "A."),
        ),
    ],
)
def test_a_published_row_becomes_a_turn(name, row, turn):
    assert READERS[name](row) == Turn(*turn)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("gpt4_llm", {"instruction": "Add.", "input": 3, "output": "3"}),
        ("wizardlm", {"instruction": "Add."}),
        ("openorca", {"question": "Q?", "response": None}),
        ("openorca", {"system_prompt": 1, "question": "Q?", "response": "A."}),
        ("tulu_v2", {"messages": "Q?"}),
        ("tulu_v2", {"messages": [{"role": "user"}]}),
    ],
)
def test_a_row_of_another_schema_has_a_reason(name, row):
    assert READERS[name](row) == "not in the set's columns"


@pytest.mark.parametrize(
    "row", [chat(("assistant", "A.")), chat(("user", "Q?")), chat(("user", "a"), ("user", "b"))]
)
def test_a_conversation_without_a_first_answer_has_a_reason(row):
    assert READERS["tulu_v2"](row) == "no request followed by a response"


@pytest.mark.parametrize(
    ("turn", "reason"),
    [
        (Turn("", "", "a"), "empty request"),
        (Turn("s", "q", ""), "empty response"),
        (Turn("", "q", f"x {CANARY} y"), "benchmark canary"),
        (Turn("a b", "c d", "e"), "longer than max_words"),
        (Turn("a", "c d", "e"), None),
    ],
)
def test_a_turn_is_left_out_for_a_named_reason(turn, reason):
    assert instructions.fault(turn, 4) == reason


def test_every_row_is_drawn_or_accounted_for(tmp_path):
    published = [*rows(6), {"instruction": "Go.", "output": ""}, {"text": "?"}, 3]
    hub_files.write_rows(published, tmp_path / "train-0.json")
    drawn, report = instructions.sample(CFG, str(tmp_path))
    assert len(drawn) == 4
    assert report["skipped"] == {"empty response": 1, "no fields": 1, "not in the set's columns": 1}
    assert (report["rows"], report["usable"], report["drawn"]) == (9, 6, 4)
    assert "train-0.json row 8" in report["malformed_rows"][0]


def test_the_seed_decides_and_a_larger_draw_contains_the_smaller(tmp_path):
    hub_files.write_rows(rows(40), tmp_path / "train-0.json")
    small, same, large, other = (
        {number for number, _ in instructions.sample(CFG | change, str(tmp_path))[0]}
        for change in ({}, {}, {"rows": 20}, {"seed": 1})
    )
    assert small == same
    assert small < large
    assert small != other


def test_too_few_rows_is_an_error_with_the_counts(tmp_path):
    hub_files.write_rows([*rows(3), {"text": "?"}], tmp_path / "train-0.json")
    with pytest.raises(ArteError, match=r"3 of .*'rows': 4.*row 4: not in the set's columns"):
        instructions.sample(CFG, str(tmp_path))


def test_rows_are_numbered_by_their_place_over_all_files(tmp_path):
    hub_files.write_rows(rows(3), tmp_path / "train-0.json")
    hub_files.write_rows(rows(3), tmp_path / "train-1.parquet")
    drawn, _ = instructions.sample(CFG | {"rows": 6}, str(tmp_path))
    table = instructions.training_rows("wizardlm", drawn, PROMPTS)
    assert table["question_id"].to_list() == [f"{i:08d}" for i in range(6)]
    assert set(table["subtask"]) == {"wizardlm"}
    assert set(table["technique"]) == {"instruction"}


def test_a_prompt_has_the_form_of_the_student_s_without_description_or_tags():
    assert PROMPTS.instruction("", "Go {x}.") == "Question: Go {x}.\nAnswer:"
    assert PROMPTS.instruction("Think.", "Go.") == "Think.\nQuestion: Go.\nAnswer:"


def test_prepare_writes_training_set_and_report(tmp_path):
    hub_files.write_rows(rows(9), tmp_path / "train-0.json")
    done = subprocess.run(
        [sys.executable, "-m", "arte.tailor.instructions", "prepare", "--cfg", json.dumps(CFG)]
        + ["--raw", tmp_path, "--prompts", ROOT / "resources/prompts"]
        + ["--output", tmp_path / "set.parquet", "--output-report", tmp_path / "report.json"],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT / "workflow/scripts"), "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
    assert io.read_table(tmp_path / "set.parquet", TRAINING_SET).height == 4
    assert io.read_json(tmp_path / "report.json")["rows"] == 9


OWN = [
    {"instruction": "Go.", "output": "ok"},
    {"system_prompt": "", "question": "Go.", "response": "ok"},
    chat(("user", "Go."), ("assistant", "ok")),
]


@pytest.mark.parametrize("ending", ["json", "jsonl"])
@pytest.mark.parametrize("row", OWN)
def test_a_file_of_ones_own_may_have_the_columns_of_any_public_set(tmp_path, row, ending):
    path = tmp_path / f"my.{ending}"
    path.write_text(json.dumps([row] * 5) if ending == "json" else (json.dumps(row) + "\n") * 5)
    drawn, report = instructions.sample(CFG | {"instructions": "mine"}, str(path))
    assert [turn for _, turn in drawn] == [Turn("", "Go.", "ok")] * 4
    assert report["rows"] == 5
    assert own_instructions(path) == (3, 2)


def test_rows_of_ones_own_that_are_in_no_such_columns_are_named(tmp_path):
    path = tmp_path / "my.jsonl"
    path.write_text('{"text": "?"}\n' * 4)
    with pytest.raises(ArteError, match=r"0 of .*my.jsonl row 1: not in the set's columns"):
        instructions.sample(CFG | {"instructions": "mine"}, str(path))
