"""Miniature instruction sets, checked by a solver that shares no code with the generators."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from declared import OOD, SUBTASKS

from arte.core.errors import ArteError
from arte.data import hub_files
from arte.mini.instructions import SETS, draw
from arte.mini.world import ANIMALS, MATERIALS, TOOLS
from arte.tailor import instructions

ROOT = Path(__file__).parents[2]

WORDS = {
    "Repeat": " ".join,
    "Reverse": lambda words: " ".join(words[::-1]),
    "Count": lambda words: str(len(words)),
}
FACTS = {
    r"Say where the (\w+) is\.": lambda name: TOOLS[name][1],
    r"Say what the (\w+) can do\.": lambda name: TOOLS[name][0],
    r"Say what covers the (\w+)\.": lambda name: ANIMALS[name][0],
    r"Say where the (\w+) lives\.": lambda name: ANIMALS[name][1],
    r"Say what the (\w+) is made of\.": lambda name: MATERIALS[name],
}


def solve(request: str) -> str:
    """The bare answer to an instruction."""
    for pattern, know in FACTS.items():
        if found := re.fullmatch(pattern, request):
            return know(found[1])
    if found := re.fullmatch(r"(Repeat|Reverse|Count) the words\. (.*)", request):
        return WORDS[found[1]](found[2].split())
    if found := re.fullmatch(r"Say the (first|last) word\. (.*)", request):
        return found[2].split()[0 if found[1] == "first" else -1]
    if found := re.fullmatch(r"Say what is left\. Take (\d) from (\d)\.", request):
        return str(int(found[2]) - int(found[1]))
    if found := re.fullmatch(r"Add the numbers\. (\d) (\d)", request):
        return str(int(found[1]) + int(found[2]))
    return " ".join(sorted(re.fullmatch(r"Put the numbers in order\. (.*)", request)[1].split()))


@pytest.mark.parametrize("name", SETS)
def test_every_row_has_the_published_columns_and_can_be_trained_on(name):
    columns = {
        "gpt4_llm": {"instruction", "input", "output"},
        "openorca": {"id", "system_prompt", "question", "response"},
        "tulu_v2": {"dataset", "id", "messages"},
        "wizardlm": {"instruction", "output"},
    }
    for row in draw(name, 200, seed=0):
        assert set(row) == columns[name]
        assert instructions.fault(instructions.READERS[name](row), 60) is None
        assert "<ans>" not in json.dumps(row)


def test_short_answers_are_right():
    for row in draw("gpt4_llm", 300, seed=0):
        request = f"{row['instruction']} {row['input']}".strip()
        assert row["output"] == f"{solve(request)} ."


def test_answers_after_a_reason_are_right():
    for row in draw("openorca", 300, seed=0):
        assert row["response"].endswith(f" So we say {solve(row['question'])} .")
        assert len(row["response"].split()) >= 8


def test_answers_to_demands_are_right_and_meet_them():
    met = {
        " Begin with the word well.": lambda answer: rf"well {answer} \.",
        " End with the word done.": lambda answer: rf"{answer} done \.",
        " Say it twice.": lambda answer: rf"{answer} , {answer} \.",
        " Give a reason first.": lambda answer: rf"\w.* \. {answer} \.",
    }
    seen = set()
    for row in draw("wizardlm", 300, seed=0):
        (demand,) = [text for text in met if row["instruction"].endswith(text)]
        answer = re.escape(solve(row["instruction"].removesuffix(demand)))
        assert re.fullmatch(met[demand](answer), row["output"])
        seen.add(demand)
    assert seen == set(met)


def test_conversations_mix_lengths_system_texts_and_right_answers():
    shapes = set()
    for row in draw("tulu_v2", 300, seed=0):
        messages = row["messages"]
        roles = [message["role"] for message in messages]
        shapes.add("".join(role[0] for role in roles))
        turns = [message["content"] for message in messages if message["role"] != "system"]
        for request, response in zip(turns[::2], turns[1::2], strict=True):
            assert f". {response}".endswith(f". {solve(request)} .")
    assert shapes == {"ua", "uaua", "sua", "suaua"}


@pytest.mark.parametrize("name", SETS)
def test_a_draw_is_repeatable_distinct_and_extends(name):
    rows = draw(name, 100, seed=3)
    assert rows[:30] == draw(name, 30, seed=3)
    assert len({json.dumps(row) for row in rows}) == 100
    assert rows != draw(name, 100, seed=4)


def test_sets_are_no_benchmarks():
    assert not set(SETS) & (set(SUBTASKS) | set(OOD))
    assert set(SETS) == set(instructions.READERS)


def test_impossible_draws_are_errors():
    with pytest.raises(ArteError, match="'alpaca'"):
        draw("alpaca", 1, seed=0)


@pytest.mark.parametrize("name", SETS)
def test_written_files_go_through_the_preparation_of_the_published_ones(name, tmp_path):
    cfg = json.dumps({"instructions": name, "rows": 40, "seed": 0})
    done = subprocess.run(
        [sys.executable, "-m", "arte.mini.instructions", "--cfg", cfg, "--output-raw", tmp_path],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT / "workflow/scripts"), "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
    assert len(list(hub_files.read_rows(str(tmp_path), "train"))) == 40
    wanted = {"instructions": name, "rows": 25, "max_words": 60, "seed": 0}
    drawn, report = instructions.sample(wanted, str(tmp_path))
    assert len(drawn) == 25
    assert report["skipped"] == {}
