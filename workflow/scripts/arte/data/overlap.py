"""Which questions are the same but for case, spaces, punctuation and the order of their options."""

import re

_TOKEN = re.compile(r"\w+|[][(){}<>+*=-]")
"""Words and numbers, and the signs that are the matter of brackets and sums."""
_OPTION = re.compile(r"^(?:\([A-Z]\)|-) ?(.*)$", re.MULTILINE)


def tokens(text: str) -> list[str]:
    """What is left of a text without case, spaces and punctuation, in order."""
    return _TOKEN.findall(text.casefold())


def parts(question: str) -> tuple[str, list[str]]:
    """A question in BBH's form as what stands before its options, and the options' texts."""
    stem, mark, listed = question.rpartition("Options:")
    return (stem, _OPTION.findall(listed)) if mark else (question, [])


def identity(question: str, *, by_options: bool) -> str:
    """A key that is equal for questions that ask the same.

    What stands before the options decides. With `by_options` it says too little ("Which sentence is
    right:"), and the options count too, in any order and however they are cut into lines.
    """
    stem, options = parts(question)
    words = sorted(word for option in options for word in tokens(option)) if by_options else []
    return " ".join([*tokens(stem), "|", *words])
