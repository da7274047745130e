"""What must hold of the models that the pipeline trains itself, beyond the shape of the config."""

from collections.abc import Iterator
from pathlib import Path

from arte.core.errors import ArteError, config_error


def used_models(config: dict) -> list[str]:
    """Names of the models that have a role, each once."""
    roles = config["roles"]
    names = [roles["teacher"], roles["student"], *roles["panel"], *roles["unseen"]]
    return list(dict.fromkeys(names))


def base_model(config: dict) -> str | None:
    """The nano model that is trained from scratch and that the other nano models start from.

    It is the student, if that is nano; else the one nano model that is neither the teacher nor
    named in nano.panel or nano.unseen, with a role if there are several. None where that is no one.
    """
    models, roles, nano = config["models"], config["roles"], config["nano"]
    trained = [name for name, model in models.items() if model["source"] == "nano"]
    if roles["student"] in trained:
        return roles["student"]
    others = {roles["teacher"], *nano["panel"], *nano["unseen"]}
    left = [name for name in trained if name not in others]
    candidates = [name for name in left if name in used_models(config)] or left
    return candidates[0] if len(candidates) == 1 else None


def problems(config: dict) -> Iterator[ArteError]:
    """What is wrong with roles, models and the block nano together."""
    models, roles, nano = config["models"], config["roles"], config["nano"]
    trained = {name for name, model in models.items() if model["source"] == "nano"}
    if not {roles["teacher"], roles["student"]} <= models.keys():
        return
    if not trained & set(used_models(config)):
        return
    base = base_model(config)
    if base is None:
        yield config_error(
            "models",
            sorted(trained - {roles["teacher"], *nano["panel"], *nano["unseen"]}),
            rule="where roles.student is not nano, exactly one nano model besides roles.teacher, "
            "nano.panel and nano.unseen: the one that these are trained from",
            remedy="name nano_student of config/config.yaml in roles.panel",
        )
        return
    own = {base, roles["teacher"], roles["student"]}
    others = {key: set(roles[key]) & trained - own for key in ("panel", "unseen")}
    yield from _named(nano, trained - own, others)
    yield from _nano_training(nano, config["data"])


def _named(nano: dict, others_trained: set, others: dict[str, set]) -> Iterator[ArteError]:
    """Whether nano.panel and nano.unseen say how each of `others` is made, and name no stranger."""
    for key, names in others.items():
        if not names <= set(nano[key]) <= others_trained:
            yield config_error(
                f"nano.{key}",
                sorted(nano[key]),
                rule=f"models of source nano, among them those of roles.{key} besides teacher, "
                f"student and the one that they are trained from: {sorted(names)}",
                remedy=f"name the same models in nano.{key} and roles.{key}",
            )


def _nano_training(nano: dict, data: dict) -> Iterator[ArteError]:
    own = {Path(path).resolve().name for path in data["tasks"]} & {*data["subtasks"]}
    if nano["corpus"] == "generators" and (own or data["source"] != "embedded"):
        yield config_error(
            "nano.corpus",
            nano["corpus"],
            rule="items, unless data.source is embedded and no task is your own: others have "
            "no generator",
            remedy="set nano.corpus to items",
        )
    shapes = {"nano": nano} | {f"nano.unseen.{name}": one for name, one in nano["unseen"].items()}
    for key, shape in shapes.items():
        if shape["hidden_size"] % (2 * shape["num_attention_heads"]):
            yield config_error(
                f"{key}.num_attention_heads",
                shape["num_attention_heads"],
                rule=f"a number whose double divides hidden_size, {shape['hidden_size']}",
                remedy=f"change {key}.num_attention_heads or {key}.hidden_size",
            )
    rows = nano["batch_tokens"] // nano["context"]
    if rows % nano["processes"]:
        yield config_error(
            "nano.processes",
            nano["processes"],
            rule=f"a divisor of the {rows} sequences of a batch (batch_tokens / context)",
            remedy="change nano.processes or nano.batch_tokens",
        )
    if nano["context"] > nano["batch_tokens"]:
        yield config_error(
            "nano.context",
            nano["context"],
            rule=f"at most nano.batch_tokens, which is {nano['batch_tokens']}",
            remedy="lower nano.context or raise nano.batch_tokens",
        )
