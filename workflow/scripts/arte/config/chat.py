"""Which uses of a model are asked in the turns of its chat template."""

from collections.abc import Iterator

from arte.core.errors import ArteError, config_error

TEACHER = ("questions", "rationales")
"""What the teacher writes; all else are a student's `answers`."""
TEXTS = ("system", "template_args")
"""Keys that only a chat template reads."""


def chat(model: dict, use: str) -> dict[str, dict]:
    """The key `chat` of the config of a job that asks a model; nothing where it is bare text.

    `use` is questions, rationales or answers. Whether a tokenizer has a template, which decides
    `auto`, is known when the job loads it.
    """
    word = _word(model, use)
    if word == "off":
        return {}
    return {"chat": {"chat": word, **{key: model[key] for key in TEXTS if model.get(key)}}}


def _word(model: dict, use: str) -> str:
    """auto, on or off; a student is asked by bare text unless its model says on."""
    given = model.get("chat", "auto")
    word = given.get(use, "auto") if isinstance(given, dict) else given
    bare = model["source"] == "nano" or (word == "auto" and use not in TEACHER)
    return "off" if bare else word


def problems(config: dict) -> Iterator[ArteError]:
    """Texts for a chat template of models that are asked by bare text alone."""
    roles = config["roles"]
    uses = {name: ["answers"] for name in (roles["student"], *roles["panel"], *roles["unseen"])}
    uses[roles["teacher"]] = [*TEACHER, *uses.get(roles["teacher"], [])]
    for name, model in config["models"].items():
        given = [key for key in TEXTS if model.get(key)]
        if given and name in uses and not any(chat(model, use) for use in uses[name]):
            yield config_error(
                f"models.{name}.{given[0]}",
                model[given[0]],
                rule="no text for a chat template where none is applied",
                remedy=f"set models.{name}.chat: on, or remove the key",
            )
