"""A model of a server may draft as the teacher, and nothing that needs its weights."""

import pytest
import yaml
from configs import DEFAULT, at, merged, refusals

from arte.config.chat import chat
from arte.config.check import checked
from arte.config.engines import engine_of

REMOTE = {"source": "endpoint", "url": "http://a.b:8000/v1", "model": "m", "license": "mit"}
NONE_ALIGNED = dict.fromkeys(("rationale_only", "question_only", "arte"))


def teacher(**changes):
    """Changes that make a server's model the teacher, and leave out what needs its weights."""
    model = {"remote": REMOTE | changes}
    return {"models": model, "roles": {"teacher": "remote"}, "arms": NONE_ALIGNED}


def test_it_may_draft_and_answer_the_naive_prompt():
    naive = {"naive_original": {"questions": "original", "rationales": "original"}}
    config = checked(merged(merged(DEFAULT, teacher(key_env="MY_KEY")), {"arms": naive}))
    assert engine_of(config, "remote")["backend"] == "endpoint"
    assert engine_of(config, "nano_student")["backend"] == "transformers"
    assert all(chat(config["models"]["remote"], use) for use in ("questions", "rationales"))


@pytest.mark.parametrize(
    ("key", "value"),
    [("student", "remote"), ("panel", ["nano_student", "remote"]), ("unseen", ["remote"])],
)
def test_it_can_be_no_student_and_in_no_panel(key, value):
    changes = {"models": {"remote": REMOTE}, "roles": {key: value}}
    error = next(each for each in refusals(changes) if each.where == f"config key roles.{key}")
    assert error.found == "'remote'"
    assert "models.remote.source is endpoint" in error.expected
    assert "roles.teacher" in error.expected


def test_the_arms_of_an_aligned_teacher_are_named_at_once():
    [error] = refusals(merged(teacher(), {"arms": DEFAULT["arms"]}))
    assert error.where == "config key arms"
    assert error.found == str(list(NONE_ALIGNED))
    assert "models.remote.source is endpoint" in error.expected
    assert "null" in error.remedy


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("rounds", 2),
        ("ood", {"benchmarks": ["piqa"], "transfer": ["piqa"]}),
        ("roles.unseen", ["nano_panel_1"]),
    ],
)
def test_later_rounds_and_tables_about_the_aligned_teacher_are_refused(key, value):
    where = {"ood": "ood.transfer"}.get(key, key)
    errors = refusals(merged(teacher(), at(key, value)))
    error = next(each for each in errors if each.where == f"config key {where}")
    assert "models.remote.source is endpoint" in error.expected


def test_students_are_tested_outside_bbh_without_an_aligned_teacher():
    checked(merged(merged(DEFAULT, teacher()), at("ood.benchmarks", ["piqa"])))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("template_args: {enable_thinking: false}", "template_args"),
        ("engine: {backend: vllm}", "engine"),
        ("chat: off", "chat"),
        ("chat: {rationales: off}", "chat"),
        ("url: ftp://a.b", "url"),
        ("url: 'http://me:secret@a.b/v1'", "url"),
        ("key_env: sk-12", "key_env"),
        ("model: ''", "model"),
        ("gpus: 1", "gpus"),
    ],
)
def test_keys_that_only_weights_or_a_tokenizer_have_are_refused_by_name(text, key):
    errors = refusals(teacher(**yaml.safe_load(text)))
    assert [error.where for error in errors] == [f"config key models.remote.{key}"]


def test_how_a_teacher_would_be_aligned_does_not_matter():
    """The presets' bf16 and 4 bits need a GPU that no teacher here asks for."""
    changes = {"align": {"mode": "qlora", "dpo": {"bf16": True, "fp16": False}}}
    checked(merged(merged(DEFAULT, teacher()), changes))


def test_its_license_binds_its_students():
    errors = refusals(teacher(license="llama3"))
    assert "llama3-1.b.v" in errors[0].remedy
    assert "teacher m (llama3)" in errors[0].found
