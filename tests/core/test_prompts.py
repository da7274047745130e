import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_model import PROMPTS

from arte.core.errors import ArteError
from arte.core.prompts import LEAD, NAIVE, Prompts, fill, tagged_question

texts = st.text(alphabet=st.one_of(st.sampled_from("{}question<>/\\$%\n"), st.characters()))


@pytest.fixture
def prompts():
    return Prompts(PROMPTS)


@given(texts, texts)
def test_filled_slots_survive_braces(one, two):
    assert fill("a {x} b {y} c {x}", x=one, y=two) == f"a {one} b {two} c {one}"


@given(texts)
def test_model_text_arrives_in_every_prompt_as_it_is(text):
    prompts = Prompts(PROMPTS)
    held = "{question} {examples} {seeds} {description}" + text
    assert held in prompts.student("navigate", [(held, "r")], "q")
    assert f"Question: q\n{LEAD} {held}\n" in prompts.student("navigate", [("q", held)], "q")
    assert prompts.student("navigate", [], held).endswith(f"Question: {held}\n{LEAD}")
    assert prompts.rationale("navigate", NAIVE, held).endswith(f"Question: {held}\n{LEAD}")
    assert f"Question: {held}\n" in prompts.rationale("navigate", "steps", held)
    assert tagged_question(1, held, held) in prompts.question("navigate", [(held, held)])


def test_seeds_are_numbered_in_the_format_that_is_asked_for(prompts):
    text = prompts.question("navigate", [("one?", "Yes"), ("two?", "No")], n_questions=7)
    assert "<Question_2><input>two?</input><target>No</target></Question_2>" in text
    assert "Here are 2 example questions" in text
    assert "Brainstorm 7 more" in text


def test_every_number_of_examples_is_kept_in_order(prompts):
    text = prompts.student("navigate", [("one", "r1"), ("two", "r2")], "three")
    assert re.findall(r"Question: (\w+)", text) == ["one", "two", "three"]


def test_naive_and_student_prompts_end_where_a_rationale_begins(prompts):
    assert prompts.rationale("navigate", NAIVE, "q").endswith(LEAD)
    assert prompts.student("navigate", [], "q").endswith(LEAD)


def test_a_missing_prompt_file_is_named(prompts):
    with pytest.raises(ArteError, match=r"tasks_unknown/task\.yaml"):
        prompts.student("tasks_unknown", [], "q")


def test_a_subtask_s_folder_may_lie_elsewhere(tmp_path):
    folder = tmp_path / "coin_flip"
    folder.mkdir()
    (folder / "task.yaml").write_text(
        "name: coin_flip\ncategory: Mine\nanswer: yesno\ndescription: Heads or tails.\n"
    )
    (folder / "steps.md").write_text("Step by step.\n")
    prompts = Prompts([str(PROMPTS), str(folder)])
    assert "Heads or tails." in prompts.student("coin_flip", [], "q")
    assert prompts.rationale("coin_flip", "steps", "q").startswith("Step by step.\n")
    assert prompts.task("coin_flip").answer_type.kind == "yesno"
    assert prompts.student("navigate", [], "q") == Prompts(PROMPTS).student("navigate", [], "q")
