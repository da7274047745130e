"""Answer forms: the kinds that a `task.yaml` may name, and what some of them need besides."""

import re
from dataclasses import dataclass
from typing import Any

KINDS = (
    "option",
    "boolean",
    "yesno",
    "validity",
    "integer",
    "text",
    "decimal",
    "list",
    "set",
    "regex",
)
"""What an answer can be; `task.yaml` and docs/own-task.md use these names."""


@dataclass(frozen=True)
class Form:
    """How an answer is written.

    tolerance (decimal): the largest difference at which two numbers count as equal. pattern
    (regex): what the whole answer must match once all that matches `remove` is taken out and, with
    `lower`, case is folded. Two such answers are equal where what is left is.
    """

    kind: str
    tolerance: float = 0.0
    pattern: str = ""
    remove: str = ""
    lower: bool = False


EXTRAS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "decimal": {"tolerance": (int, float)},
    "regex": {"pattern": str, "remove": str, "lower": bool},
}
"""The keys that a kind may have beside `form`, with their types."""


def form_of(value: Any) -> Form:
    """The form that `answer` in a `task.yaml` names: a kind, or {form: kind, …} with its extras.

    Raises ValueError(expected, found) where it names none.
    """
    given = {"form": value} if isinstance(value, str) else value
    kind = given.get("form") if isinstance(given, dict) else None
    if kind not in KINDS:
        raise ValueError(f"an answer form: {', '.join(KINDS)}", repr(value))
    known = EXTRAS.get(kind, {})
    for key, extra in given.items():
        if key != "form" and (key not in known or not _is_a(extra, known[key])):
            allowed = ", ".join(known) or "no further key"
            raise ValueError(f"with answer form {kind}: {allowed}", f"{key}: {extra!r}")
    form = Form(kind, **{key: extra for key, extra in given.items() if key != "form"})
    _check(form)
    return form


def declaration(form: Form) -> dict[str, Any]:
    """The opposite of `form_of`, for the config of a job."""
    return {"form": form.kind} | {key: getattr(form, key) for key in EXTRAS.get(form.kind, {})}


def _is_a(value: Any, kind: type | tuple[type, ...]) -> bool:
    """Whether `value` has a type; a truth value is no number."""
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _check(form: Form) -> None:
    if form.tolerance < 0:
        raise ValueError("a tolerance of at least 0", repr(form.tolerance))
    if form.kind == "regex" and not form.pattern:
        raise ValueError("with answer form regex: pattern", "none")
    for key in ("pattern", "remove"):
        try:
            re.compile(getattr(form, key))
        except re.error as error:
            raise ValueError(f"a regular expression as {key}", str(error)) from None
