"""Prompts in the turns of chat templates, against `apply_chat_template` itself."""

import pytest
from chat_model import HAVE_SYSTEM, NO_SYSTEM, TEMPLATES, THINKING, chat_tokenizer
from hypothesis import given
from hypothesis import strategies as st
from tiny_model import PROMPTS

from arte.core.errors import ArteError
from arte.core.prompts import Prompt, Prompts
from arte.models.chat import Rendering

OPENING = "Let's think step by step."
FAMILIES = pytest.mark.parametrize("name", TEMPLATES)


def rendering(template, **cfg):
    return Rendering(chat_tokenizer(template), {"chat": "on"} | cfg, where="the model")


def user(text):
    return {"role": "user", "content": text}


def assistant(text):
    return {"role": "assistant", "content": text}


def shown(template, turns, **form):
    form = {"add_generation_prompt": turns[-1]["role"] == "user"} | form
    form.setdefault("continue_final_message", turns[-1]["role"] == "assistant")
    return chat_tokenizer(template).apply_chat_template(turns, return_dict=False, **form)


@FAMILIES
def test_a_technique_is_a_system_prompt_where_there_is_such_a_role(name):
    prompt = Prompts(PROMPTS).rationale("navigate", "steps", "Does he return?")
    technique = (PROMPTS / "navigate" / "steps.md").read_text().strip()
    asked = "Question: Does he return?"
    turns = [user(f"{technique}\n{asked}")]
    if name in HAVE_SYSTEM:
        turns = [{"role": "system", "content": technique}, user(asked)]
    assert rendering(TEMPLATES[name]).ids([prompt]) == [shown(TEMPLATES[name], turns)]


@FAMILIES
def test_the_opening_of_an_answer_is_the_beginning_of_the_assistants_turn(name):
    prompt = Prompts(PROMPTS).student("navigate", [("one?", "So <ans>Yes</ans>.")], "two?")
    text = prompt.removesuffix(f"\nAnswer: {OPENING}")
    assert text != prompt
    expected = shown(TEMPLATES[name], [user(text), assistant(OPENING)])
    assert rendering(TEMPLATES[name]).ids([prompt]) == [expected]


@FAMILIES
def test_a_question_prompt_is_one_turn_without_the_line_break_of_bare_text(name):
    prompt = Prompt.of("Write five.\n")
    assert rendering(TEMPLATES[name]).ids([prompt]) == [
        shown(TEMPLATES[name], [user("Write five.")])
    ]


@FAMILIES
def test_what_is_trained_is_the_conversation_up_to_the_end_of_the_turn(name):
    """Of one row that begins with its opening, and of one that does not."""
    template, form = TEMPLATES[name], rendering(TEMPLATES[name], template_args={})
    rows = [(f"q\nAnswer: {OPENING}", OPENING + " It is."), ("q\nAnswer:", "It is.")]
    for prompt, answer in rows:
        [ids] = form.finished([prompt], [" It is."])
        [head] = form.ids([prompt])
        assert ids[: len(head)] == head
        assert form.tokenizer.convert_ids_to_tokens(ids[-1]) == "<end>"
        assert ids.count(form.end) == len(form.turns(prompt[:1])) + 1 + (name == "default_system")
        if name != "thinking" or OPENING in answer:
            whole = shown(template, [user("q"), assistant(answer)], continue_final_message=False)
            assert whole[: len(ids)] == ids
            assert form.tokenizer.decode(whole[len(ids) :]).strip() == ""


def test_there_is_one_start_token_whether_template_or_tokenizer_puts_it():
    prompt = f"q\nAnswer: {OPENING}"
    bare = Rendering(chat_tokenizer(NO_SYSTEM), None, where="the model")
    for form in (bare, rendering(NO_SYSTEM)):
        [ids] = form.ids([prompt])
        assert [ids[0], ids.count(0)] == [0, 1]
    assert rendering(THINKING).ids([prompt])[0].count(0) == 0  # that template has none


@given(st.text(), st.sampled_from([None, "", "Answer:", f"Answer: {OPENING}"]))
def test_bare_text_is_the_prompt_as_it_is(text, lead):
    prompt, tokenizer = Prompt(text, lead=lead), chat_tokenizer(None)
    assert Prompt.of(str(prompt)) == prompt
    bare = Rendering(tokenizer, {"chat": "auto"}, where="the model")
    assert bare.ids([prompt]) == [tokenizer(str(prompt))["input_ids"]]
    assert bare.finished([prompt], [" so"]) == [tokenizer(f"{prompt} so</s>")["input_ids"]]


def test_arguments_reach_the_template():
    form = rendering(THINKING, template_args={"enable_thinking": False})
    assert form.text("Write.\n").endswith("<turn>assistant\n<think>\n\n</think>\n\n")
    assert rendering(THINKING).text("Write.\n").endswith("<turn>assistant\n")


def test_a_system_text_stands_before_the_technique():
    prompt = Prompt("q", lead="Answer:", system="Be quick.")
    turns = rendering(TEMPLATES["default_system"], system="You are Ada.").turns(prompt)
    assert turns == [{"role": "system", "content": "You are Ada.\n\nBe quick."}, user("q")]


def test_an_answer_goes_on_where_a_model_was_stopped():
    form, prompt = rendering(NO_SYSTEM), Prompt.of(f"q\nAnswer: {OPENING}")
    assert form.text(prompt.followed_by(" So").followed_by(" it")) == form.text(prompt) + " So it"


@pytest.mark.parametrize("name", ["no_system", "silent"])
def test_a_system_text_without_a_system_role_is_refused(name):
    with pytest.raises(ArteError, match="system role"):
        rendering(TEMPLATES[name], system="You are Ada.")


@pytest.mark.parametrize(
    ("template", "cfg", "words"),
    [
        (None, {}, "chat: on"),
        (None, {"chat": "auto", "system": "Be kind."}, "models.<name>.system"),
        (THINKING, {"template_args": {"enable_thinkng": False}}, "enable_thinkng"),
        ("{{ messages[0].content }", {}, "TemplateSyntaxError"),
        ("{{ raise_exception('never') }}", {}, "never"),
        ("{{ messages[0].text.upper() }}", {}, "renders a user turn"),
        ("{{ messages[0].text }}", {}, "shows the user's text"),
    ],
)
def test_what_would_be_rendered_wrongly_is_an_error(template, cfg, words):
    with pytest.raises(ArteError, match=words) as error:
        rendering(template, **cfg)
    assert "the model" in str(error.value)
