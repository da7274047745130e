"""Which uses of a model are asked by its chat template, as a user writes it in YAML."""

import pytest
import yaml
from configs import DEFAULT, at, merged, refusals

from arte.config import keys, libraries
from arte.config.chat import chat
from arte.config.check import checked, given_again

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


@pytest.mark.parametrize("bare", ["chat: off", "chat: {questions: on, answers: off}"])
def test_jobs_do_not_see_whether_a_word_is_quoted(bare):
    quoted = bare.replace("off", '"off"').replace(": on", ': "on"')
    written = [merged(DEFAULT, changed(text)) for text in (bare, quoted)]
    assert written[0] != written[1]
    ready = [checked(each) for each in written]
    assert ready[0] == ready[1]
    assert given_again(written[0], ready[0]) == given_again(written[1], ready[1])


def enums(part):
    """Every list of allowed values below a part of the schema."""
    if isinstance(part, dict):
        yield from [part["enum"]] if "enum" in part else []
    for below in part.values() if isinstance(part, dict) else part:
        if isinstance(below, dict | list):
            yield from enums(below)


def test_every_word_of_our_own_may_be_written_without_quotes():
    found = list(enums(keys.schema()))
    assert ["auto", "on", "off", True, False] in found
    for allowed in found:
        for word in allowed:
            read = yaml.safe_load(str(word))
            assert (read, type(read)) in [(each, type(each)) for each in allowed]


def test_every_word_of_a_library_may_be_written_without_quotes():
    known = libraries.known_arguments()
    for block, library in libraries.PASSED.items():
        for name, argument in known[library]["arguments"].items():
            for word in filter(None, argument.get("values", [])):
                ready, _ = libraries.passed_on(block, {name: yaml.safe_load(word)}, known)
                assert str(ready[name]) == word, f"{block}.{name}"


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
