"""The canonical form of an answer as a language model writes it: total functions of linear time.

docs/answers.md lists the forms that are read, and those that are no answer.
"""

import re
import unicodedata
from decimal import Decimal

from arte.core.forms import KINDS, Form

LAYERS = 8
"""Most wrappings around an answer that are taken off; what is deeper is no answer."""

_WRAP = " \0*_`\"'“”‘’"
"""White space, quotes and Markdown around an answer. Inner punctuation is never touched: Dyck words
and numbers consist of it."""

_THOUSANDS = re.compile(r"(?<=[0-9])(?:\{,\}|,\\!|\\[,;]|[\u00a0\u2007-\u200a\u202f])(?=[0-9]{3})")
"""Thousands separators of LaTeX, and narrow spaces, where a comma could stand."""
_NAME = r"\\(?:boxed|fbox|mbox|text|textbf|texttt|mathbf|mathrm) ?"
_COMMAND = re.compile(_NAME + r"\{([^{}]*)(?:\}|$)")
_WHOLE = re.compile(rf"^{_NAME}\{{(.*)\}}$")
_MATH = re.compile(r"\\[()\[\]]")
_ESCAPED = re.compile(r"\\([{}$%&#_])")

_SAYS = r"(?:(?:so|thus|hence|therefore),? )?(?:(?:the|my) )?(?:(?:final|correct|right|best) )*"
_NOUN = {"option": "answer|option|choice", "validity": "answer|argument"}
_IS = r"[*_]* ?(?:is|=|:)(?!\w)[ :]*"
_LABEL = {
    kind: re.compile(rf"{_SAYS}(?:{_NOUN.get(kind, 'answer')}){_IS}", re.I | re.A) for kind in KINDS
}
_EQUALS = re.compile(r"[=:] ?")
_VARIABLE = re.compile(r"[A-Za-z]\w* ?= ?")
_ADVERB = re.compile(r"(?:it is )?(?:deductively|logically) |it is ", re.IGNORECASE)
_BRACKETS = re.compile(r"[(\[{] ?([(\[{]*[^()\[\]{}]*?[)\]}]*) ?[)\]}]")
"""Around all of an answer, unlike those of "(A) or (B)"."""
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""Full-width forms of ASCII characters, as in Chinese text."""

_MINUS = "−–‐‑‒﹣"
_SIGN = rf"([+{_MINUS}-]|(?:minus|negative) )?"
_SYMBOLS = "".join(c for c in map(chr, range(0x20, 0x20D0)) if unicodedata.category(c) == "Sc")
_CURRENCY = rf"(?:[A-Z]{{0,2}}[{re.escape(_SYMBOLS)}￡￥]|(?:USD|EUR|GBP|Rs\.?)(?= ))"
_INTEGER = re.compile(
    rf"{_SIGN} ?(?:({_CURRENCY}) ?{_SIGN} ?)?"
    r"([1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?:\.0+(?![0-9]))?"
)
_DECIMAL = re.compile(
    rf"{_SIGN} ?(?:({_CURRENCY}) ?{_SIGN} ?)?"
    r"((?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2}(?![0-9]))?"
    r"|\.[0-9]+)"
)
_NOT_A_UNIT = re.compile(
    r"^[⁰¹²³⁴-⁹+]|[\d¼-¾⅐-⅞]|^ ?(?:π|\\pi\b)|^(?-i:[kKMBT])\b"
    r"|^[ -]?(?:hundred|thousand|million|billion|trillion|dozen|lakh|crore)|^ ?(?:mn|bn|tn|mil)\b"
    r"|^ ?(?:squared|cubed|or|and|to)\b|^-?ish\b",
    re.IGNORECASE,
)
"""What makes another number of the digits before it: 8.5, 3 + 4 = 7, 70k, 2 million, 8 or nine."""
_MILLIONS = re.compile(r" ?[kmbt]\b", re.IGNORECASE)
"""The same behind an amount of money: "£5m" is no five."""
_AREA = re.compile(r"\b([cdkm]?m|in|ft|yd|feet|inches|meters)(?:\^\{?[23]\}?|[23])(?![\w^])")
"""A unit whose digit belongs to it."""

_OPTION = re.compile(
    r"(?:[Oo]ption |[Cc]hoice )?(?:[(\[]([A-Za-z])(?:[)\]]|$)"
    r"|([A-Z])(?:[).:]|$|(?=[!,;]$)|(?= [-–—] ))|([a-z])(?:\)|$))"
)
_NAMED = (
    r"(?:(?:maybe|perhaps|possibly|rather|even|also|[Oo]ption|[Cc]hoice) )*"
    r"(?:[(\[]?([A-Za-z])[)\]]|([A-Z])(?=[.,/]|$))"
)
_BRACKETED = re.compile(r"(?<![A-Za-z0-9_])[(\[]([A-Za-z])[)\]]")
_ALTERNATIVE = re.compile(rf"(?:\bor|/) ?{_NAMED}")
_JOINED = re.compile(rf" ?(?:and|to|[,;&|+–—-]) ?{_NAMED}")
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
_LETTERS = re.compile(r"[^\W\d_]+")
_CLOSED = {"option", "integer", "decimal", *_WORDS}
"""Forms of which a line that is nothing but an answer can be told from prose."""

_BETWEEN = re.compile(r"[,;]|(?:^|(?<=\s))and(?=\s)")
_AROUND = _WRAP + ".$()[]{}"
"""What may stand around a member of a list or set."""
LONGEST = 500
"""Characters of an answer that is matched with a user's own pattern, which may take its time."""


