"""Roles take models of any source: whole graphs of jobs, and who makes which model."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import tiny
import tiny_gguf
import yaml
from checkout import copy_checkout

HUB = {"source": "hub", "id": "a/b", "revision": "0" * 40, "license": "mit", "gpus": 0}
NANO = {"train_nano_student": 1, "train_nano_unseen": 1}
MIXTURES = {
    # roles; the jobs that make models
    "nano teacher, folder student": (
        {"student": "here", "panel": ["here", "nano_panel_1", "nano_student"]},
        NANO | {"train_nano_teacher": 1, "link_model": 1, "check_gates": 1},
    ),
    "nano teacher, hub student": (
        {"student": "there", "panel": ["there", "nano_panel_1"]},
        NANO | {"train_nano_teacher": 1, "fetch_model": 1, "check_gates": 1},
    ),
    "folder teacher, nano student": (
        {"teacher": "here", "panel": ["nano_student", "nano_panel_1", "there"]},
        NANO | {"link_model": 1, "fetch_model": 1, "check_gates": 1},
    ),
    "hub teacher, nano student": (
        {"teacher": "there", "panel": ["nano_student", "nano_panel_1"]},
        NANO | {"fetch_model": 1, "check_gates": 1},
    ),
    "folder teacher, hub student, nano panel": (
        {"teacher": "here", "student": "there", "panel": ["nano_student", "nano_panel_1", "here"]},
        NANO | {"link_model": 1, "fetch_model": 1},
    ),
    "gguf teacher, folder student": (
        {"teacher": "packed", "student": "here", "panel": ["here", "packed"], "unseen": ["packed"]},
        {"dequantize_model": 1, "link_model": 1},
    ),
    "one model in every role": (
        {"teacher": "here", "student": "here", "panel": ["here", "other"], "unseen": ["other"]},
        {"link_model": 2},
    ),
    "hub teacher, folder student, none of them nano": (
        {"teacher": "there", "student": "here", "panel": ["here", "other"], "unseen": ["other"]},
        {"link_model": 2, "fetch_model": 1},
    ),
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    tree = copy_checkout(tmp_path_factory.mktemp("mixtures") / "arte")
    tiny.save(tree.parent / "here")
    tiny_gguf.save(tree.parent / "packed.gguf")
    return tree


@pytest.mark.parametrize(("roles", "makers"), MIXTURES.values(), ids=MIXTURES)
def test_a_mixture_of_sources_is_a_whole_graph(tree, tmp_path, roles, makers):
    here = {"source": "folder", "path": str(tree.parent / "here"), "license": "mit", "gpus": 0}
    packed = here | {"source": "gguf", "path": str(tree.parent / "packed.gguf")}
    models = {"here": here, "other": here, "there": HUB, "packed": packed}
    config = {"models": models, "roles": roles}
    (tmp_path / "mixture.yaml").write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--cores", "1", "--configfile"]
    files = ["config/presets/smoke.yaml", str(tmp_path / "mixture.yaml")]
    done = subprocess.run([*command, *files], cwd=tree, text=True, capture_output=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    stats = dict(re.findall(r"^(\w+) +(\d+)$", done.stdout + done.stderr, re.MULTILINE))
    makers_of_models = re.compile("train_nano|fetch_model|link_model|dequantize_model|check_gates")
    made = {name: int(count) for name, count in stats.items() if makers_of_models.match(name)}
    assert made == makers
