"""Check the configuration before anything runs, and make it ready: one call, all errors."""

import copy
import os
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import TypeAdapter, ValidationError

from arte.config import (
    arms,
    chat,
    devices,
    endpoints,
    engines,
    lengths,
    libraries,
    licenses,
    nano_rules,
    rules,
)
from arte.config.blocks.engine import Vllm
from arte.config.blocks.training import KINDS
from arte.config.blocks.whole import Config
from arte.config.wrong import ConfigError, path_of, shape_errors
from arte.core.errors import ArteError

Rule = Callable[[dict], Iterator[ArteError]]
RULES: tuple[tuple[Rule, tuple[str, ...]], ...] = (
    (rules.data, ("data",)),
    (rules.roles, ("models", "roles")),
    (chat.problems, ("models", "roles")),
    (endpoints.problems, ("models", "roles", "arms", "rounds", "ood")),
    (licenses.problems, ("models", "roles", "licenses")),
    (rules.ood, ("ood",)),
    (rules.sizes, ("prefer", "data")),
    (rules.techniques, ("elicit",)),
    (lengths.problems, ("engine", "elicit", "prefer", "evaluate")),
    (arms.problems, ("arms", "rounds", "ood", "roles", "elicit", "models")),
    (devices.problems, ("models", "roles", "engine", "align", "finetune")),
    (nano_rules.problems, ("models", "roles", "nano", "data")),
)
"""A rule that joins keys, and the blocks that it reads."""


def checked(config: dict[str, Any], *more: tuple[Rule, tuple[str, ...]]) -> dict[str, Any]:
    """The configuration with its numbers as numbers, without what null takes away, and ready.

    `more` are rules of the caller with the blocks that they read, such as those of
    arte.config.files. Raises ConfigError with everything that is wrong; a rule that joins keys is
    left out where one of its blocks is wrong itself.
    """
    values, errors = shaped(config)
    errors += _passed_on(config, values)
    if {"models", "engine"} <= values.keys():
        errors += engines.join(values)
    values = _with_arms_of_rounds(values)
    for rule, blocks in (*RULES, *more):
        if values.keys() >= set(blocks):
            errors += rule(values)
    if errors:
        raise ConfigError(errors)
    return values


def given_again(given: dict[str, Any], ready: dict[str, Any]) -> dict[str, Any]:
    """A configuration that, laid over the default, is checked to `ready`, however it was written.

    `ready` is `checked(given)`. What null takes away in `given` is null, or the default would bring
    it back.
    """
    removed = {key: None for key, value in given.items() if value is None and key not in ready}
    return removed | {
        key: given_again(given[key], value)
        if isinstance(value, dict) and isinstance(given.get(key), dict)
        else value
        for key, value in ready.items()
    }


def shaped(config: dict[str, Any]) -> tuple[dict[str, Any], list[ArteError]]:
    """The blocks that have the right keys, types and ranges, and what is wrong with the others."""
    try:
        return _at_home(Config.model_validate(config).model_dump(exclude_unset=True)), []
    except ValidationError as error:
        known = copy.deepcopy(config)
        for each in error.errors(include_url=False):
            if each["type"] == "extra_forbidden":  # its block may be right without it
                _remove(known, path_of(each["loc"]))
        return _at_home(_right_blocks(known)), shape_errors(error)


def _right_blocks(config: dict[str, Any]) -> dict[str, Any]:
    right = {}
    for name, field in Config.model_fields.items():
        try:
            block = TypeAdapter(field.rebuild_annotation())
            value = block.validate_python(config.get(name), strict=True)
            right[name] = block.dump_python(value, exclude_unset=True)
        except ValidationError:
            continue
    return right


def _remove(config: dict[str, Any], path: list[str | int]) -> None:
    """Take a key out of a nested mapping."""
    *above, last = path
    for step in above:
        config = config[step]
    del config[last]


def _at_home(values: dict[str, Any]) -> dict[str, Any]:
    """`values` with ~ in the folders and files that they name as the user's home directory."""
    if "prompts" in values:
        values["prompts"] = os.path.expanduser(values["prompts"])
    if "data" in values:
        for block in (values["data"], values["data"]["bigbench"]):
            block["folder"] = os.path.expanduser(block["folder"])
        values["data"]["tasks"] = [os.path.expanduser(path) for path in values["data"]["tasks"]]
    for arm in values.get("arms", {}).values():
        arm |= {key: os.path.expanduser(arm[key]) for key in KINDS if key in arm}
    return values


def _passed_on(config: dict[str, Any], values: dict[str, Any]) -> list[ArteError]:
    """Errors of the arguments of libraries; those in `values` are made ready."""
    errors: list[ArteError] = []
    known = libraries.known_arguments()
    for path in libraries.PASSED:
        *above, last = path.split(".")
        given, ready = _block(config, above), _block(values, above)
        if isinstance(given.get(last), dict):
            typed = Vllm.model_fields if path == "engine.vllm" else {}
            others = {name: value for name, value in given[last].items() if name not in typed}
            arguments, wrong = libraries.passed_on(path, others, known)
            errors += wrong
            if last in ready:
                own = {name: value for name, value in ready[last].items() if name in typed}
                ready[last] = own | arguments
    return errors


def _block(config: Any, path: list[str]) -> dict[str, Any]:
    """The mapping at `path`; an empty one where there is none."""
    for step in path:
        config = config.get(step) if isinstance(config, dict) else None
    return config if isinstance(config, dict) else {}


def _with_arms_of_rounds(values: dict[str, Any]) -> dict[str, Any]:
    if "arms" in values and "rounds" in values:
        new = arms.later(values["arms"], values["rounds"])
        values["arms"] |= {name: arm for name, arm in new.items() if name not in values["arms"]}
    return values
