"""The canonical form of an answer as a language model writes it: total functions of linear time.

docs/answers.md lists the forms that are read, and those that are no answer.
"""

import re
import unicodedata

LAYERS = 8
"""Most wrappings around an answer that are taken off; what is deeper is no answer."""

_WRAP = " \0*_`\"'“”‘’"
"""White space, quotes and Markdown around an answer. Inner punctuation is never touched: Dyck words
and numbers consist of it."""

_THOUSANDS = re.compile(r"(?<=[0-9])(?:\{,\}|,\\!|\\[,;]|[\u00a0\u2007-\u200a\u202f])(?=[0-9]{3})")
"""Thousands separators of LaTeX, and narrow spaces, where a comma could stand."""
_NAME = r"\\(?:boxed|fbox|mbox|text|textbf|texttt|mathbf|mathrm) ?"
_COMMAND = re.compile(_NAME + r"\{([^{}]*)\}")
_WHOLE = re.compile(rf"^{_NAME}\{{(.*)\}}$")
_MATH = re.compile(r"\\[()\[\]]")
_ESCAPED = re.compile(r"\\([{}$%&#_])")

_SAYS = r"(?:(?:so|thus|hence|therefore),? )?(?:(?:the|my) )?(?:(?:final|correct|right|best) )*"
_NOUN = {"option": "answer|option|choice", "validity": "answer|argument"}
_LABEL = {
    kind: re.compile(rf"{_SAYS}(?:{_NOUN.get(kind, 'answer')}) ?(?:is|=|:)(?!\w)[ :]*", re.I | re.A)
    for kind in ("option", "boolean", "yesno", "validity", "integer", "text")
}
_EQUALS = re.compile(r"[=:] ?")
_VARIABLE = re.compile(r"[A-Za-z]\w* ?= ?")
_ADVERB = re.compile(r"(?:it is )?(?:deductively|logically) |it is ", re.IGNORECASE)

_MINUS = "-−–‐‑‒﹣－"
_CURRENCY = "".join(c for c in map(chr, range(0x20, 0x20D0)) if unicodedata.category(c) == "Sc")
_SIGN = rf"([-+{_MINUS[1:]}]|(?:minus|negative) )?"
_INTEGER = re.compile(
    rf"{_SIGN} ?(?:[A-Z]{{0,3}}[{re.escape(_CURRENCY)}＄￡￥] ?{_SIGN} ?)?"
    r"([1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?:\.0+(?![0-9]))?"
)
_NOT_A_UNIT = re.compile(
    r"^[⁰¹²³⁴-⁹]|[\d¼-¾⅐-⅞]|^k\b|^[ -]?(?:hundred|thousand|million|billion|trillion|dozen)"
    r"|^ ?(?:or|and|to)\b",
    re.IGNORECASE,
)
"""What makes another number of the digits before it: 8.5, 3 + 4 = 7, 70k, 2 million, 8 or nine."""

_OPTION = re.compile(
    r"(?:[Oo]ption |[Cc]hoice )?(?:[(\[]([A-Za-z])(?:[)\]]|$)"
    r"|([A-Z])(?:[).:]|$|(?= [-–—] ))|([a-z])(?:\)|$))"
)
_NAMED = r"(?:[Oo]ption |[Cc]hoice )?(?:[(\[]?([A-Za-z])[)\]]|([A-Z])(?=[.,/]|$))"
_BRACKETED = re.compile(r"(?<!\w)[(\[]([A-Za-z])[)\]]")
_ALTERNATIVE = re.compile(rf"(?:\bor|/) ?{_NAMED}")
_JOINED = re.compile(rf" ?(?:and|to|[,&–—-]) ?{_NAMED}")
_COMPOUND = re.compile(
    r" (?:(?:all of|both|either|neither|none of|only) [(\[]?[A-Z]\b|[A-Z](?:,| and| or) )"
)
"""The text of a stated option that names others, as in "(D) all of B and C"."""

_WORDS = {
    "boolean": {"true": "True", "false": "False"},
    "yesno": {"yes": "yes", "no": "no"},
    "validity": {"valid": "valid", "invalid": "invalid"},
}
_WORD = re.compile(r"\w+")


def normalise(text: str, answer_type: str) -> str | None:
    """The canonical form of an answer: (A), True, yes, valid, -7 or text; None: not of that form.

    The answer must come first in `text`, after labels and wrappings. A hedge, such as "(A) or (B)"
    and "yes and no", is no answer: crediting its first part would reward not deciding. Normalising
    twice changes nothing.
    """
    for _ in range(LAYERS):
        bare = _unwrapped(text, answer_type)
        if bare == text:
            break
        text = bare
    else:
        return None
    if answer_type == "option":
        return _option(text)
    if answer_type == "integer":
        return _integer(text)
    if answer_type == "text":
        return text or None
    return _word(text, _WORDS[answer_type])


def _unwrapped(text: str, answer_type: str) -> str:
    """`text` without one layer of what stands around an answer; unchanged where there is none."""
    text = " ".join(_THOUSANDS.sub(",", text).split()).lstrip(_WRAP).rstrip(_WRAP + ".")
    if len(text) > 1 and text[0] == text[-1] == "$":
        text = text[1:-1]
    # a Dyck word may hold brackets of its own
    command = _WHOLE if answer_type == "text" else _COMMAND
    text = _ESCAPED.sub(r"\1", _MATH.sub("", command.sub(r"\1", text)))
    text = _without(_LABEL[answer_type], text)
    if answer_type == "text":
        return _spaced(text)
    text = _without(_EQUALS, text)
    if answer_type == "validity":
        return _without(_ADVERB, text)
    if answer_type == "integer":
        text = _without(_VARIABLE, text)
        return text[1:-1] if text[:1] + text[-1:] in ("()", "[]", "{}") else text
    return text


def _without(label: re.Pattern[str], text: str) -> str:
    found = label.match(text)
    return text[found.end() :] if found else text


def _spaced(text: str) -> str:
    """The words of a list without commas; a Dyck word as published, a space between brackets."""
    words = text.replace(",", " ").split()
    if all(set(word) <= set("()[]{}<>") for word in words):
        words = list("".join(words))
    return " ".join(words)


def _option(text: str) -> str | None:
    first = _OPTION.match(text)
    if first is None:
        return None
    letter, rest = _letter(first.groups()), text[first.end() :]
    if _COMPOUND.match(rest):
        return f"({letter})"
    joined = _JOINED.match(rest)
    named = {_letter(found) for found in _ALTERNATIVE.findall(rest)}
    named |= {found.upper() for found in _BRACKETED.findall(rest)}
    named |= {_letter(joined.groups())} if joined else set()
    return f"({letter})" if named <= {letter} else None


def _letter(groups: tuple[str | None, ...]) -> str:
    return next(group for group in groups if group).upper()


def _integer(text: str) -> str | None:
    number = _INTEGER.match(text)
    if number is None or _NOT_A_UNIT.search(text[number.end() :]):
        return None
    signs = [sign for sign in number.group(1, 2) if sign]
    if len(signs) > 1:
        return None
    digits = number[3].replace(",", "").lstrip("0") or "0"
    return f"-{digits}" if signs not in ([], ["+"]) and digits != "0" else digits


def _word(text: str, words: dict[str, str]) -> str | None:
    lowered = text.casefold()
    first = _WORD.match(lowered)
    if first is None or first[0] not in words:
        return None
    return words[first[0]] if set(_WORD.findall(lowered)) & set(words) == {first[0]} else None
