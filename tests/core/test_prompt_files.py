"""The prompt files of every subtask: complete, well formed, and free of benchmark text."""

import json
import re
from pathlib import Path

import pytest
from declared import OOD, SUBTASKS

from arte.core.answers import normalize

ROOT = Path(__file__).resolve().parents[2]
PROMPTS = ROOT / "resources" / "prompts"
BBH = ROOT.parent / "shared" / "data" / "bbh"
GSM8K = ROOT.parent / "shared" / "data" / "gsm8k" / "test.jsonl"
KINDS = SUBTASKS | OOD
TECHNIQUES = ("steps", "detailed", "direct", "options")
RUN = 8  # words in a row that count as copied


def read(subtask, name):
    if name == "description":
        return KINDS[subtask].description
    return (PROMPTS / subtask / f"{name}.md").read_text(encoding="utf-8")


def runs(text):
    """Every run of RUN words in `text`, case and punctuation aside."""
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


@pytest.mark.parametrize("name", ["description", *TECHNIQUES])
@pytest.mark.parametrize("subtask", KINDS)
def test_a_file_is_short_and_has_neither_slots_nor_canary(subtask, name):
    text = read(subtask, name)
    assert 1 <= len(text.split()) <= 90
    assert not set("{}") & set(text)
    assert not [word for word in ("canary", "26b5c67b") if word in text.lower()]


@pytest.mark.parametrize("subtask", KINDS)
def test_a_description_is_one_line(subtask):
    assert len(read(subtask, "description").splitlines()) == 1


@pytest.mark.parametrize("technique", TECHNIQUES)
@pytest.mark.parametrize("subtask", KINDS)
def test_a_technique_ends_in_tagged_answers_of_the_task_s_form(subtask, technique):
    last_line = read(subtask, technique).strip().splitlines()[-1]
    answers = re.findall(r"<ans>(.+?)</ans>", last_line)
    assert answers
    assert None not in [normalize(answer, KINDS[subtask].answer_type) for answer in answers]


@pytest.mark.parametrize("subtask", KINDS)
def test_the_third_technique_is_the_description_alone_with_the_reminder_of_tags(subtask):
    text, _, reminder = read(subtask, "direct").partition(" Finish with the final answer in tags")
    assert text == read(subtask, "description")
    assert reminder


@pytest.mark.parametrize("subtask", KINDS)
def test_the_five_files_of_a_subtask_differ(subtask):
    assert len({read(subtask, name) for name in ("description", *TECHNIQUES)}) == 5


def test_folders_are_exactly_the_subtasks_and_benchmarks():
    assert sorted(p.name for p in PROMPTS.iterdir() if p.is_dir()) == sorted(KINDS)


@pytest.mark.skipif(not BBH.is_dir(), reason="needs the published BBH files in ../shared/data/bbh")
def test_no_prompt_shares_eight_words_in_a_row_with_the_benchmark():
    ours = {run: path for path in PROMPTS.rglob("*.*") for run in runs(path.read_text())}
    texts = [path.read_text() for path in sorted(BBH.glob("cot-prompts/*.txt"))]
    for path in sorted(BBH.glob("*.json")):
        texts += [f"{e['input']} {e['target']}" for e in json.loads(path.read_text())["examples"]]
    copied = {run: ours[run] for text in texts for run in runs(text) & ours.keys()}
    assert len(texts) > 6500
    assert copied == {}


@pytest.mark.skipif(not GSM8K.is_file(), reason="needs GSM8K's test file in ../shared/data/gsm8k")
def test_no_prompt_shares_eight_words_in_a_row_with_gsm8k():
    ours = {run for path in PROMPTS.rglob("*.*") for run in runs(path.read_text())}
    rows = [json.loads(line) for line in GSM8K.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 1319
    assert not {run for row in rows for run in runs(f"{row['question']} {row['answer']}")} & ours


def test_the_prompt_of_instruction_sets_asks_for_no_tags_and_ends_in_a_whole_word():
    text = (PROMPTS / "instruction.md").read_text(encoding="utf-8")
    assert "<ans>" not in text
    assert text.endswith("Answer:\n")
