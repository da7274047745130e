"""The default config, its presets, and configs that differ from it."""

import copy
import json
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "workflow/schemas/config.schema.json").read_text())
DEFAULT = yaml.safe_load((ROOT / "config/config.yaml").read_text())
PRESETS = sorted((ROOT / "config/presets").glob("*.yaml"))


def merged(base: dict, changes: dict) -> dict:
    """`base` with `changes` merged key by key, as Snakemake merges config files."""
    result = copy.deepcopy(base)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else value
    return result
