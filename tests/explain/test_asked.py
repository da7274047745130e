"""A prompt is shown as its model was asked, or it is said why not."""

import manifests
import pytest
from chat_model import NO_SYSTEM, chat_tokenizer, save_chat_model
from checkout import ROOT
from predicted import predictions

from arte.core import io
from arte.core.prompts import Prompt, Prompts
from arte.data.tables import ITEMS
from arte.engine.generate import Generator
from arte.evaluate.tables import PREDICTIONS
from arte.explain.asked import Askers
from arte.explain.explain import Explainer
from arte.models.chat import BY_TEMPLATE, Rendering

PROMPTS = ROOT / "resources/prompts"
TABLE = "evaluate/m/vanilla/0/web_of_lies.parquet"
STATS = "evaluate/m/vanilla/0/stats-0.json"
MODEL = "models/m"
ENGINE = {"backend": "transformers", "dtype": "float32", "max_model_len": 512, "batch_tokens": 512}


@pytest.fixture
def run(tmp_path):
    """A run in which one item was asked; its manifest comes later."""
    run = tmp_path / "results/own"
    asked = predictions(arms=("arte",), shots=(0,), sizes={"web_of_lies": 1})
    io.write_table(asked, run / TABLE, PREDICTIONS, {})
    item = {"subtask": "web_of_lies", "task": "web_of_lies", "category": "BBH-Logic"}
    item |= {"item_id": asked["item_id"][0], "question": "Does Ann lie?", "answer": "No"}
    io.write_table(ITEMS.frame([item]), run / "data/web_of_lies/items.parquet", ITEMS, {})
    return run


def stats(run, template, chat):
    """What a job counts that asks a model with this template."""
    save_chat_model(run / MODEL, template)
    return Generator(run / MODEL, ENGINE | chat, run / "journal", "evaluate").stats


def said(run, template, chat, *, models=True):
    """What is said of the item of a run; `models`: they are in its folder."""
    io.write_json(stats(run, template, chat), run / STATS)
    if not models:
        for path in (run / MODEL).iterdir():
            if path.name != "fingerprint.json":
                path.unlink()
    shared = str(PROMPTS / "student.md")
    jobs = {
        "evaluate": manifests.job(
            command=f"python -m arte.evaluate.student --model results/own/{MODEL} --items x",
            cfg={"engine": ENGINE | chat},
            inputs={shared: "", f"{MODEL}/fingerprint.json": ""},
            outputs=[TABLE, STATS],
        ),
        "table": manifests.job(inputs={TABLE: ""}, outputs=["tables/t.csv"]),
    }
    files = {path: {"sha256": "", "bytes": 0, "job": "table"} for path in ("tables/t.csv",)}
    files[TABLE] = manifests.entry(run / TABLE, "evaluate")
    manifests.write(run, manifests.manifest(jobs, files=files))
    return list(Explainer(run).explain("tables/t.csv", {"subtask": "web_of_lies"}, None))


def prompt_of(lines):
    """The line above the prompt, and the prompt."""
    at = next(i for i, line in enumerate(lines) if line.startswith("  prompt"))
    below = [line for line in lines[at + 1 :] if line.startswith("  |")]
    end = next(i for i, line in enumerate(lines[at + 1 :]) if not line.startswith("  |"))
    return lines[at], "\n".join(line.removeprefix("  | ") for line in below[:end])


BARE = str(Prompts(str(PROMPTS)).student("web_of_lies", [], "Does Ann lie?"))


@pytest.mark.parametrize("word", ["on", "auto"])
def test_a_chat_is_shown_with_the_marks_of_its_template(run, word):
    head, text = prompt_of(said(run, NO_SYSTEM, {"chat": {"chat": word}}))
    put = Rendering(chat_tokenizer(NO_SYSTEM), {"chat": "on"}, where="m")
    assert head == f"  prompt, {put.manner}"
    assert text == put.text(Prompt.of(BARE))
    assert text.startswith("<s><turn>user\n")


def test_bare_text_is_shown_as_it_is(run):
    assert prompt_of(said(run, NO_SYSTEM, {})) == ("  prompt", BARE)


@pytest.mark.parametrize("models", [True, False])
def test_auto_without_a_template_is_bare_text_also_where_the_model_is_not_at_hand(run, models):
    head, text = prompt_of(said(run, None, {"chat": {"chat": "auto"}}, models=models))
    assert head == "  prompt, by bare text: its tokenizer has no chat template"
    assert text == BARE


def test_a_bundle_without_models_says_that_the_template_is_not_there(run):
    head, text = prompt_of(said(run, NO_SYSTEM, {"chat": {"chat": "auto"}}, models=False))
    assert "as it was before the chat template" in head
    assert f"the tokenizer of {MODEL}, which this folder lacks" in head
    assert "bundle_models" in head
    assert text == BARE


def test_messages_to_a_server_are_shown_below_their_roles(run):
    engine = {"backend": "endpoint", "chat": {"chat": "auto", "system": "Be exact."}}
    manifest = {"files": {TABLE: {"job": "ask"}}, "jobs": {"ask": {"cfg": {"engine": engine}}}}
    shown = Askers(run, manifest).asked(TABLE, BARE)
    assert shown.text == f"[system]\nBe exact.\n[user]\n{BARE}"
    assert "chat completions" in shown.how


@pytest.mark.parametrize(
    ("template", "chat", "counted"),
    [
        (NO_SYSTEM, {"chat": {"chat": "auto"}}, {BY_TEMPLATE: True}),
        (None, {"chat": {"chat": "auto"}}, {BY_TEMPLATE: False}),
        (NO_SYSTEM, {}, {}),
    ],
)
def test_a_job_records_whether_it_asked_by_a_template(run, template, chat, counted):
    found = stats(run, template, chat)
    assert {key: found[key] for key in found if key == BY_TEMPLATE} == counted
