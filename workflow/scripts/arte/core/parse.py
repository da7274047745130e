"""Answers, questions and answer tags in model text: total functions of linear time."""

import re
from collections import Counter, deque
from typing import NamedTuple

from arte.core.tasks import option_letters


class Extraction(NamedTuple):
    """What an output answers, normalised; None: no answer of the expected form (is wrong)."""

    strict: str | None
    """From the last <ans>…</ans>: the primary measure."""
    lenient: str | None
    """The same where there is a tag, else from the last "answer is"."""
    tagged: bool
    """Whether there is a complete <ans>…</ans>, whatever it holds."""


_NEXT_QUESTION = re.compile(r"\nQ(?:uestion)?:")
_ANSWER_IS = re.compile(r"answer is:?", re.IGNORECASE | re.ASCII)
_WRAP = " \0*_`\"'“”‘’"
"""White space, quotes and Markdown around an answer. Inner punctuation is never touched: Dyck words
and numbers consist of it."""

_OPTION = re.compile(r"(?:[Oo]ption |[Cc]hoice )?(?:\(([A-Za-z])\)|([A-Z])(?:[).:]|$))")
_OPTIONS = re.compile(r"(?<!\w)\(([A-Za-z])\)|(?:\bor|\band|[/,&]) ?([A-Z])(?=[).,/]|$)")
_INTEGER = re.compile(r"([-+−]?)([0-9]+)")
_WORDS = {
    "boolean": {"true": "True", "false": "False"},
    "yesno": {"yes": "yes", "no": "no"},
    "validity": {"valid": "valid", "invalid": "invalid"},
}
_WORD = re.compile(r"\w+")


def extract(output: str, answer_type: str) -> Extraction:
    """The answers of a model's `output`, of which everything from a new question on is ignored.

    A base model goes on to invent further questions; their answers are not its answer.
    """
    output = until_next_question(output)
    content = _last_tag(output)
    if content is not None:
        answer = normalise(content, answer_type)
        return Extraction(answer, answer, True)
    stated = _last_match(_ANSWER_IS, output)
    if stated is None:
        return Extraction(None, None, False)
    line = output[stated.end() :].split("\n", 1)[0].strip()
    return Extraction(None, normalise(line.removeprefix("<ans>"), answer_type), False)


def until_next_question(output: str) -> str:
    """`output` up to the first line that begins a new question."""
    cut = _NEXT_QUESTION.search(output)
    return output[: cut.start()] if cut else output


def normalise(text: str, answer_type: str) -> str | None:
    """The canonical form of an answer: (A), True, yes, valid, -7 or text; None: not of that form.

    The answer must come first in `text`. A hedge, such as "(A) or (B)" or "yes and no", is no
    answer: crediting its first part would reward not deciding. Normalising twice changes nothing.
    """
    text = " ".join(text.split()).lstrip(_WRAP).rstrip(_WRAP + ".")
    if answer_type == "option":
        return _option(text)
    if answer_type == "integer":
        return _integer(text)
    if answer_type == "text":
        return _text(text)
    return _word(text, _WORDS[answer_type])


def is_correct(predicted: str | None, gold: str, answer_type: str) -> bool:
    """Whether an extracted answer equals the published one, both normalised.

    Where the published answer is not of the expected form (three in BBH), nothing is correct.
    """
    if predicted is None:
        return False
    answer = normalise(predicted, answer_type)
    return answer is not None and answer == normalise(gold, answer_type)


def same_text(text: str) -> str:
    """A key that is equal for texts differing in case or white space only."""
    return " ".join(text.casefold().split())


def tag_answer(rationale: str) -> str:
    """Tag a final "… answer is X." as "… answer is <ans>X</ans>."; other texts stay as they are."""
    stated = _last_match(_ANSWER_IS, rationale)
    if "<ans>" in rationale or stated is None:
        return rationale
    rest = rationale[stated.end() :].strip()
    answer = rest.rstrip(".")
    if not answer or "\n" in rest:
        return rationale
    period = "." if rest != answer else ""
    return f"{rationale[: stated.end()]} <ans>{answer}</ans>{period}"


