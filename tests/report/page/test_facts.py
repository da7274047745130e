"""What the page says of a run's origins."""

import json

import pytest
from configs import preset
from small_run import written

from arte.core import io
from arte.models.chat import BY_TEMPLATE
from arte.report.page import facts

INSTRUCT = {"source": "folder", "path": "x", "license": "mit", "gpus": 0}
ROLES = {"teacher": "big", "student": "small", "panel": ["small", "big"], "unseen": ["nano"]}


def chats(tmp_path, models, counted=()):
    for path, by_template in counted:
        io.write_json(
            {BY_TEMPLATE: by_template} if by_template is not None else {}, tmp_path / path
        )
    nano = {"nano": {"source": "nano"}}
    rows = facts.chats({"roles": ROLES, "models": models | nano}, facts.counts(tmp_path))
    return {tuple(row[:3]): tuple(row[3:]) for row in rows}


def test_a_choice_says_how_each_use_of_each_role_is_asked(tmp_path):
    word = {"questions": False, "rationales": True}  # off and on, as YAML reads them
    found = chats(tmp_path, {"big": INSTRUCT | {"chat": word}, "small": INSTRUCT | {"chat": "on"}})
    assert found == {
        ("teacher", "big", "questions"): ("off", "plain text"),
        ("teacher", "big", "rationales"): ("on", "chat template"),
        ("student", "small", "answers"): ("on", "chat template"),
        ("unseen", "nano", "answers"): ("off", "plain text"),
        ("panel", "small", "answers"): ("on", "chat template"),
        ("panel", "big", "answers"): ("off", "plain text"),
    }


@pytest.mark.parametrize(
    ("counted", "questions", "rationales"),
    [
        ([], "not recorded", "not recorded"),
        ([("elicit/questions/stats-0.json", None)], "not recorded", "not recorded"),
        (
            [
                ("elicit/questions/stats-0.json", True),
                ("round2/tailor/questions/stats-1.json", True),
            ],
            "chat template",
            "not recorded",
        ),
        (
            [("tailor/rationales/aligned-aligned/stats-0.json", False)],
            "not recorded",
            "plain text: its tokenizer has no template",
        ),
        ([("evaluate/small/arte/0/stats-0.json", True)], "not recorded", "not recorded"),
    ],
)
def test_what_auto_came_to_is_what_its_jobs_counted(counted, questions, rationales, tmp_path):
    found = chats(tmp_path, {"big": INSTRUCT, "small": INSTRUCT}, counted)
    assert found["teacher", "big", "questions"] == ("auto", questions)
    assert found["teacher", "big", "rationales"] == ("auto", rationales)
    assert found["student", "small", "answers"] == ("off", "plain text")


def test_every_use_of_a_preset_has_a_row(tmp_path):
    config = preset("pretrained")
    rows = {tuple(row) for row in facts.chats(config, facts.counts(tmp_path))}
    assert ("teacher", "smollm2", "questions", "off", "plain text") in rows
    assert ("teacher", "smollm2", "rationales", "off", "plain text") in rows
    assert ("panel", "smollm2_chat", "answers", "on", "chat template") in rows


def test_the_page_has_the_choices(tmp_path):
    page = written(tmp_path, text="t").read_text()
    config = json.loads((tmp_path / "figures/figure1.config.json").read_text())
    for role in ("teacher", "student"):
        assert config["roles"][role] in page
    assert "Chat templates: the choice for each role and use" in page
    assert page.count("plain text") >= 3
