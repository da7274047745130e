"""`arte doctor`: what this machine lacks for a configuration."""

import os
import subprocess
import sys

import pytest
import yaml
from chat_server import MODEL, ChatServer
from configs import DEFAULT, HUB, ROLES, ROOT, merged
from hub_server import Hub

from arte.console import doctor


def run(*arguments, **environment):
    known = os.environ | {"PYTHONPATH": str(ROOT / "workflow/scripts")} | environment
    return subprocess.run(
        [sys.executable, "-m", "arte.console.main", "doctor", *map(str, arguments)],
        env=known,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_default_needs_nothing_that_this_machine_lacks():
    done = run()
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert "ok     config: no errors" in lines
    assert any(line.startswith("ok     Python: 3.") for line in lines)
    assert sum(line[7:].startswith("disk: ") for line in lines) == 2


def test_all_errors_of_a_configuration_are_shown_at_once(tmp_path):
    file = tmp_path / "wrong.yaml"
    file.write_text(yaml.safe_dump({"elicit": {"questions": 0}, "plan": {"device": "abacus"}}))
    done = run("--configfile", file)
    assert done.returncode == 1
    assert done.stdout.count("WRONG  config: ") == 2
    assert "plan.device" in done.stdout


def test_gpus_and_vllm_that_are_missing_are_named(monkeypatch):
    changes = {"engine": {"backend": "vllm"}, "models": dict.fromkeys("tsp", HUB), "roles": ROLES}
    config = merged(DEFAULT, changes | {"models": {**changes["models"], "t": HUB | {"gpus": 8}}})
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    assert list(doctor.gpus(config)) == [
        (False, "GPUs", "2 here, 8 asked for by the largest model")
    ]
    (found,) = doctor.backends(config)
    assert found.right or "make venv-gpu" in found.text


@pytest.mark.parametrize(
    ("status", "right", "said"),
    [
        ("", True, "can be fetched"),
        ("gated", False, "accept its terms"),
        ("404", False, "says 404"),
    ],
)
def test_what_the_hub_says_of_a_model_is_told(tmp_path, monkeypatch, status, right, said):
    (tmp_path / "config.json").write_text("{}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Hub() as server:
        server.publish(HUB["id"], HUB["revision"], tmp_path)
        server.fail(status) if status else server.heal()
        monkeypatch.setattr(doctor, "HUB", server.url)
        found = doctor.hub_model(HUB, None)
    assert found.right is right
    assert said in found.text


def test_a_hub_that_is_out_of_reach_is_a_note(monkeypatch):
    monkeypatch.setattr(doctor, "HUB", "http://127.0.0.1:9")
    found = doctor.hub_model(HUB, None)
    assert found.right is None
    assert "not reached" in found.text


@pytest.mark.parametrize(
    ("changes", "key", "right", "said"),
    [
        ({}, "", True, f"lists {MODEL}"),
        ({"model": "small"}, "", None, "lists no small"),
        ({"key_env": "ARTE_TEST_KEY"}, "sesame", True, f"lists {MODEL}"),
        ({"key_env": "ARTE_TEST_KEY"}, "", False, "export ARTE_TEST_KEY"),
        ({"url": "http://127.0.0.1:9/v1"}, "", None, "no list of models"),
    ],
)
def test_what_a_server_of_a_model_says_is_told(monkeypatch, changes, key, right, said):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("ARTE_TEST_KEY", key)
    with ChatServer(lambda _: ("", "stop")) as server:
        model = {"source": "endpoint", "url": server.url, "model": MODEL, "license": "mit"}
        config = merged(DEFAULT, {"models": {"t": model | changes}, "roles": {"teacher": "t"}})
        [found] = doctor.endpoints(config)
    assert found.right is right
    assert said in found.text
