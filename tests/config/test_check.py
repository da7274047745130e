"""arte.config.check: what is accepted, and that every refusal names key, value, rule and remedy."""

import json

import pytest
import yaml
from configs import DEFAULT, HUB, PRESETS, ROOT, at, hub, merged, preset, refusals, value_at
from hypothesis import given
from hypothesis import strategies as st

from arte.config import files
from arte.config.blocks.base import number
from arte.config.check import checked, given_again
from arte.config.rules import MINIATURES
from arte.config.tasks import TAUGHT
from arte.config.wrong import RENAMED

FOLDER = {"source": "folder", "path": "~/models/m", "license": "mit", "gpus": 1}
ARM = {"questions": "original", "rationales": "aligned"}


def test_the_default_is_accepted_and_stays_as_it_is():
    assert checked(DEFAULT, *files.RULES) == DEFAULT


@pytest.mark.parametrize("name", [path.stem for path in PRESETS])
def test_every_preset_is_accepted(name):
    assert preset(name)["run"] == name


def test_hub_models_are_accepted():
    checked(merged(DEFAULT, hub()))


@pytest.mark.parametrize(
    ("changes", "key", "found"),
    [
        ({"run": "../x"}, "run", "../x"),
        ({"sed": 1}, "sed", "sed"),
        ({"seed": 0}, "seed", "seed"),
        ({"seeds": {"data": "0x"}}, "seeds.data", "'0x'"),
        ({"seeds": {"data": True}}, "seeds.data", "True"),
        ({"seeds": {"teacher": 0.5}}, "seeds.teacher", "0.5"),
        ({"seeds": {"teacher": -1}}, "seeds.teacher", "-1"),
        ({"models": {"t": {**FOLDER, "revision": "0" * 40}}}, "models.t.revision", "revision"),
        ({"models": {"t": {**FOLDER, "path": ""}}}, "models.t.path", "''"),
        ({"models": {"t": {**FOLDER, "path": "/nowhere"}}}, "models.t.path, /nowhere", "No such"),
        ({"jobs": None}, "jobs", "None"),
        ({"elicit": {"question": 3}}, "elicit.question", "question"),
        ({"elicit": {"techniques": ["steps", "steps"]}}, "elicit.techniques", "'steps' more"),
        ({"prefer": {"shots": [0, 4]}}, "prefer.shots.1", "4"),
        ({"prefer": {"irt": {"learning_rate": float("inf")}}}, "prefer.irt.learning_rate", "inf"),
        ({"data": {"subtasks": ["snark"]}}, "data.subtasks", "snark"),
        ({"data": {"subtasks": ["snarks"]}}, "data.subtasks", "snarks"),
        ({"data": {"source": "folder"}, "nano": {"corpus": "items"}}, "data.folder", "''"),
        ({"data": {"test_items": 0}}, "data.test_items", "0"),
        ({"data": {"validation_items": 10}}, "prefer.preference_items", "20"),
        ({"roles": {"teacher": "nobody"}}, "roles.teacher", "nobody"),
        ({"roles": {"panel": ["nano_student"]}}, "roles.panel", "nano_student"),
        ({"models": {"aligned_teacher": HUB}}, "models.aligned_teacher", "hub"),
        ({"models": {"t": {**HUB, "revision": "main"}}}, "models.t.revision", "main"),
        ({"models": {"t": {"source": "local"}}}, "models.t.source", "local"),
        ({"models": {"t": {}}}, "models.t.source", "None"),
        ({"models": {"T": HUB}}, "models.T", "'T'"),
        ({"licenses": {"acknowledged": ["all"]}}, "licenses.acknowledged.0", "'all'"),
        ({"models": {"t": HUB, "s": HUB}, "roles": {"teacher": "t", "student": "s", "panel":
          ["s", "nano_panel_1"]}}, "models", "['nano_student', 'nano_teacher']"),
        ({"arms": {"vanilla": ARM}}, "arms.vanilla", "aligned"),
        ({"arms": {"a": {**ARM, "rationales": "drafts"}}}, "arms.a.select", "None"),
        ({"arms": {"arte": {"select": "random"}}}, "arms.arte.select", "random"),
        ({"arms": {"random": {"questions": "aligned"}}}, "arms.random.questions", "aligned"),
        ({"arms": {"openorca": {"questions": "original"}}}, "arms.openorca.questions", "questions"),
        ({"arms": {"a": {"questions": "original"}}}, "arms.a.rationales", "no such key"),
        ({"arms": {"original_teacher": None}}, "arms.original_teacher", "None"),
        ({"nano": {"num_attention_heads": 3}}, "nano.num_attention_heads", "3"),
        ({"data": {"source": "github"}}, "nano.corpus", "generators"),
        ({"jobs": {"score": 0}}, "jobs.score", "0"),
        ({"finetune": {"seeds": []}}, "finetune.seeds", "[]"),
        ({"finetune": {"mode": "qlora"}}, "finetune.mode", "qlora"),
        ({"finetune": {"keep": "adapter"}}, "finetune.keep", "adapter"),
        ({"finetune": {"lora": {"rank": 4}}}, "finetune.lora.rank", "rank"),
        ({"align": {"mode": "qlora"}}, "align.mode", "qlora"),
        ({"align": {"launch": {"fsdp": {"fsdp_version": 2}}}}, "align.launch.fsdp", "2"),
        ({"align": {"launch": {"fsdp": {"version": 2}}}}, "align.launch.fsdp.version", "version"),
        ({"finetune": {"launch": {"num_processes": 0}}}, "finetune.launch.num_processes", "0"),
        ({"plan": {"device": "h100"}}, "plan.device", "h100"),
        ({"engine": {"vllm": {"block_size": 0}}}, "engine.vllm.block_size", "0"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_refusal_names_key_and_value(changes, key, found):
    errors = refusals(changes)
    (error,) = [each for each in errors if each.where == f"config key {key}"]
    assert found in error.found
    assert error.expected
    assert error.remedy
    assert len(errors) <= 2


def test_all_errors_are_reported_at_once():
    changes = {
        "sed": 1,
        "evaluate": {"shot": [0], "max_tokens": 4096},  # an unknown key beside a wrong value
        "align": {"dpo": {"rank": 4, "learning_rate": "fast"}},
        "models": {"t": {"source": "hub", "id": "a", "gpus": "two"}},
        "jobs": {"score": 0, "elicit": 0},
        "plan": {"device": "h100"},
    }
    found = {error.where.removeprefix("config key ") for error in refusals(changes)}
    model = {f"models.t.{key}" for key in ("id", "revision", "license", "gpus")}
    assert found == model | {
        *("sed", "evaluate.shot", "evaluate.max_tokens", "align.dpo.rank"),
        *("align.dpo.learning_rate", "jobs.score", "jobs.elicit", "plan.device"),
    }


@pytest.mark.parametrize(
    ("changes", "near"),
    [
        ({"engin": {}}, "engine"),
        ({"elicit": {"max_call": 3}}, "max_calls"),
        ({"models": {"t": HUB | {"gpu": 1}}}, "gpus"),
        ({"roles": {"teacher": "nano_techer"}}, "nano_teacher"),
        ({"data": {"subtasks": ["hyperbatton"]}}, "hyperbaton"),
        ({"engine": {"backend": "vlm"}}, "vllm"),
        ({"plan": {"device": "a100_80"}}, "a100-80"),
        ({"max_tokens": 5}, "evaluate.max_tokens"),
    ],
)
def test_a_wrong_word_comes_with_the_nearest_right_one(changes, near):
    (error,) = refusals(changes)
    assert near in error.remedy


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_an_old_key_names_the_new_one(old, new):
    changes = merged({"models": {"t": HUB}}, at(old.replace("<name>", "t"), 1))
    remedies = [error.remedy for error in refusals(changes)]
    assert f"the key is called {new} now" in remedies


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("prefer.irt.learning_rate", "5e-2", 0.05),
        ("nano.learning_rate", "1e-2", 0.01),
        ("align.dpo.learning_rate", "5e-6", 5e-6),
        ("align.lora.lora_dropout", "1e-1", 0.1),
        ("finetune.sft.max_steps", "1e3", 1000),
        ("engine.openai.timeout_s", "1e2", 100.0),
        ("jobs.score", "4", 4),
        ("finetune.seeds", ["0", "1"], [0, 1]),
        ("engine.vllm.max_num_seqs", "64", 64),
    ],
)
def test_a_number_in_text_form_becomes_the_number(key, text, value):
    found = value_at(checked(merged(DEFAULT, at(key, text))), key)
    assert found == value
    assert type(found) is type(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_survives_its_text(value):
    assert number(repr(value)) == value
    assert number(f"{value:e}") == pytest.approx(value, rel=1e-5)


@given(st.text().filter(lambda text: not text.strip().replace(".", "").isdecimal()))
def test_other_text_stays_text_or_is_a_number_for_python_too(text):
    assert number(text) == text or float(text) == number(text)


def test_null_takes_away_what_the_default_has():
    changes = {
        "arms": {"gpt4_llm": None, "random": None},
        "models": {"nano_panel_1": None},
        "nano": {"panel": {"nano_panel_1": None}},
        "roles": {"panel": ["nano_panel_2", "nano_student"]},
        "align": {"dpo": {"warmup_steps": None}},
    }
    changes["nano"]["panel"] |= dict.fromkeys(("nano_panel_3", "nano_panel_4"))
    config = checked(merged(DEFAULT, changes))
    assert "gpt4_llm" not in config["arms"]
    assert "nano_panel_1" not in config["models"]
    assert list(config["nano"]["panel"]) == ["nano_panel_2"]
    assert "warmup_steps" not in config["align"]["dpo"]


@pytest.mark.parametrize("name", [path.stem for path in PRESETS])
def test_a_snakemake_that_a_job_starts_has_the_same_configuration(name):
    given = merged(DEFAULT, yaml.safe_load((ROOT / f"config/presets/{name}.yaml").read_text()))
    given = merged(given, at("arms.gpt4_llm", None) | at("align.dpo.warmup_steps", None))
    ready = checked(given)
    handed = json.loads(json.dumps(given_again(given, ready)))
    assert handed["arms"]["gpt4_llm"] is None
    assert checked(merged(DEFAULT, handed)) == ready


def test_a_model_that_is_taken_away_and_still_used_is_refused():
    where = [error.where for error in refusals({"models": {"nano_student": None}})]
    assert "config key roles.student" in where


def test_a_tilde_is_the_home_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    config = checked(merged(DEFAULT, {"data": {"folder": "~/bbh"}, "prompts": "~/prompts"}))
    assert config["data"]["folder"] == str(tmp_path / "bbh")
    assert config["prompts"] == str(tmp_path / "prompts")


def test_the_miniatures_are_those_that_have_generators():
    from arte.mini.bbh_tasks import GENERATORS, TECHNIQUES

    assert set(MINIATURES) == set(GENERATORS)
    assert TAUGHT == TECHNIQUES


def test_missing_bbh_files_are_counted_and_the_first_is_named(tmp_path):
    (tmp_path / "snarks.json").touch()
    data = {"source": "folder", "folder": str(tmp_path), "subtasks": ["snarks"], "tasks": []}
    (error,) = files.data({"data": data})
    assert error.found.startswith("1 of them missing")
    assert error.found.endswith("snarks.txt")
    assert not list(files.data({"data": {**data, "source": "github"}}))
