"""What a model of a server may do: draft as the teacher, and nothing else."""

from collections.abc import Iterator

from arte.config.arms import aligns, is_written
from arte.config.chat import TEACHER, chat
from arte.core.errors import ArteError, config_error

WEIGHTS = "hub, folder, gguf or nano"
"""Sources of models whose weights a run has."""


def addresses(config: dict) -> dict[str, dict]:
    """How to reach each model of a server, for the jobs that ask it (`arte.models.endpoint`)."""
    limits = {
        key: config["engine"]["openai"][key] for key in ("concurrency", "timeout_s", "retries")
    }
    return {
        name: {key: model[key] for key in ("url", "model", "key_env") if key in model} | limits
        for name, model in config["models"].items()
        if model["source"] == "endpoint"
    }


def problems(config: dict) -> Iterator[ArteError]:
    """Roles, keys and arms that need weights where there is only a server."""
    models, roles = config["models"], config["roles"]
    served = [name for name, model in models.items() if model["source"] == "endpoint"]
    asked = (("student", "trained"), ("panel", "asked as base models are"), ("unseen", "trained"))
    for key, what in asked:
        yield from _role(key, roles[key], served, what)
    for name in served:
        yield from _keys(name, models[name])
    if not aligns(config):
        yield from _without_alignment(config, roles["teacher"])


def _role(key: str, given: str | list[str], served: list[str], what: str) -> Iterator[ArteError]:
    for name in [given] if isinstance(given, str) else given:
        if name in served:
            yield config_error(
                f"roles.{key}",
                name,
                rule=f"models that can be {what}: models.{name}.source is endpoint, and such a "
                "model can only draft, as roles.teacher",
                remedy=f"name a model of source {WEIGHTS}",
            )


def _keys(name: str, model: dict) -> Iterator[ArteError]:
    """Keys that only a model with its tokenizer and weights here can have."""
    reasons = {
        "template_args": "no arguments of a template: the server applies it",
        "engine": "no engine of its own: the server generates, and engine.openai has concurrency, "
        "timeout_s and retries",
    }
    for key, rule in reasons.items():
        if model.get(key) is not None:
            yield config_error(
                f"models.{name}.{key}",
                model[key],
                rule=f"{rule} (source: endpoint)",
                remedy="remove the key, and set it where the server starts",
            )
    if not all(chat(model, use) for use in TEACHER):
        yield config_error(
            f"models.{name}.chat",
            model["chat"],
            rule="auto or on for what a teacher writes: the server puts every prompt in turns "
            "(source: endpoint)",
            remedy="remove the key",
        )


def _without_alignment(config: dict, teacher: str) -> Iterator[ArteError]:
    """Whatever needs the aligned teacher, which there is none of."""
    why = f"models.{teacher}.source is endpoint, and no server's model can be aligned"
    weights = f"take a teacher of source {WEIGHTS}"
    arms = [
        name
        for name, arm in config["arms"].items()
        if is_written(arm) and "aligned" in (arm["questions"], arm["rationales"])
    ]
    if arms:
        yield config_error(
            "arms",
            arms,
            rule=f"no arm of the aligned teacher: {why}",
            remedy=f"set these arms to null, or {weights}",
        )
    for key, block, none, shows in (
        ("rounds", config["rounds"], 1, "a later round drafts with the aligned teacher"),
        ("ood.transfer", config["ood"]["transfer"], [], "Table 4 is about the aligned teacher"),
        ("roles.unseen", config["roles"]["unseen"], [], "Table 5 is about the aligned teacher"),
    ):
        if block != none:
            yield config_error(
                key, block, rule=f"{none}: {shows}, and {why}", remedy=f"set {none}, or {weights}"
            )
