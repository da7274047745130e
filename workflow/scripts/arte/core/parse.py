"""Answers, questions and answer tags in model text: total functions of linear time."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from typing import NamedTuple

from arte.core.answers import alone, normalize, same_answer
from arte.core.forms import KINDS, Form
from arte.core.options import bracketed_options, option_letters

OPEN, CLOSE = "<ans>", "</ans>"
THINK, THOUGHT = "<think>", "</think>"
"""Around what reasoning models write before their answer, and no part of it."""


class Extraction(NamedTuple):
    """What an output answers, normalized; None: no answer of the expected form (is wrong)."""

    strict: str | None
    """From the last <ans>…</ans> that is no echo of the instruction: the primary measure."""
    lenient: str | None
    """The same where there is such a tag, else from the last stated answer (docs/answers.md)."""
    tagged: bool
    """Whether there is a complete <ans>…</ans> that is no echo, whatever it holds."""


class Tag(NamedTuple):
    """A complete <ans>…</ans>: what it holds, where it begins and ends, whether it is an echo."""

    content: str
    start: int
    end: int
    echo: bool
    """The instruction said again: "between the tags <ans> and </ans>", "as in <ans>(A)</ans>"."""


_NEXT_QUESTION = re.compile(r"\nQ(?:uestion)?:")
_ANSWER_IS = re.compile(r"answer is:?", re.IGNORECASE | re.ASCII)
_STATED = {
    kind: re.compile(
        r"(?:answer|correct (?:option|choice))[*_]{0,3}(?: is:?|:)|####|\\boxed\b|<ans>"
        + (r"|(?<!if the )(?<!whether the )argument is" if kind == "validity" else ""),
        re.IGNORECASE | re.ASCII,
    )
    for kind in KINDS
}
_SENTENCE_END = re.compile(r"[.!?] ")
_AROUND = " \n\t*_`."
"""What may stand around a stated answer without belonging to it."""

_ECHOES = {"", "and", "or", "…", "answer", "your answer", "final answer", "your final answer"}
_ECHO_LEAD = re.compile(
    r"(?:\bas in|\bsuch as|\be\.g\.|\bfor example)[,:]?[\s\"'`*]*$", re.IGNORECASE
)
_LEAD = 40
"""Characters before a tag in which an example is announced."""
_OR = re.compile(r"[\s\"'`*]*(?:,|/|,? ?(?:or|and))[\s\"'`*]*")


def extract(output: str, answer_type: Form) -> Extraction:
    """The answers of a model's `output`, of which everything from a new question on is ignored.

    A base model may invent further questions; their answers are not its answer. Neither is what a
    reasoning model says to itself.
    """
    output = until_next_question(without_reasoning(output))
    tags = list(answer_tags(output))
    said = [tag for tag in tags if not tag.echo]
    if said:
        answer = normalize(said[-1].content, answer_type)
        return Extraction(answer, answer, True)
    starts, ends = [tag.start for tag in tags], [tag.end for tag in tags]
    kept = [output[a:b] for a, b in zip([0, *ends], [*starts, len(output)], strict=True)]
    return Extraction(None, _stated("".join(kept), answer_type), False)


def _stated(output: str, answer_type: Form) -> str | None:
    """The answer that an output states last without a complete tag: the lenient measure."""
    stated = _last_match(_STATED[answer_type.kind], output)
    if stated is None:
        return _alone(output, answer_type)
    boxed = stated[0].startswith("\\")
    line = output[stated.start() if boxed else stated.end() :].lstrip().split("\n", 1)[0]
    return normalize(_SENTENCE_END.split(line, maxsplit=1)[0], answer_type)


def _alone(output: str, answer_type: Form) -> str | None:
    """The answer that is all the last line says, unless another line is another answer.

    An echo of the options ("- Yes", "- No") decides nothing.
    """
    *before, last = output.strip().split("\n")
    answer = alone(last, answer_type)
    if answer is None:
        return None
    return answer if {alone(line, answer_type) for line in before} <= {None, answer} else None


def answer_tags(text: str) -> Iterator[Tag]:
    """The complete answer tags of `text` in order, echoes of the instruction among them."""
    position, echoed = 0, False
    for piece in text.split(CLOSE)[:-1]:
        head, mark, content = piece.rpartition(OPEN)
        end = position + len(piece) + len(CLOSE)
        if mark:
            echoed = _is_echo(head, content, after_echo=echoed)
            yield Tag(content, position + len(head), end, echoed)
        position = end


def ends_in_echo(text: str) -> bool:
    """Whether `text` ends in an echo: a model that was stopped there has more to say."""
    if not text.endswith(CLOSE):
        return False
    last = deque(answer_tags(text), maxlen=1)
    return bool(last) and last[0].echo and last[0].end == len(text)


def _is_echo(head: str, content: str, *, after_echo: bool) -> bool:
    said = content.strip(" \n\t.*_`\"'").casefold()
    if said in _ECHOES or _ECHO_LEAD.search(head[-_LEAD:]):
        return True
    return after_echo and len(head) < _LEAD and _OR.fullmatch(head) is not None


def without_reasoning(output: str) -> str:
    """`output` without its reasoning, which may begin in the prompt, or be cut off."""
    before, opened, _ = output.partition(THINK)
    reasoning, closed, after = output.rpartition(THOUGHT)
    if not closed:
        return before if opened else output
    return (before if THINK in reasoning else "") + after.lstrip()


def in_reasoning(text: str) -> bool:
    """Whether `text` ends within reasoning."""
    return text.rfind(THINK) > text.rfind(THOUGHT)


def until_next_question(output: str) -> str:
    """`output` up to the first line that begins a new question."""
    cut = _NEXT_QUESTION.search(output)
    return output[: cut.start()] if cut else output


def is_correct(predicted: str | None, gold: str, answer_type: Form) -> bool:
    """Whether an extracted answer equals the published one, both normalized.

    Where the published answer is not of the expected form (three in BBH), nothing is correct.
    """
    if predicted is None:
        return False
    answer = normalize(predicted, answer_type)
    published = normalize(gold, answer_type)
    return None not in (answer, published) and same_answer(answer, published, answer_type)


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


def tag_stated(text: str, answer_type: Form) -> str:
    """Tag the answer that an untagged `text` ends by stating, as the lenient measure reads it.

    Texts that have a tag, say more after the answer, or state none of the expected form stay as
    they are.
    """
    stated = _last_match(_STATED[answer_type.kind], text)
    if any(not tag.echo for tag in answer_tags(text)) or (stated and stated[0] == OPEN):
        return text
    if stated is None:
        start = text.rstrip().rfind("\n") + 1 if _alone(text, answer_type) else len(text)
    else:
        start = stated.start() if stated[0].startswith("\\") else stated.end()
    rest = text[start:]
    answer = rest.strip(_AROUND)
    before, after = rest[: rest.find(answer)], rest[rest.find(answer) + len(answer) :]
    read = (
        None if "\n" in answer or _SENTENCE_END.search(answer) else normalize(answer, answer_type)
    )
    space = " " if stated and stated.end() == start and not before[-1:].isspace() else ""
    tagged = f"{text[:start]}{before}{space}{OPEN}{answer}{CLOSE}{after}"
    return tagged if read is not None and extract(tagged, answer_type).strict == read else text


_MARKUP = re.compile(
    r"<\s{0,3}(/?)\s{0,3}(?:question[_ -]?([0-9]{1,9}|x|)|(input|target|ans))\s{0,3}>",
    re.IGNORECASE | re.ASCII,
)
_OPEN_QUESTION = re.compile(r"<Question_([0-9]{1,9}|x|)>")
_CLOSE_QUESTION = re.compile(r"</Question_([0-9]{1,9}|x|)>")
_SLOT_MARKUP = ("<ans>", "<input>", "<target>", "</")
_PROMPT_LINES = ("question:", "answer:", "q:")


def _canonical_markup(tag: re.Match[str]) -> str:
    """A tag of Table 11's format as the prompt writes it, whatever its case and spaces."""
    name = tag[3].lower() if tag[3] else f"Question_{tag[2].lower()}"
    return f"<{tag[1]}{name}>"


