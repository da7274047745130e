"""Which uses of a model are asked in the turns of its chat template."""

from collections.abc import Iterator

from arte.config.blocks.models import switch
from arte.core.errors import ArteError, config_error

TEACHER = ("questions", "rationales")
"""What the teacher writes; all else are a student's `answers`."""
TEXTS = ("system", "template_args")
"""Keys that only a chat template reads."""


def uses(roles: dict) -> Iterator[tuple[str, str, str]]:
    """(role, model, use) of all that models are asked for; `roles` is the config's block."""
    yield from (("teacher", roles["teacher"], use) for use in TEACHER)
    for role in ("student", "unseen", "panel"):
        names = [roles[role]] if role == "student" else roles[role]
        yield from ((role, name, "answers") for name in names)


def chat(model: dict, use: str) -> dict[str, dict]:
    """The key `chat` of the config of a job that asks a model; nothing where it is bare text.

    `use` is questions, rationales or answers. Whether a tokenizer has a template, which decides
    `auto`, is known when the job loads it.
    """
    word = choice(model, use)
    if word == "off":
        return {}
    return {"chat": {"chat": word, **{key: model[key] for key in TEXTS if model.get(key)}}}


def choice(model: dict, use: str) -> str:
    """auto, on or off; a student is asked by bare text unless its model says on.

    The model's block may also be as the user wrote it, with on and off as YAML reads them.
    """
    given = model.get("chat", "auto")
    word = switch(given.get(use, "auto") if isinstance(given, dict) else given)
    bare = model["source"] == "nano" or (word == "auto" and use not in TEACHER)
    return "off" if bare else word


def problems(config: dict) -> Iterator[ArteError]:
    """Texts for a chat template of models that are asked by bare text alone."""
    asked: dict[str, list[str]] = {}
    for _, name, use in uses(config["roles"]):
        asked.setdefault(name, []).append(use)
    for name, model in config["models"].items():
        given = [key for key in TEXTS if model.get(key)]
        if given and name in asked and not any(chat(model, use) for use in asked[name]):
            yield config_error(
                f"models.{name}.{given[0]}",
                model[given[0]],
                rule="no text for a chat template where none is applied",
                remedy=f"set models.{name}.chat: on, or remove the key",
            )
