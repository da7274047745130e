"""Say what this machine lacks for a configuration: one look, before anything runs.

arte doctor [--configfile FILE ...]
"""

import argparse
import functools
import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from arte.config import files
from arte.config.check import checked
from arte.config.engines import PACKAGES, engine_of, merged, missing
from arte.config.nano_rules import used_models
from arte.config.wrong import ConfigError
from arte.core.devices import devices

HOME = Path(__file__).parents[4]
HUB = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
LEAST_GB = 5.0
"""Free disk for the smallest run of the default configuration."""

PATIENCE = 8.0
"""Seconds for which anything outside this process may take to answer."""


class Found(NamedTuple):
    """One finding: whether it is in order (None: told for information), and what it is about."""

    right: bool | None
    what: str
    text: str


def given(paths: list[str]) -> dict:
    """The default configuration with these files, later ones over earlier ones."""
    laid = (HOME / "config/config.yaml", *map(Path, paths))
    contents = [yaml.safe_load(path.read_text(encoding="utf-8")) or {} for path in laid]
    return functools.reduce(merged, contents)


def python(_: dict) -> Iterator[Found]:
    """The version of Python, against those of the locks."""
    version = "{}.{}.{}".format(*sys.version_info)
    right = sys.version_info >= (3, 11)
    yield Found(right, "Python", f"{version}; the locks are for 3.11" if right else version)


def disk(_: dict) -> Iterator[Found]:
    """Room for results, and for what the hub keeps."""
    for what, path in (("results", Path.cwd()), ("models", Path.home())):
        free = shutil.disk_usage(path).free / 1e9
        yield Found(free > LEAST_GB, "disk", f"{free:,.0f} GB free for {what}, below {path}")


def gpus(config: dict) -> Iterator[Found]:
    """GPUs at hand, against the most that a model in use asks for."""
    asked = max(config["models"][name].get("gpus", 0) for name in used_models(config))
    there = len(devices())
    note = f"{there} here, {asked} asked for by the largest model"
    yield Found(there >= asked or _slurm(), "GPUs", note + (", on Slurm" if _slurm() else ""))


def backends(config: dict) -> Iterator[Found]:
    """Whether what the models in use generate by is installed."""
    used = {engine_of(config, name)["backend"] for name in used_models(config)}
    for name in sorted(used & PACKAGES.keys()):
        there = not missing(name)
        remedy = "not in this environment: make venv-gpu, or conda (docs/environments.md)"
        yield Found(there, name, "installed" if there else remedy)


def hub(config: dict) -> Iterator[Found]:
    """Whether the hub hands out each model in use, with the token at hand."""
    used = (config["models"][name] for name in used_models(config))
    wanted = [model for model in used if model["source"] == "hub"]
    if not wanted:
        return
    from huggingface_hub import get_token

    token = get_token()
    yield Found(bool(token) or None, "token", "at hand" if token else "none (HF_TOKEN)")
    with ThreadPoolExecutor(len(wanted)) as pool:
        yield from pool.map(lambda model: hub_model(model, token), wanted)


def hub_model(model: dict, token: str | None) -> Found:
    """Whether the hub hands out the config.json of a model."""
    url = f"{HUB}/{model['id']}/resolve/{model['revision']}/config.json"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, headers=headers, method="HEAD")  # noqa: S310
    try:
        urllib.request.urlopen(request, timeout=PATIENCE).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        gated = error.code in (401, 403)
        page = f"accept its terms at {HUB}/{model['id']} and set HF_TOKEN (docs/models.md)"
        return Found(False, model["id"], page if gated else f"the hub says {error.code}")
    except OSError as error:
        reason = getattr(error, "reason", error)
        return Found(None, model["id"], f"the hub is not reached from here ({reason})")
    return Found(True, model["id"], "can be fetched")


def endpoints(config: dict) -> Iterator[Found]:
    """Whether the servers of models in use answer, with the key at hand."""
    for name in used_models(config):
        model = config["models"][name]
        if model["source"] == "endpoint":
            yield server(model)


def server(model: dict) -> Found:
    """Whether a server lists a model."""
    key = os.environ.get(model.get("key_env", ""), "")
    if "key_env" in model and not key:
        return Found(False, model["url"], f"export {model['key_env']}, which has the server's key")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    request = urllib.request.Request(f"{model['url'].rstrip('/')}/models", headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            listed = {each["id"] for each in json.load(answer)["data"]}
    except urllib.error.HTTPError as error:
        refused = error.code in (401, 403)
        return Found(False if refused else None, model["url"], f"the server says {error.code}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = getattr(error, "reason", error)
        return Found(None, model["url"], f"no list of models from here ({reason})")
    there = model["model"] in listed
    said = "lists" if there else "answers, and lists no"
    return Found(there or None, model["url"], f"{said} {model['model']}")


def partitions(_: dict) -> Iterator[Found]:
    """Whether Slurm would take jobs with the names of the site file, and what its nodes reach."""
    if not _slurm():
        if shutil.which("sbatch"):
            yield Found(None, "Slurm", "installed, but no controller answers")
        return
    done = _run([sys.executable, str(HOME / "slurm/check.py")])
    lines = (done.stdout + done.stderr).strip().splitlines() or ["no answer"]
    yield Found(done.returncode == 0, "Slurm", "; ".join(lines))
    probe = f"import urllib.request as r; r.urlopen('{HUB}', timeout=5)"
    asked = ["srun", "--immediate=5", "--time=1", sys.executable, "-c", probe]
    reached = _run(asked).returncode == 0
    text = "reach the hub" if reached else "no node answered, or none reaches the hub: fetch first"
    yield Found(reached or None, "nodes", text)


@functools.cache
def _slurm() -> bool:
    """Whether a controller of Slurm answers here."""
    return shutil.which("sbatch") is not None and _run(["sinfo", "--noheader"]).returncode == 0


def _run(command: list[str]) -> subprocess.CompletedProcess:
    """A command that may not take longer than PATIENCE."""
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))


LOOKS: tuple[Callable[[dict[str, Any]], Iterator[Found]], ...] = (
    *(python, disk, gpus, backends, hub, endpoints, partitions),
)
"""What is looked at where the configuration is right."""


def findings(config: dict) -> list[Found]:
    """All findings; of a wrong configuration those that need none of it, and its errors."""
    try:
        ready, looks = checked(config, *files.RULES), LOOKS
        errors = [Found(True, "config", "no errors")]
    except ConfigError as error:
        ready, looks = {}, (python, disk)
        errors = [Found(False, "config", str(each)) for each in error.errors]
    with ThreadPoolExecutor(len(looks)) as pool:
        found = list(pool.map(lambda look: list(look(ready)), looks))
    return [each for some in found for each in some] + errors


def main() -> None:
    """Print one line for each finding; exit with status 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--configfile", nargs="*", default=[], help="as for snakemake")
    found = findings(given(parser.parse_args().configfile))
    marks = {True: "ok", False: "WRONG", None: "note"}
    for right, what, text in found:
        print(f"{marks[right]:6} {what}: {text.replace(chr(10), chr(10) + ' ' * 7)}")
    sys.exit(any(each.right is False for each in found))


if __name__ == "__main__":
    main()
