"""Blocks that are handed to a library: its own argument names and types, without importing it.

arte.config.arguments.json lists them; arte.config.generate_arguments writes that file.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from arte.config import refused
from arte.config.blocks.base import number
from arte.config.wrong import did_you_mean
from arte.core.errors import ArteError

FILE = Path(__file__).with_name("arguments.json")
PASSED = {
    "engine.vllm": "EngineArgs",
    "align.dpo": "DPOConfig",
    "align.lora": "LoraConfig",
    "align.launch.fsdp": "accelerate launch",
    "finetune.sft": "SFTConfig",
    "finetune.lora": "LoraConfig",
    "finetune.launch.fsdp": "accelerate launch",
}
"""Block to the class (or command) whose arguments its keys are."""

KINDS = {
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "list": lambda value: isinstance(value, list),
    "mapping": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}


def known_arguments() -> dict[str, dict]:
    """Of each class: package, version, and its arguments with what they may hold."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def passed_on(path: str, block: dict[str, Any], known: dict) -> tuple[dict, list[ArteError]]:
    """The arguments as the library takes them, and what is wrong with those that it would not.

    Text that writes a number becomes one where a number is asked for. null takes an argument away
    unless the library has a use for it.
    """
    arguments, errors = {}, []
    library = known[PASSED[path]]
    for name, value in block.items():
        argument = library["arguments"].get(name)
        if argument is None or not (value is None and "null" not in argument["types"]):
            ready = _converted(value, argument)
            arguments[name] = ready
            errors += _problems(f"{path}.{name}", ready, argument, library | {"path": path})
    return arguments, errors


def _converted(value: Any, argument: dict | None) -> Any:
    """`value` as YAML 1.1 should have read it."""
    if argument is None:
        return value
    types = argument["types"]
    if value is False and "boolean" not in types and "no" in argument.get("values", []):
        return "no"  # YAML reads the bare word as false
    if "string" in types and not {"integer", "number"} & set(types):
        return value
    if isinstance(value, list):
        return [number(each) if "list of number" in types else each for each in value]
    return number(value) if isinstance(value, str) else value


def _problems(path: str, value: Any, argument: dict | None, library: dict) -> Iterator[ArteError]:
    name = path.rpartition(".")[2]
    what = f"{library['package']} {library['version']}"
    if argument is None:
        near = refused.RENAMED.get(name) or did_you_mean(name, library["arguments"])
        yield ArteError(
            expected=f"an argument of {PASSED[library['path']]} ({what})",
            found=repr(name),
            where=f"config key {path}",
            remedy=near or "remove it, or use the library's own name",
        )
        return
    reason = refused.reason(library["path"], name, value)
    if reason:
        yield ArteError(
            expected=reason.rule,
            found=f"{name}: {value!r}",
            where=f"config key {path}",
            remedy=reason.remedy,
        )
        return
    rule = _broken_rule(name, value, argument)
    if rule:
        yield ArteError(
            expected=f"{rule}, as {PASSED[library['path']]} ({what}) takes it",
            found=repr(value),
            where=f"config key {path}",
            remedy=did_you_mean(str(value), argument.get("values", [])) or "change the value",
        )


def _broken_rule(name: str, value: Any, argument: dict) -> str | None:
    """The rule that a value breaks; None where it is right."""
    types, choices = argument["types"], argument.get("values")
    if not set(types) - {"null"} and value is not None:
        return "an object of Python, which YAML cannot write"
    if not any(_is(value, kind) for kind in types):
        allowed = [kind for kind in types if kind != "string" or not choices]
        return " or ".join([*allowed, *(["one of " + ", ".join(choices)] if choices else [])])
    if choices and isinstance(value, str) and not any(_chosen(value, each) for each in choices):
        return f"one of {', '.join(choices)}"
    digits = choices and all(choice.isdigit() for choice in choices)
    if digits and KINDS["integer"](value) and str(value) not in choices:
        return f"one of {', '.join(choices)}"
    bound = refused.BOUNDS.get(name)
    outside = bound and KINDS["number"](value) and not bound.holds(value)
    return f"a number {bound.text}" if outside else None


def _is(value: Any, kind: str) -> bool:
    """Whether a value is of a kind, which may be `list of` another."""
    if kind.startswith("list of "):
        item = kind.removeprefix("list of ")
        return isinstance(value, list) and all(KINDS[item](each) for each in value)
    return kind in KINDS and KINDS[kind](value)


def _chosen(value: str, choice: str) -> bool:
    """Whether a text is a choice; `pissa_niter_[number of iters]` stands for any number there."""
    return re.fullmatch(re.sub(r"\[.*?\]", r"\\d+", choice), value) is not None
