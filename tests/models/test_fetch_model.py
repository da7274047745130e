"""arte.models.fetch_model against a hub on loopback: what is got, and how each failure ends."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import tiny
import torch
from hub_server import Hub
from transformers import AutoModelForCausalLM

from arte.models.folder import load_causal_lm, read_fingerprint, write_fingerprint

ROOT = Path(__file__).parents[2]
A, B = "a" * 40, "b" * 40
REPO = "org/model"


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> dict[str, Path]:
    """Two models as they are published: A in one file of weights, B of other weights in shards."""
    at = tmp_path_factory.mktemp("published")
    one, two = tiny.save(at / A, seed=1), tiny.save(at / B, seed=2)
    model = load_causal_lm(two, "float32")
    (two / "model.safetensors").unlink()
    model.save_pretrained(two, max_shard_size="12KB")
    assert len(list(two.glob("model-*.safetensors"))) > 1
    for folder in (one, two):
        (folder / "fingerprint.json").unlink()
        (folder / "README.md").write_text("a model")
        (folder / "pytorch_model.bin").write_bytes(b"pickle")
        (folder / "modeling.py").write_text("raise SystemExit")
        (folder / "original").mkdir()
        (folder / "original/params.json").write_text("{}")
    return {A: one, B: two}


@pytest.fixture
def hub(models):
    with Hub() as server:
        for revision, folder in models.items():
            server.publish(REPO, revision, folder)
        yield server


class Fetch:
    """The command, with a cache of its own."""

    def __init__(self, hub: Hub, home: Path) -> None:
        self.hub, self.home = hub, home

    def __call__(
        self, output: Path, revision: str = A, repo: str = REPO, via: tuple = (), **environment: str
    ) -> subprocess.CompletedProcess:
        cfg = {"id": repo, "revision": revision, "license": "gemma"}
        command = [sys.executable, "-m", "arte.models.fetch_model", "--cfg", json.dumps(cfg)]
        paths = {"PYTHONPATH": str(ROOT / "workflow/scripts"), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            [*via, *command, "--output", str(output)],
            env=self.hub.environment(self.home) | paths | environment,
            text=True,
            capture_output=True,
        )


@pytest.fixture
def fetch(hub, tmp_path):
    return Fetch(hub, tmp_path / "home")


def good(done: subprocess.CompletedProcess) -> None:
    assert done.returncode == 0, done.stderr


def same_weights(found: Path, published: Path) -> bool:
    """As transformers loads them; the published folder holds a pickle, which we would refuse."""
    one, two = (
        AutoModelForCausalLM.from_pretrained(path, use_safetensors=True).state_dict()
        for path in (found, published)
    )
    return all(torch.equal(one[key], two[key]) for key in one)


def record(folder: Path) -> dict:
    return json.loads((folder / "fingerprint.json").read_text())


def test_a_model_is_linked_to_the_cache_and_says_what_it_is(fetch, models, tmp_path):
    good(fetch(tmp_path / "run/t"))
    assert record(tmp_path / "run/t")["source"] == {
        "source": "hub",
        "id": REPO,
        "revision": A,
        "checked": True,
    }
    files = {path.name for path in (tmp_path / "run/t").iterdir() if path.is_symlink()}
    others = {"README.md", "pytorch_model.bin", "modeling.py", "original"}
    assert files == {path.name for path in models[A].iterdir()} - others
    assert not [path for path in fetch.hub.requests if "pytorch_model" in path or "params" in path]
    assert read_fingerprint(tmp_path / "run/t")
    assert same_weights(tmp_path / "run/t", models[A])


def test_two_runs_share_the_bytes_of_a_model_and_the_second_needs_no_network(fetch, tmp_path):
    good(fetch(tmp_path / "one/t"))
    asked = len(fetch.hub.requests)
    good(fetch(tmp_path / "two/t", HF_HUB_OFFLINE="1"))
    assert len(fetch.hub.requests) == asked
    assert record(tmp_path / "one/t") == record(tmp_path / "two/t")
    weights = [tmp_path / run / "t/model.safetensors" for run in ("one", "two")]
    assert weights[0].samefile(weights[1])


def test_the_fingerprint_is_that_of_the_same_files_elsewhere(fetch, models, tmp_path):
    good(fetch(tmp_path / "t", revision=B))
    copy = shutil.copytree(models[B], tmp_path / "copy")
    for name in ("pytorch_model.bin", "modeling.py"):
        (copy / name).unlink()
    assert write_fingerprint(copy) == read_fingerprint(tmp_path / "t")


@pytest.mark.parametrize(("before", "after"), [(A, B), (B, A)])
def test_nothing_is_left_of_another_revision(fetch, models, tmp_path, before, after):
    good(fetch(tmp_path / "t", revision=before))
    good(fetch(tmp_path / "t", revision=after))
    assert same_weights(tmp_path / "t", models[after])
    assert not same_weights(tmp_path / "t", models[before])
    assert record(tmp_path / "t")["source"]["revision"] == after


def test_real_files_of_an_earlier_model_are_removed(fetch, models, tmp_path):
    shutil.copytree(models[A], tmp_path / "t")
    good(fetch(tmp_path / "t", revision=B))
    assert same_weights(tmp_path / "t", models[B])
    assert not (tmp_path / "t/model.safetensors").exists()


def test_a_link_to_a_users_folder_is_replaced_and_the_folder_left_alone(fetch, models, tmp_path):
    theirs = shutil.copytree(models[A], tmp_path / "theirs")
    (tmp_path / "t").symlink_to(theirs)
    good(fetch(tmp_path / "t", revision=B))
    assert sorted(os.listdir(theirs)) == sorted(os.listdir(models[A]))
    assert same_weights(theirs, models[A])


FAILURES = {
    # what fails, requests that fail, words of the remedy
    "401": ("401", "", "export HF_TOKEN="),
    "gated": ("gated", "", f"/{REPO}, accept its terms (license: gemma)"),
    "gated weights": ("gated", "safetensors", "export HF_TOKEN="),
    "403": ("403", "resolve", "export HF_TOKEN="),
    "404": ("404", "", "correct the name"),
    "missing repository": ("missing repository", "", "correct the name"),
    "missing revision": ("missing revision", "", f"/{REPO}/commits/main"),
    "500": ("500", "", "run again later"),
    "503": ("503", "safetensors", "run again later"),
    "cut": ("cut", "safetensors", "can be reached"),
    "cut list": ("cut", "tree", "can be reached"),
    "stall": ("stall", "safetensors", "can be reached"),
    "login page": ("page", "", "can be reached"),
    "login page for weights": ("page", "safetensors", "can be reached"),
}
PROCESSES = {
    "offline": ({"HF_HUB_OFFLINE": "1"}, (), "unset HF_HUB_OFFLINE"),
    "refused": ({"HF_ENDPOINT": "http://127.0.0.1:9"}, (), "can be reached"),
    "full disk": ({}, ("bash", "-c", 'ulimit -f 16; "$@"', "bash"), "free space"),
}


@pytest.fixture(scope="module")
def failed(models, tmp_path_factory) -> dict[str, tuple[subprocess.CompletedProcess, Path]]:
    """Every failure, in a folder that holds revision A, when B is asked for: at the same time,
    for the hub's library waits and tries again for half a minute."""

    def attempt(name: str) -> tuple[subprocess.CompletedProcess, Path]:
        at = tmp_path_factory.mktemp("failed")
        with Hub() as server:
            server.publish(REPO, A, models[A])
            server.publish(REPO, B, models[B])
            fetch = Fetch(server, at / "home")
            good(fetch(at / "t"))
            environment, via, _ = PROCESSES.get(name, ({}, (), ""))
            if name in FAILURES:
                server.fail(*FAILURES[name][:2])
            return fetch(at / "t", revision=B, via=via, **environment), at / "t"

    names = [*FAILURES, *PROCESSES]
    with ThreadPoolExecutor(len(names)) as pool:
        return dict(zip(names, pool.map(attempt, names), strict=True))


