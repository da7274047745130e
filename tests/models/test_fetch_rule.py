"""fetch_model as Snakemake runs it: a changed revision or id, with and without a hub."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiny
import torch
import yaml
from checkout import copy_checkout
from hub_server import Hub

from arte.models.folder import load_causal_lm

FINGERPRINT = "results/hub/models/t/fingerprint.json"
A, B, C = "a" * 40, "b" * 40, "c" * 40


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> dict[str, Path]:
    at = tmp_path_factory.mktemp("published")
    return {revision: tiny.save(at / revision, seed) for seed, revision in enumerate((A, B, C))}


@pytest.fixture
def run(published, tmp_path):
    """The rule, for a model of this id and revision, in one checkout and one cache."""
    tree = copy_checkout(tmp_path / "arte")
    with Hub() as hub:
        for revision in (A, B):
            hub.publish("org/model", revision, published[revision])
        hub.publish("org/other", C, published[C])

        def call(repo: str, revision: str, **environment: str) -> subprocess.CompletedProcess:
            model = {"source": "hub", "id": repo, "revision": revision, "license": "mit", "gpus": 0}
            (tree / "hub.yaml").write_text(yaml.safe_dump({"run": "hub", "models": {"t": model}}))
            inherited = hub.environment(tmp_path / "home")
            inherited.pop("PYTHONPATH", None)
            return subprocess.run(
                [sys.executable, "-m", "snakemake", "--cores", "1", FINGERPRINT]
                + ["--configfile", "hub.yaml"],
                cwd=tree,
                env=inherited | environment,
                text=True,
                capture_output=True,
            )

        call.folder = (tree / FINGERPRINT).parent
        call.hub = hub
        yield call


def test_the_weights_are_those_of_the_config_or_the_job_fails(run, published):
    assert run("org/model", A).returncode == 0
    for repo, revision, environment in (
        ("org/model", B, {"HF_HUB_OFFLINE": "1"}),
        ("org/other", C, {"HF_HUB_OFFLINE": "1"}),
    ):
        done = run(repo, revision, **environment)
        assert done.returncode != 0
        assert "remedy: unset HF_HUB_OFFLINE" in done.stderr
        assert not (run.folder / "fingerprint.json").exists()
    run.hub.fail("401")
    assert run("org/other", C).returncode != 0
    run.hub.heal()
    for repo, revision in (("org/other", C), ("org/model", B), ("org/model", A)):
        assert run(repo, revision).returncode == 0
        found, wanted = (load_causal_lm(at, "float32") for at in (run.folder, published[revision]))
        wanted = wanted.state_dict()
        assert all(torch.equal(value, wanted[key]) for key, value in found.state_dict().items())
        source = json.loads((run.folder / "fingerprint.json").read_text())["source"]
        assert (source["id"], source["revision"]) == (repo, revision)
    assert "Nothing to be done" in run("org/model", A).stderr
    assert os.path.islink(run.folder / "model.safetensors")
