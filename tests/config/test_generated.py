"""The schema, the key table and config.yaml say the same as the typed blocks."""

import json
from collections.abc import Iterator

import pytest
import yaml
from configs import DEFAULT, PRESETS, ROOT, merged
from jsonschema import Draft202012Validator

from arte.config import generate, keys


def test_schema_and_table_are_what_the_blocks_make_of_them():
    remedy = "run: PYTHONPATH=workflow/scripts python -m arte.config.generate"
    assert generate.SCHEMA.read_text() == generate.schema_text(DEFAULT), remedy
    readme = generate.README.read_text()
    assert readme == generate.readme_text(readme, DEFAULT), remedy
    assert readme.count(generate.START) == readme.count(generate.END) == 1


def blocks(part: keys.Schema, value: dict, path: str = "") -> Iterator[tuple[str, set, set]]:
    """The path of every block with the keys that it must have and those that the default has."""
    if "properties" in part and "paper" not in part:
        yield path, set(part["properties"]), set(value)
        for name, below in part["properties"].items():
            yield from blocks(below, value.get(name, {}), f"{path}.{name}")


def test_the_default_has_every_key_and_no_other():
    found = list(blocks(keys.schema(), DEFAULT))
    assert len(found) > 20
    assert [path for path, wanted, given in found if wanted != given] == []


def test_every_key_has_a_meaning():
    rows = list(keys.leaves(keys.schema()))
    assert len(rows) > 100
    assert len({row.path for row in rows}) == len(rows)
    assert all(row.meaning and row.values and row.paper for row in rows)


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_the_schema_accepts_what_is_accepted(path):
    validator = Draft202012Validator(json.loads(generate.SCHEMA.read_text()))
    validator.validate(merged(DEFAULT, yaml.safe_load(path.read_text())))


@pytest.mark.parametrize(
    "changes",
    [
        {"sed": 1},
        {"elicit": {"question": 3}},
        {"jobs": {"score": 0}},
        {"engine": {"backend": "vlm"}},
        {"models": {"T": {"source": "nano"}}},
        {"models": {"t": {"source": "hub"}}},
        {"arms": {"arte": {"questions": "mine"}}},
        {"engine": {"vllm": {"kv_cache_memory_bytes": 0}}},
    ],
)
def test_the_schema_refuses_what_is_refused(changes):
    validator = Draft202012Validator(json.loads(generate.SCHEMA.read_text()))
    assert not validator.is_valid(merged(DEFAULT, changes))


def test_values_are_told_in_words():
    part = {"type": "integer", "minimum": 0, "maximum": 3}
    assert keys.values(part) == "integer ≥ 0 and ≤ 3"
    assert keys.values({"type": "array", "items": part, "minItems": 2}).endswith("at least 2")
    assert keys.values({"enum": ["a", "b"]}) == "`a`, `b`"
    assert (ROOT / "config/README.md").is_file()
