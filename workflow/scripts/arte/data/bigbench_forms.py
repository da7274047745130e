"""BIG-bench examples in the form that BBH gives them: wording, lettered options, answers.

BBH was made from BIG-bench by rewording. Each rule below was found by comparing both: with them
the BIG-bench examples that BBH took become BBH's items letter for letter, but for a few typos.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from arte.core import io
from arte.core.errors import ArteError

Pair = tuple[str, str]
"""A question and its answer, as in BBH."""


@dataclass(frozen=True)
class Form:
    """How BBH words the examples of one BIG-bench task.

    `wording` has the slots {prefix} (the file's task_prefix), {flat} (the same in one line) and
    {input}. `options`: lettered as in "(A) red", dashed as in "- Yes" (given here), or none.
    """

    wording: str = "{input}"
    lettered: bool = False
    dashed: tuple[str, ...] = ()
    drawn: bool = False
    """Options in an order drawn by seed: in the file the right one comes first."""
    bare: bool = False
    """Options lose their full stop."""
    pair: str = ""
    """A pattern that takes a question with two options in its text apart."""
    by_options: bool = False
    """What is asked stands in the options; the text before them is shared by many items."""
    renamed: dict[str, str] = field(default_factory=dict)
    """Answers of the file that BBH calls otherwise."""


_ORDERED = Form("{prefix} {input}", lettered=True, bare=True, by_options=True)
_SHUFFLED = Form(lettered=True, bare=True)
FORMS = {
    "causal_judgement": Form("{prefix}\n{input}", dashed=("- Yes", "- No")),
    "date_understanding": Form(lettered=True, drawn=True),
    "disambiguation_qa": Form("{prefix}\nSentence: {input}", lettered=True),
    "dyck_languages": Form("{prefix} Input: {input}"),
    "formal_fallacies": Form(dashed=("- valid ", "- invalid")),
    "geometric_shapes": Form(lettered=True),
    "hyperbaton": Form(lettered=True, pair=r'(.*:) (a) " (.*) " (b) " (.*) " \?', by_options=True),
    "logical_deduction_five_objects": _ORDERED,
    "logical_deduction_seven_objects": _ORDERED,
    "logical_deduction_three_objects": _ORDERED,
    "movie_recommendation": Form("Find a movie similar to {input}", lettered=True),
    "navigate": Form(
        "{prefix} {input}", dashed=("- Yes", "- No"), renamed={"True": "Yes", "False": "No"}
    ),
    "object_counting": Form(),
    "penguins_in_a_table": Form("{flat} {input}", lettered=True),
    "reasoning_about_colored_objects": Form(lettered=True),
    "ruin_names": Form(lettered=True),
    "salient_translation_error_detection": Form("{flat} {input}", lettered=True),
    "snarks": Form(
        lettered=True, bare=True, pair=r"(.*\?) (\(a\)) (.*) (\(b\)) (.*)", by_options=True
    ),
    "sports_understanding": Form(
        'Is the following sentence plausible? "{input}."',
        renamed={"plausible": "yes", "implausible": "no"},
    ),
    "temporal_sequences": Form(lettered=True, drawn=True),
    "tracking_shuffled_objects_five_objects": _SHUFFLED,
    "tracking_shuffled_objects_seven_objects": _SHUFFLED,
    "tracking_shuffled_objects_three_objects": _SHUFFLED,
    "word_sorting": Form("{prefix} List: {input}"),
}
"""BBH subtasks that are made from a BIG-bench file. Three others are programs there."""


def read(subtask: str, path: str, seed: int) -> list[Pair]:
    """The examples of a BIG-bench file as question and answer in BBH's form, in their order.

    `seed` draws the order of options where BBH has them in another order than the file. The canary
    stays behind. Raises ArteError where the file is of another shape.
    """
    form, content, pairs = FORMS[subtask], io.read_json(path), []
    try:
        for example in content["examples"]:
            pairs.append(_in_form(form, content.get("task_prefix", ""), example, seed))
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise ArteError(
            expected=f"BIG-bench's examples of {subtask}: input, and target or target_scores",
            found=f"{type(error).__name__} {error} in example {len(pairs) + 1}",
            where=path,
            remedy="restore the published file, or fix your own",
        ) from None
    return pairs


def _in_form(form: Form, prefix: str, example: dict[str, Any], seed: int) -> Pair:
    text = re.sub(r"\s*\n\s*", "\n", example["input"].strip())
    text, options, right = _apart(form, text, example)
    if form.wording.endswith('."'):
        text = text.rstrip(".")
    slots = {"prefix": prefix.strip(), "flat": prefix.replace("\n", " "), "input": text}
    question = form.wording.format(**slots)
    if form.drawn:
        options = sorted(options, key=lambda option: io.digest([seed, question, option]))
    if form.dashed:
        question = "\n".join([question, "Options:", *form.dashed])
    if form.lettered:
        letters = [f"({chr(ord('A') + place)})" for place in range(len(options))]
        listed = [f"{letter} {option}" for letter, option in zip(letters, options, strict=True)]
        return "\n".join([question, "Options:", *listed]), letters[options.index(right)]
    return question, form.renamed.get(right, right)


def _apart(form: Form, text: str, example: dict[str, Any]) -> tuple[str, list[str], str]:
    """The question's text, its options, and the right one: the last of several, as in BBH."""
    if "target_scores" not in example:
        target = example["target"]
        return text, [], target if isinstance(target, str) else _digits(target)
    scores = example["target_scores"]
    options, best = list(scores), max(scores.values())
    right = [option for option in options if scores[option] == best]
    if not any(scores.values()):
        raise ValueError("no right answer")
    if form.pair:
        stem, *marked = re.fullmatch(form.pair, text, re.DOTALL).groups()
        named = dict(zip(marked[::2], marked[1::2], strict=True))
        text, options, right = stem, list(named.values()), [named[each] for each in right]
    if any(option.isalpha() for option in options):  # "2" beside "two": BBH has the word alone
        options = [option for option in options if not option.isdigit()]
    tidy = [option.strip().rstrip(".") if form.bare else option for option in options]
    last = [place for place, option in enumerate(options) if option in right][-1]
    return text, tidy, tidy[last]


def _digits(targets: list[str]) -> str:
    return next(target for target in targets if target.isdigit())
