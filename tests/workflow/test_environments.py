"""Conda environments and the container hold the versions of the locks, and the index has them."""

import os
import re
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
EXPORT = runpy.run_path(str(ROOT / "requirements/export.py"))
LOCKS = ("cpu", "dev", "vllm-cpu", "vllm-gpu", "gpu")
ENVS = sorted((ROOT / "workflow/envs").glob("*.yaml"))
CONTAINERFILE = (ROOT / "Containerfile").read_text()


def section(name: str) -> list[str]:
    """The pins of an environment's pip section."""
    text = (ROOT / f"workflow/envs/{name}.yaml").read_text()
    *_, pip = yaml.safe_load(text)["dependencies"]
    return [line for line in pip["pip"] if line[0] != "-"]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_version(lock):
    assert all(re.fullmatch(r"[a-z0-9-]+==[\w.+]+", line) for line in EXPORT["locked"](lock))


def pins(*locks: str) -> dict[str, str]:
    """Version by package of some lock files."""
    return dict(line.split("==") for lock in locks for line in EXPORT["locked"](lock))


def test_the_environment_for_gpus_has_every_package_at_the_versions_of_the_other_locks():
    text = (ROOT / "requirements/gpu.lock").read_text()
    assert re.findall(r"^-r (.*)$", text, re.MULTILINE) == ["vllm-gpu.lock"]
    whole, own = pins("vllm-gpu", "gpu"), pins("gpu")
    others = pins("cpu")
    assert others.keys() <= whole.keys()
    assert own.keys() == others.keys() - pins("vllm-gpu").keys()
    assert {name for name in others if whole[name] != others[name]} == {"numpy"}


@pytest.mark.usefixtures("index")
def test_the_environment_for_gpus_resolves_to_itself():
    lines = [f"{name}=={version}" for name, version in pins("vllm-gpu", "gpu").items()]
    assert EXPORT["resolve"](lines) == set(lines)


@pytest.mark.parametrize("env", ENVS, ids=lambda env: env.stem)
def test_an_environment_has_the_versions_of_its_lock(env):
    lock, direct = EXPORT["PACKAGES"][env.stem]
    pins = section(env.stem)
    if direct:
        assert set(pins) < set(EXPORT["locked"](lock))
        assert {*direct, *EXPORT["_SHARED"]} <= {pin.partition("==")[0] for pin in pins}
    else:
        assert pins == EXPORT["locked"](lock)


def test_every_environment_has_a_file_and_the_python_of_the_locks():
    assert {env.stem for env in ENVS} == set(EXPORT["PACKAGES"])
    for env in ENVS:
        assert yaml.safe_load(env.read_text())["dependencies"][:2] == ["python =3.11", "pip"]


@pytest.fixture(scope="module")
def index():
    """Skips where the index cannot be asked."""
    if not shutil.which("uv"):
        pytest.skip("needs uv (requirements/dev.lock)")
    try:
        EXPORT["resolve"](EXPORT["locked"]("dev")[:1], "--no-deps")
    except subprocess.CalledProcessError:
        pytest.skip("no package index can be reached")


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize("name", EXPORT["PACKAGES"])
def test_the_index_resolves_an_environment_to_itself(name):
    """Every version exists, all fit each other, and pip has nothing left to choose."""
    options = []
    if name in EXPORT["INDEX"]:  # PIP_NO_DEPS, as docs/environments.md says; CPU build of torch
        links = os.environ.get("PIP_FIND_LINKS")
        source = ("--find-links", links) if links else ("--index", EXPORT["INDEX"][name])
        options = ["--no-deps", "--index-strategy", "unsafe-best-match", *source]
    assert EXPORT["resolve"](section(name), *options) == set(section(name))


def test_the_container_installs_the_lock_files_and_nothing_else():
    steps = re.findall(r"^RUN (.*)$", CONTAINERFILE, re.MULTILINE)
    assert len(steps) == 1
    installed = re.search(r"^pip install .*--requirement /(\S+)$", steps[0])
    copied = re.findall(r"^COPY requirements/\$\{LOCK\}\.lock /(\S+)$", CONTAINERFILE, re.MULTILINE)
    assert [installed[1]] == copied


def test_the_container_has_the_python_of_the_environments():
    assert re.search(r"^FROM python:3\.11\.\d+-bookworm$", CONTAINERFILE, re.MULTILINE)
    assert re.search(r"^ARG LOCK=cpu$", CONTAINERFILE, re.MULTILINE)
