"""The default config, its presets, and configs that differ from it."""

import copy
from pathlib import Path

import pytest
import yaml

from arte.config import files
from arte.config.check import checked
from arte.config.wrong import ConfigError
from arte.core.errors import ArteError

ROOT = Path(__file__).parents[2]
DEFAULT = yaml.safe_load((ROOT / "config/config.yaml").read_text())
PRESETS = sorted((ROOT / "config/presets").glob("*.yaml"))
HUB = {"source": "hub", "id": "a/b", "revision": "0" * 40, "license": "mit", "gpus": 1}
ROLES = {"teacher": "t", "student": "s", "panel": ["s", "p"]}


def merged(base: dict, changes: dict) -> dict:
    """`base` with `changes` merged key by key, as Snakemake merges config files."""
    result = copy.deepcopy(base)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else value
    return result


def preset(name: str, changes: dict | None = None) -> dict:
    """The default config with a preset's changes and further ones, checked and ready."""
    own = yaml.safe_load((ROOT / f"config/presets/{name}.yaml").read_text())
    return checked(merged(merged(DEFAULT, own), changes or {}))


def refusals(changes: dict) -> list[ArteError]:
    """The errors that the default config with `changes` raises."""
    with pytest.raises(ConfigError) as caught:
        checked(merged(DEFAULT, changes), *files.RULES)
    assert str(caught.value).count("expected: ") == len(caught.value.errors)
    return caught.value.errors


def hub(**changes: object) -> dict:
    """Changes that make all roles models of the hub."""
    return {"models": dict.fromkeys("tsp", HUB | changes), "roles": ROLES}


def at(path: str, value: object) -> dict:
    """Changes that set one key."""
    for step in reversed(path.split(".")):
        value = {step: value}
    return value


def value_at(config: dict, path: str) -> object:
    """What stands at a dotted path."""
    for step in path.split("."):
        config = config[step]
    return config
