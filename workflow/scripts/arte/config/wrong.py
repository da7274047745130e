"""What is wrong with a configuration, in words: expected, found, where and remedy."""

from collections.abc import Iterable
from difflib import get_close_matches

from pydantic import ValidationError

from arte.config import keys
from arte.core.errors import ArteError

MANUAL = "config/README.md explains it"
RENAMED = {
    "seed": "seeds.data and seeds.teacher",
    "licences": "licenses",
    "models.<name>.licence": "models.<name>.license",
    "prefer.preference_set": "prefer.preference_items",
    "prefer.irt.lr": "prefer.irt.learning_rate",
    "elicit.temperature": "elicit.question_temperature",
    "nano.layers": "nano.num_hidden_layers",
    "nano.heads": "nano.num_attention_heads",
    "nano.unseen.<name>.layers": "nano.unseen.<name>.num_hidden_layers",
    "nano.unseen.<name>.heads": "nano.unseen.<name>.num_attention_heads",
}
"""Keys that had another name in an earlier version."""


class ConfigError(Exception):
    """All that is wrong with a configuration."""

    def __init__(self, errors: list[ArteError]) -> None:
        self.errors = errors
        places = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        texts = "\n\n".join(str(error) for error in errors)
        super().__init__(f"the configuration has {places}\n\n{texts}")


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The nearest of the known words, as a question; None where none is near."""
    known = list(known)
    longer = [each for each in known if each.startswith(word)] if len(word) > 2 else []
    near = longer or get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else None


def shape_errors(error: ValidationError, below: tuple = ()) -> list[ArteError]:
    """An ArteError for each key that is unknown, missing, or holds what it must not.

    `below` names the block that was checked, where that is not the whole configuration.
    """
    whole, found = keys.schema(), error.errors(include_url=False)
    return [_shape_error({**each, "loc": (*below, *each["loc"])}, whole) for each in found]


def path_of(location: tuple) -> list[str | int]:
    """The keys that lead to an error, without pydantic's names for the kind of what is there."""
    path = [step for step in location if step != "[key]"]
    if len(path) > 2 and path[0] in ("models", "arms"):
        del path[2]
    if path[0] == "models" and path[2:3] == ["chat"]:
        del path[3:4]
    return path


def _shape_error(error: dict, whole: keys.Schema) -> ArteError:
    path = path_of(error["loc"])
    where = f"config key {'.'.join(map(str, path))}"
    if error["type"] == "extra_forbidden":
        return _unknown(path, whole, where)
    part = keys.find(whole, path) or {}
    if error["type"] == "missing":
        found, remedy = "no such key", f"add the key; {MANUAL}"
    elif error["type"].startswith("union_tag"):
        part = keys.branches(part)["source"]
        where, remedy = f"{where}.source", f"name one of them; {MANUAL}"
        found = repr(dict(error["input"]).get("source"))
    elif "[key]" in error["loc"]:
        found, remedy = repr(path[-1]), "use lower-case letters, digits and underscores"
        part = {"description": "a name", "type": f"text like {error['ctx']['pattern']}"}
    else:
        found = error["msg"] if error["type"] == "twice" else repr(error["input"])
        known = [str(choice) for choice in part.get("enum", [])]
        remedy = did_you_mean(str(error["input"]), known) or f"change the value; {MANUAL}"
    return ArteError(expected=_expected(part), found=found, where=where, remedy=remedy)


def _expected(part: keys.Schema) -> str:
    pattern = f" like {part['pattern']}" if "pattern" in part else ""
    unique = ", none twice" if part.get("type") == "array" else ""
    below = ", ".join(keys.branches(part))
    keyed = f" with the keys {below}" if below and keys.NAME not in below else ""
    allowed = f"{keys.values(part)}{keyed}{pattern}{unique}".replace("`", "")
    meaning = part.get("description")
    return f"{meaning} ({allowed})" if meaning else allowed


def _unknown(path: list[str | int], whole: keys.Schema, where: str) -> ArteError:
    known = list(keys.branches(keys.find(whole, path[:-1]) or {}))
    return ArteError(
        expected=f"only the keys {', '.join(known)}",
        found=repr(path[-1]),
        where=where,
        remedy=_new_name(path) or did_you_mean(str(path[-1]), known) or _elsewhere(path, whole),
    )


def _new_name(path: list[str | int]) -> str | None:
    for old, new in RENAMED.items():
        steps = old.split(".")
        same = [step in (own, keys.NAME) for step, own in zip(steps, path, strict=False)]
        if len(steps) == len(path) and all(same):
            return f"the key is called {new} now"
    return None


def _elsewhere(path: list[str | int], whole: keys.Schema) -> str:
    """Keys of this name in other blocks, or where all keys are explained."""
    same = [leaf.path for leaf in keys.leaves(whole) if leaf.path.split(".")[-1] == path[-1]]
    if same:
        return f"remove it, or put it where it belongs: {', '.join(same[:4])}"
    return "remove it; config/README.md has all keys"
