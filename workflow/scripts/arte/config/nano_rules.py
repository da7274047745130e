"""What must hold of the models that the pipeline trains itself, beyond the shape of the config."""

from collections.abc import Iterator

from arte.core.errors import ArteError, config_error


def problems(config: dict) -> Iterator[ArteError]:
    """What is wrong with roles, models and the block nano together."""
    models, roles, nano = config["models"], config["roles"], config["nano"]
    trained = {name for name, model in models.items() if model["source"] == "nano"}
    pair = {roles["teacher"], roles["student"]}
    if not pair <= models.keys():
        return
    if len(pair & trained) == 1:
        yield config_error(
            "roles.teacher",
            roles["teacher"],
            rule="of source nano if roles.student is, and only then: they train together",
            remedy="take both of source nano or both of source hub",
        )
    others = {key: set(roles[key]) & trained - pair for key in ("panel", "unseen")}
    for key, names in others.items():
        if names and not pair <= trained:
            yield config_error(
                f"roles.{key}",
                sorted(names),
                rule="no model of source nano where teacher and student are not",
                remedy="take models of source hub",
            )
    if pair <= trained:
        yield from _nano_training(nano, config["data"], others)


def _nano_training(nano: dict, data: dict, others: dict[str, set]) -> Iterator[ArteError]:
    for key, names in others.items():
        if names != set(nano[key]):
            yield config_error(
                f"nano.{key}",
                sorted(nano[key]),
                rule=f"exactly the models of source nano in roles.{key} besides teacher and "
                f"student: {sorted(names)}",
                remedy=f"make nano.{key} and roles.{key} name the same models",
            )
    if nano["corpus"] == "generators" and data["source"] != "embedded":
        yield config_error(
            "nano.corpus",
            nano["corpus"],
            rule="items, unless data.source is embedded: other subtasks have no generator",
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
