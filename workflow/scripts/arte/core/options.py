"""The options that a question offers, and other ways to letter them."""

import re
import string

_LETTER = re.compile(r"(?:^|\s)\(([A-Z])\)")
_OTHER_LETTERS = (
    re.compile(r"^[ \t]*(?:[-*•] )?\(?([A-Za-z])[).:](?=[ \t]*\S)", re.MULTILINE),
    re.compile(r"(?:^|(?<=\s))([A-Za-z])\)(?=\s)"),
)
"""Options as language models letter them: "A) red" or "a. red" on lines of their own, or inline."""


def option_letters(question: str) -> list[str]:
    """The letters of the options that a question offers after its last "Options:", in order."""
    return _LETTER.findall(question.rpartition("Options:")[2])


def bracketed_options(question: str) -> str:
    """`question` with options lettered as in BBH, "(A) red", where they are "A) red" or "A. red".

    Unchanged where it has such letters, or where none are found that run from A on.
    """
    if option_letters(question):
        return question
    head, mark, tail = question.rpartition("Options:")
    for pattern in _OTHER_LETTERS:
        letters = "".join(pattern.findall(tail)).upper()
        if len(letters) > 1 and string.ascii_uppercase.startswith(letters):
            return head + mark + pattern.sub(lambda found: f"({found[1].upper()})", tail)
    return question
