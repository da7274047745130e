"""Which uses of a model are asked by its chat template, as a user writes it in YAML."""

import pytest
import yaml
from configs import DEFAULT, at, merged, refusals

from arte.config.chat import chat
from arte.config.check import checked

FOLDER = {"source": "folder", "path": "here", "license": "mit", "gpus": 0}
USES = ("questions", "rationales", "answers")


def model(text):
    return {**FOLDER, **yaml.safe_load(text)}


def changed(text, role="teacher"):
    return at("models.mine", model(text)) | at(f"roles.{role}", "mine")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", ["auto", "auto", None]),
        ("chat: auto", ["auto", "auto", None]),
        ("chat: on", ["on", "on", "on"]),
        ("chat: off", [None, None, None]),
        ("chat: {questions: off, rationales: on}", [None, "on", None]),
        ("chat: {answers: on}", ["auto", "auto", "on"]),
    ],
)
def test_each_use_has_its_word(text, words):
    ready = checked(merged(DEFAULT, changed(text)))["models"]["mine"]
    found = [chat(ready, use).get("chat", {}).get("chat") for use in USES]
    assert found == words


def test_texts_for_the_template_come_with_it():
    text = "{system: Be kind., template_args: {enable_thinking: false}}"
    ready = checked(merged(DEFAULT, changed(text)))["models"]["mine"]
    texts = {"system": "Be kind.", "template_args": {"enable_thinking": False}}
    assert chat(ready, "rationales") == {"chat": {"chat": "auto", **texts}}
    assert chat(ready, "answers") == {}


def test_nano_models_have_no_template():
    assert not any(chat(DEFAULT["models"]["nano_teacher"], use) for use in USES)


@pytest.mark.parametrize(
    ("text", "role"),
    [("{chat: off, system: Be kind.}", "teacher"), ("template_args: {a: 1}", "student")],
)
def test_a_text_for_no_template_is_refused(text, role):
    error = next(each for each in refusals(changed(text, role)) if "template" in each.expected)
    assert "models.mine." in error.where
    assert "chat: on" in error.remedy


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("chat: maybe", "config key models.mine.chat"),
        ("chat: {answer: on}", "config key models.mine.chat.answer"),
        ("chat: {answers: always}", "config key models.mine.chat.answers"),
    ],
)
def test_another_word_is_told_with_its_key(text, where):
    assert where in [error.where for error in refusals(changed(text))]