_OPEN_QUESTION = re.compile(r"<Question_([0-9]{1,9})>", re.IGNORECASE)
_CLOSE_QUESTION = re.compile(r"</Question_([0-9]{1,9})>", re.IGNORECASE)
_SLOT_MARKUP = ("<ans>", "<input>", "<target>", "</")
_PROMPT_LINES = ("question:", "answer:", "q:")


def parse_questions(output: str, answer_type: str) -> tuple[list[tuple[str, str]], Counter[str]]:
    """The well-formed (question, target) pairs of an output in the format of Table 11.

    Everything else that was begun is counted by the reason for which it is dropped. Numbers may
    repeat; questions that differ in case or white space only may not.
    """
    _, *parts = _OPEN_QUESTION.split(output)  # alternately a number and the text after its tag
    pairs: list[tuple[str, str]] = []
    dropped: Counter[str] = Counter() if parts else Counter({"no question tag": 1})
    seen: set[str] = set()
    for number, segment in zip(parts[::2], parts[1::2], strict=True):
        found = _question(segment, number, answer_type)
        if isinstance(found, str):
            dropped[found] += 1
        elif same_text(found[0]) in seen:
            dropped["duplicate question"] += 1
        else:
            seen.add(same_text(found[0]))
            pairs.append(found)
    return pairs, dropped


def _question(segment: str, number: str, answer_type: str) -> tuple[str, str] | str:
    """The (question, target) in the text after one opening tag, or the reason why there is none."""
    closing = _CLOSE_QUESTION.search(segment)
    if closing is None or closing[1] != number:
        return "question not closed"
    body = segment[: closing.start()].strip()
    head, middle, tail = body.partition("</input>")
    tail = tail.lstrip()
    if not (middle and head.startswith("<input>") and tail.startswith("<target>")):
        return "no input and target tags"
    if not tail.endswith("</target>"):
        return "no input and target tags"
    question = head.removeprefix("<input>").strip()
    target = tail.removeprefix("<target>").removesuffix("</target>").strip()
    return _fault(question, target, answer_type) or (question, target)


def _fault(question: str, target: str, answer_type: str) -> str | None:
    """Why a (question, target) cannot be used, None if it can."""
    if not question:
        return "empty input"
    if any(markup in text.lower() for text in (question, target) for markup in _SLOT_MARKUP):
        return "tag inside input or target"
    if _opens_prompt_line(question):
        return "prompt line inside input"
    answer = None if "\n" in target else normalise(target, answer_type)
    if answer is None:
        return "target not of the answer form"
    if answer_type == "option" and answer[1] not in option_letters(question):
        return "target not among the options"
    return None


def _opens_prompt_line(question: str) -> bool:
    """Whether a line poses as part of a prompt; web_of_lies itself begins with "Question: "."""
    lines = question.removeprefix("Question:").splitlines()
    return any(line.strip().lower().startswith(_PROMPT_LINES) for line in lines)


def _last_tag(text: str) -> str | None:
    """What the last complete <ans>…</ans> holds."""
    start = text.rfind("<ans>", 0, max(text.rfind("</ans>"), 0))
    if start < 0:
        return None
    return text[start + len("<ans>") : text.find("</ans>", start)]


def _last_match(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    last = deque(pattern.finditer(text), maxlen=1)
    return last[0] if last else None


def _option(text: str) -> str | None:
    first = _OPTION.match(text)
    if first is None:
        return None
    letter = (first[1] or first[2]).upper()
    named = {(one or other).upper() for one, other in _OPTIONS.findall(text)}
    return f"({letter})" if named <= {letter} else None


def _integer(text: str) -> str | None:
    number = _INTEGER.match(text)
    if number is None or re.search("[0-9]", text[number.end() :]):
        return None
    digits = number[2].lstrip("0") or "0"
    return f"-{digits}" if number[1] in ("-", "−") and digits != "0" else digits


def _text(text: str) -> str | None:
    words = text.split(" ")
    if text and all(set(word) <= set("()[]{}<>") for word in words):
        words = list("".join(words))  # a Dyck word: published with a space between brackets
    return " ".join(words) or None


def _word(text: str, words: dict[str, str]) -> str | None:
    lowered = text.casefold()
    first = _WORD.match(lowered)
    if first is None or first[0] not in words:
        return None
    return words[first[0]] if set(_WORD.findall(lowered)) & set(words) == {first[0]} else None
