"""models.<name>.engine: joined with block engine, checked, seen by that model's jobs alone."""

import importlib.util
import subprocess
import sys

import pytest
import tiny
import yaml
from checkout import copy_checkout
from configs import DEFAULT, HUB, merged, refusals
from dry_jobs import list_jobs

from arte.config.check import checked
from arte.config.engines import engine_of

FOLDER = {"source": "folder", "license": "mit", "gpus": 0}


def with_engine(engine: object) -> dict:
    return {"models": {"t": {**HUB, "engine": engine}}}


def test_a_model_has_the_engine_block_with_what_it_says_otherwise():
    own = {"backend": "vllm", "vllm": {"max_num_seqs": "8"}}
    config = checked(merged(DEFAULT, with_engine(own)))
    vllm = {**DEFAULT["engine"]["vllm"], "max_num_seqs": 8}
    assert engine_of(config, "t") == {**DEFAULT["engine"], "backend": "vllm", "vllm": vllm}
    assert engine_of(config, "nano_student") == DEFAULT["engine"]
    assert checked(config) == config


def test_arguments_of_vllm_are_made_ready_as_in_the_block_engine():
    own = {"vllm": {"long_prefill_token_threshold": "64"}}
    config = checked(merged(DEFAULT, with_engine(own)))
    assert engine_of(config, "t")["vllm"]["long_prefill_token_threshold"] == 64


@pytest.mark.parametrize(
    ("engine", "key"),
    [
        ({"backend": "vlm"}, "backend"),
        ({"bakend": "vllm"}, "bakend"),
        ({"max_model_len": 2}, "max_model_len"),
        ({"vllm": {"max_num_seqs": 0}}, "vllm.max_num_seqs"),
        ({"vllm": {"max_num_sequences": 4}}, "vllm.max_num_sequences"),
        ({"vllm": 3}, "vllm"),
        ({"openai": {"retries": -1}}, "openai.retries"),
    ],
)
def test_a_wrong_key_is_named_at_its_place(engine, key):
    [error] = refusals(with_engine(engine))
    assert error.where == f"config key models.t.engine.{key}"


def test_rules_that_join_keys_look_at_the_engine_of_each_model():
    """Of a short context there is too little for answers; several GPUs need vLLM."""
    short = {"models": {"nano_student": {"source": "nano", "engine": {"max_model_len": 192}}}}
    assert {error.where for error in refusals(short)} == {
        f"config key {name}.max_tokens" for name in ("evaluate", "prefer")
    }
    many = {"models": {"t": {**HUB, "gpus": 2}}}
    assert [error.where for error in refusals(many)] == ["config key models.t.gpus"]
    checked(merged(DEFAULT, merged(many, with_engine({"backend": "vllm"}))))


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A checkout in which the teacher has an engine of its own."""
    tree = copy_checkout(tmp_path_factory.mktemp("engines") / "arte")
    folder = str(tiny.save(tree.parent / "teacher"))
    engine = {"backend": "vllm", "vllm": {"max_num_seqs": 3}}
    config = {
        "models": {"theirs": {**FOLDER, "path": folder, "engine": engine}},
        "roles": {"teacher": "theirs"},
    }
    (tree / "own.yaml").write_text(yaml.safe_dump(config))
    return tree


def test_only_jobs_of_that_model_have_its_engine(tree):
    backends: dict[str, set] = {}
    for job in list_jobs(tree, "config/presets/smoke.yaml", "own.yaml"):
        engine = job.cfg.get("engine")
        if engine:
            backends.setdefault(job.stage, set()).add(engine["backend"])
            assert engine.get("vllm", {}).get("max_num_seqs", 3) == 3
            assert ("batch_tokens" in engine) == (
                engine["backend"] == "transformers" and job.stage != "align_teacher"
            )
    asks_teacher = {"draft_questions", "draft_rationales", "tailor_questions", "tailor_rationales"}
    asks_teacher |= {"transfer_questions", "transfer_rationales", "align_teacher"}
    assert {stage for stage, found in backends.items() if found == {"vllm"}} == asks_teacher
    assert all(len(found) == 1 for found in backends.values())


@pytest.mark.skipif(importlib.util.find_spec("vllm") is not None, reason="vLLM is installed here")
def test_a_run_without_the_package_of_a_backend_stops_before_its_first_job(tree):
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--configfile"]
    command += ["config/presets/smoke.yaml", "own.yaml", "--until", "draft_questions_0"]
    done = subprocess.run(command, cwd=tree, text=True, capture_output=True)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "expected: the package vllm" in said
    assert not (tree / "results").exists()