def parse_questions(output: str, answer_type: Form) -> tuple[list[tuple[str, str]], Counter[str]]:
    """The well-formed (question, target) pairs of an output in the format of Table 11.

    Everything else that was begun is counted by the reason for which it is dropped. Numbers may
    repeat; questions that differ in case or white space only may not. Tags may have another case,
    spaces, or the prompt's own x for a number. Options come back lettered as in BBH, option letters
    and numbers of targets in their canonical form.
    """
    # alternately a number and the text after its tag
    _, *parts = _OPEN_QUESTION.split(_MARKUP.sub(_canonical_markup, without_reasoning(output)))
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


def _question(segment: str, number: str, answer_type: Form) -> tuple[str, str] | str:
    """The (question, target) in the text after one opening tag, or the reason why there is none."""
    closing = _CLOSE_QUESTION.search(segment)
    if closing is None or closing[1] not in (number, ""):
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
    if answer_type.kind == "option":
        question = bracketed_options(question)
    fault = _fault(question, target, answer_type)
    if fault is not None:
        return fault
    if answer_type.kind in ("option", "integer"):  # the other forms are published in two ways
        target = normalize(target, answer_type) or target
    return question, target


def _fault(question: str, target: str, answer_type: Form) -> str | None:
    """Why a (question, target) cannot be used, None if it can."""
    if not question:
        return "empty input"
    if any(markup in text.lower() for text in (question, target) for markup in _SLOT_MARKUP):
        return "tag inside input or target"
    if _opens_prompt_line(question):
        return "prompt line inside input"
    answer = None if "\n" in target else normalize(target, answer_type)
    if answer is None:
        return "target not of the answer form"
    if answer_type.kind == "option" and answer[1] not in option_letters(question):
        return "target not among the options"
    return None


def _opens_prompt_line(question: str) -> bool:
    """Whether a line poses as part of a prompt; web_of_lies itself begins with "Question: "."""
    lines = question.removeprefix("Question:").splitlines()
    return any(line.strip().lower().startswith(_PROMPT_LINES) for line in lines)


def _last_match(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    last = deque(pattern.finditer(text), maxlen=1)
    return last[0] if last else None
