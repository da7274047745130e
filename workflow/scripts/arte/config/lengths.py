"""Token limits that must leave room for each other."""

from collections.abc import Iterator

from arte.config.engines import engine_of
from arte.core.errors import ArteError, config_error

ANSWERS = ("evaluate.max_tokens", "prefer.max_tokens")
"""Limits of a student's answer."""
LIMITS = (*ANSWERS, "elicit.question_max_tokens", "elicit.rationale_max_tokens")


def problems(config: dict) -> Iterator[ArteError]:
    """Limits without room for a prompt, and answers that are cut where their examples are not."""
    for key in LIMITS:
        room = _room(config, key)
        if _value(config, key) >= room:
            yield config_error(
                key,
                _value(config, key),
                rule=f"below engine.max_model_len, which is {room}: prompt and answer together "
                "take no more tokens",
                remedy=f"lower {key} or raise engine.max_model_len",
            )
    longest = config["elicit"]["rationale_max_tokens"]
    for key in ANSWERS:
        if _value(config, key) < longest:
            yield config_error(
                key,
                _value(config, key),
                rule=f"at least elicit.rationale_max_tokens, which is {longest}: a student answers "
                "as long as the rationales that it learns from, and an answer cut off is wrong",
                remedy=f"raise {key} or lower elicit.rationale_max_tokens",
            )


def _room(config: dict, key: str) -> int:
    """The shortest context (tokens) among the models that a limit is for, where they are right."""
    if not {"models", "roles"} <= config.keys():
        return config["engine"]["max_model_len"]
    roles = config["roles"]
    students = [roles["student"], *roles["panel"], *roles["unseen"]]
    names = [roles["teacher"]] if key.startswith("elicit.") else students
    engines = [engine_of(config, name) for name in names if name in config["models"]]
    return min(engine["max_model_len"] for engine in engines or [config["engine"]])


def _value(config: dict, key: str) -> int:
    block, name = key.split(".")
    return config[block][name]