@pytest.mark.parametrize("name", [*FAILURES, *PROCESSES])
def test_a_failure_is_one_error_with_its_remedy_and_never_the_old_model(failed, name):
    done, folder = failed[name]
    remedy = (FAILURES | PROCESSES)[name][-1]
    assert done.returncode == 1
    assert done.stderr.count("expected: ") == 1, done.stderr
    assert remedy in done.stderr.partition("remedy: ")[2], done.stderr
    assert f"{REPO} at revision {B}" in done.stderr or "file" in done.stderr
    assert "Traceback" not in done.stderr
    assert record(folder)["source"]["revision"] == A  # Snakemake deletes this record before


def test_half_of_a_download_is_no_model_until_it_is_repeated(failed, models):
    _, folder = failed["cut"]
    with Hub() as server:
        server.publish(REPO, B, models[B])
        fetch = Fetch(server, folder.parent / "home")
        assert fetch(folder, revision=B, HF_HUB_OFFLINE="1").returncode == 1
        good(fetch(folder, revision=B))
    assert same_weights(folder, models[B])


def test_a_token_is_never_shown(hub, fetch, tmp_path):
    hub.fail("gated")
    done = fetch(tmp_path / "t", HF_TOKEN="hf_secret")
    assert "hf_secret" not in done.stderr + done.stdout


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
@pytest.mark.parametrize("offline", ["0", "1"])
def test_a_file_of_the_cache_that_is_not_the_hubs_is_refused(fetch, tmp_path, name, offline):
    good(fetch(tmp_path / "t"))
    stored = (tmp_path / "t" / name).resolve()
    content = bytearray(stored.read_bytes())
    content[-2] ^= 1
    stored.write_bytes(content)
    done = fetch(tmp_path / "again", HF_HUB_OFFLINE=offline)
    assert done.returncode == 1
    assert "the hub's file, hash" in done.stderr
    assert str(stored) in done.stderr
    assert not (tmp_path / "again/fingerprint.json").exists()


def test_a_cache_without_hashes_is_used_offline_and_said_to_be_unchecked(fetch, tmp_path):
    good(fetch(tmp_path / "t"))
    for link in (tmp_path / "t").glob("*"):
        if link.is_symlink():
            stored = Path(os.readlink(link))
            content = stored.read_bytes()
            stored.unlink()
            stored.write_bytes(content)
    done = fetch(tmp_path / "copied", HF_HUB_OFFLINE="1")
    good(done)
    assert record(tmp_path / "copied")["source"]["checked"] is False
    assert "not compared with the hub" in done.stderr
    good(fetch(tmp_path / "online"))
    assert record(tmp_path / "online")["source"]["checked"] is True


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json", "model-00001-of-*"])
def test_a_repository_that_is_no_whole_model_is_refused_before_its_weights(
    hub, fetch, models, tmp_path, missing
):
    part = shutil.copytree(models[B], tmp_path / "part")
    for path in part.glob(missing):
        path.unlink()
    hub.publish("org/part", A, part)
    done = fetch(tmp_path / "t", repo="org/part")
    assert done.returncode == 1
    assert missing.partition("*")[0] in done.stderr
    assert not [
        path
        for path in hub.requests
        if "resolve" in path and "safetensors" in path and not path.endswith("index.json")
    ]
    assert not (tmp_path / "t").exists()