def normalize(text: str, form: Form) -> str | None:
    """The canonical form of an answer: (A), True, yes, valid, -7 or text; None: not of that form.

    The answer must come first in `text`, after labels and wrappings. A hedge, such as "(A) or (B)"
    and "yes and no", is no answer: crediting its first part would reward not deciding. Normalizing
    twice changes nothing.
    """
    text = text.translate(_FULL_WIDTH) if form.kind in _CLOSED else text
    for _ in range(LAYERS):
        bare = _unwrapped(text, form.kind)
        if bare == text:
            break
        text = bare
    else:
        return None
    if form.kind == "regex":
        return _matched(text, form)
    if form.kind in _WORDS:
        return _word(text, _WORDS[form.kind])
    return _READ[form.kind](text)


def same_answer(one: str, other: str, form: Form) -> bool:
    """Whether two canonical answers are equal, decimals up to their form's tolerance."""
    if form.kind != "decimal" or not form.tolerance:
        return one == other
    return abs(Decimal(one) - Decimal(other)) <= Decimal(str(form.tolerance))


def alone(line: str, form: Form) -> str | None:
    """The canonical answer that is all that `line` says; None where it says more.

    In the free forms any line could be an answer, so none is.
    """
    answer = normalize(line, form) if form.kind in _CLOSED else None
    if answer is None or _letters(line) != _letters(answer):
        return None
    return answer


def _letters(text: str) -> str:
    return "".join(_LETTERS.findall(text)).casefold()


def _unwrapped(text: str, kind: str) -> str:
    """`text` without one layer of what stands around an answer; unchanged where there is none."""
    text = " ".join(_THOUSANDS.sub(",", text).split()).lstrip(_WRAP).rstrip(_WRAP + ".")
    if len(text) > 1 and text[0] == text[-1] == "$":
        text = text[1:-1]
    elif text.endswith("}$"):  # of $\boxed{18}$, read from the command on
        text = text.rstrip("$")
    # a Dyck word may hold brackets of its own
    command = _WHOLE if kind == "text" else _COMMAND
    text = _ESCAPED.sub(r"\1", _MATH.sub("", command.sub(r"\1", text)))
    text = _without(_LABEL[kind], text)
    if kind == "text":
        return _spaced(text)
    if kind == "regex":
        return text
    text = _without(_EQUALS, text)
    if kind == "validity":
        text = _without(_ADVERB, text)
    if kind in ("integer", "decimal"):
        text = _without(_VARIABLE, text)
    if kind in ("list", "set"):
        return text[1:-1] if text[:1] + text[-1:] in ("()", "[]", "{}") else text
    bracketed = _BRACKETS.fullmatch(text)
    return bracketed[1] if bracketed else text


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
    number = _number(_INTEGER, text)
    if number is None:
        return None
    digits = number[1].lstrip("0") or "0"
    return f"-{digits}" if number[0] and digits != "0" else digits


def _decimal(text: str) -> str | None:
    number = _number(_DECIMAL, text)
    if number is None:
        return None
    digits = f"{Decimal(number[1]):f}"
    digits = (digits.rstrip("0").rstrip(".") if "." in digits else digits).lstrip("0")
    digits = f"0{digits}" if digits[:1] in ("", ".") else digits
    return f"-{digits}" if number[0] and digits != "0" else digits


def _number(pattern: re.Pattern[str], text: str) -> tuple[bool, str] | None:
    """Whether the number that `text` begins with is negative, and its digits; None: there is none.

    One that something after it makes another number is none, nor is one with two signs.
    """
    number = pattern.match(text)
    if number is None:
        return None
    before, currency, behind, digits = number.groups()
    rest = _AREA.sub(r"\1", text[number.end() :])
    signs = [sign for sign in (before, behind) if sign]
    if len(signs) > 1 or _NOT_A_UNIT.search(rest) or (currency and _MILLIONS.match(rest)):
        return None
    return signs not in ([], ["+"]), digits.replace(",", "")


def _items(text: str) -> list[str]:
    """The members of a list or set without case, labels and what stands around them."""
    members = map(_member, _BETWEEN.split(text.casefold()))
    return [member for member in members if member]


def _member(text: str) -> str:
    for _ in range(LAYERS):
        bare = _without(_EQUALS, _without(_LABEL["set"], text.strip(_AROUND)))
        if bare == text:
            return text
        text = bare
    return ""


def _list(text: str) -> str | None:
    return ", ".join(_items(text)) or None


def _set(text: str) -> str | None:
    return ", ".join(sorted(set(_items(text)))) or None


def _text(text: str) -> str | None:
    return text or None


def _matched(text: str, form: Form) -> str | None:
    """What is left of an answer in a user's own form, where that is of the form."""
    if len(text) > LONGEST:
        return None
    text, before = (text.casefold() if form.lower else text), None
    while form.remove and text != before:
        before, text = text, re.sub(form.remove, "", text)
    return text if text and re.fullmatch(form.pattern, text) else None


def _word(text: str, words: dict[str, str]) -> str | None:
    lowered = text.casefold()
    first = _WORD.match(lowered)
    if first is None or first[0] not in words:
        return None
    return words[first[0]] if set(_WORD.findall(lowered)) & set(words) == {first[0]} else None


_READ = {
    "option": _option,
    "integer": _integer,
    "decimal": _decimal,
    "text": _text,
    "list": _list,
    "set": _set,
}
"""How an unwrapped answer of each form without parameters is read."""
