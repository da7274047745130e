"""The keys of the configuration as JSON Schema and as text, both from the typed blocks."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from arte.config.blocks.whole import Config

Schema = dict[str, Any]
NAME = "<name>"
"""Stands in a key for the user's own name of a model or an arm."""


@dataclass(frozen=True)
class Key:
    """One key as a user writes it: dotted path, meaning, what it may hold, the paper's value."""

    path: str
    meaning: str
    values: str
    paper: str


def schema() -> Schema:
    """The JSON Schema of the whole configuration, without references or titles."""
    raw = Config.model_json_schema()
    return _plain(raw, raw.pop("$defs"))


def _plain(part: Any, definitions: Schema) -> Any:
    """`part` with references replaced by what they name."""
    if isinstance(part, list):
        return [_plain(each, definitions) for each in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        own = {name: value for name, value in part.items() if name != "$ref"}
        named = definitions[part["$ref"].rpartition("/")[2]]
        return _plain(copy.deepcopy(named) | own, definitions)
    titles = isinstance(part.get("title"), str)
    plain = {
        name: _plain(value, definitions)
        for name, value in part.items()
        if not (name == "title" and titles) and name != "discriminator"
    }
    if "patternProperties" in plain:
        plain["additionalProperties"] = False
    return plain


def branches(part: Schema) -> dict[str, Schema]:
    """The parts right below `part` by key; the user's own names stand as NAME."""
    below: dict[str, Schema] = {}
    for choice in (part, *part.get("oneOf", [])):
        for name, value in choice.get("properties", {}).items():
            if name in below and "const" in value:  # what tells the choices apart
                first = below[name]
                tags = [*first.get("enum", [first.get("const")]), value["const"]]
                below[name] = {**first, "enum": tags}
            below.setdefault(name, value)
        for value in choice.get("patternProperties", {}).values():
            below.setdefault(NAME, value)
    return below


def leaves(part: Schema, path: str = "") -> Iterator[Key]:
    """Every key that has a meaning of its own, in the order of the blocks."""
    if "paper" in part:
        yield Key(path, part["description"], values(part), part["paper"])
        return
    for name, below in branches(part).items():
        yield from leaves(below, f"{path}.{name}".lstrip("."))


def find(part: Schema, path: list[str | int]) -> Schema | None:
    """The part of the schema that rules the value at `path`; None where there is none."""
    for step in path:
        below = branches(part)
        part = part.get("items") if isinstance(step, int) else below.get(step, below.get(NAME))
        if part is None:
            return None
    return part


def values(part: Schema) -> str:
    """What a key may hold, in words; `on` and `off` without what YAML 1.1 reads them as."""
    choices = part.get("enum", [part["const"]] if "const" in part else [])
    choices = [choice for choice in choices if not isinstance(choice, bool)]
    if choices:
        return ", ".join(f"`{choice}`" for choice in choices)
    for several in ("anyOf", "oneOf"):
        if several in part:
            return " or ".join(values(choice) for choice in part[several])
    kind = part.get("type", "mapping")
    if kind == "array":
        least = f", at least {part['minItems']}" if part.get("minItems", 0) > 1 else ""
        return f"list of {values(part['items'])}{least}"
    name = {"object": "mapping", "string": "text", "boolean": "`true`, `false`"}.get(kind, kind)
    bounds = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    limits = " and ".join(f"{sign} {part[key]:g}" for key, sign in bounds.items() if key in part)
    return f"{name} {limits}".strip()
