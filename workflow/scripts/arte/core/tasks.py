"""The 27 BIG-Bench Hard files and the five benchmarks outside: task, category and answer form."""

import re
import string
from dataclasses import dataclass

from arte.core.errors import ArteError

CATEGORIES = ("BBH-Logic", "BBH-CS", "BBH-Math", "BBH-Knowl")
ANSWER_TYPES = ("option", "boolean", "yesno", "validity", "integer", "text")


CANARY = "26b5c67b"
"""The start of the GUID that marks BIG-bench data; it must never enter a training file."""


@dataclass(frozen=True)
class Subtask:
    """One published file: the generation unit; `task` and `category` are reporting levels."""

    name: str
    task: str
    category: str
    answer_type: str


# Table 7 under the names of the public files (audit 2, 26): the paper writes causal_judgment,
# formal_fallacies_syllogisms_negation and multistep_arithmetic. A task of several files names them.
_TABLE_7 = {
    "BBH-Logic": (
        ("dyck_languages", "text"),
        ("formal_fallacies", "validity"),
        ("logical_deduction", "option", ("five_objects", "seven_objects", "three_objects")),
        ("navigate", "yesno"),
        ("object_counting", "integer"),
        ("penguins_in_a_table", "option"),
        ("temporal_sequences", "option"),
        ("tracking_shuffled_objects", "option", ("five_objects", "seven_objects", "three_objects")),
        ("web_of_lies", "yesno"),
        ("word_sorting", "text"),
    ),
    "BBH-CS": (
        ("causal_judgement", "yesno"),
        ("date_understanding", "option"),
        ("disambiguation_qa", "option"),
        ("hyperbaton", "option"),
        ("reasoning_about_colored_objects", "option"),
        ("ruin_names", "option"),
        ("snarks", "option"),
    ),
    "BBH-Math": (
        ("boolean_expressions", "boolean"),
        ("geometric_shapes", "option"),
        ("multistep_arithmetic_two", "integer"),
    ),
    "BBH-Knowl": (
        ("movie_recommendation", "option"),
        ("salient_translation_error_detection", "option"),
        ("sports_understanding", "yesno"),
    ),
}


def _subtasks() -> dict[str, Subtask]:
    found = {}
    for category, tasks in _TABLE_7.items():
        for task, answer_type, *variants in tasks:
            names = [f"{task}_{variant}" for variant in variants[0]] if variants else [task]
            for name in names:
                found[name] = Subtask(name, task, category, answer_type)
    return dict(sorted(found.items()))


SUBTASKS = _subtasks()
"""File name (without .json) to Subtask, in alphabetical order."""

OOD = {
    name: Subtask(name, name, "OOD", "integer" if name == "gsm8k" else "option")
    for name in ("arc_challenge", "arc_easy", "commonsense_qa", "gsm8k", "piqa")
}
"""The benchmarks that the paper tests on without training on them (Table 3), by name."""

_LETTER = re.compile(r"(?:^|\s)\(([A-Z])\)")
_OTHER_LETTERS = (
    re.compile(r"^[ \t]*(?:[-*•] )?\(?([A-Za-z])[).:](?=[ \t]*\S)", re.MULTILINE),
    re.compile(r"(?:^|(?<=\s))([A-Za-z])\)(?=\s)"),
)
"""Options as language models letter them: "A) red" or "a. red" on lines of their own, or inline."""


def subtask(name: str) -> Subtask:
    """The Subtask called `name`, of BBH or outside; raise ArteError where there is none."""
    found = SUBTASKS.get(name) or OOD.get(name)
    if found is None:
        raise ArteError(
            expected=f"one of {', '.join([*SUBTASKS, *OOD])}",
            found=repr(name),
            where="the name of a subtask",
            remedy="use the name of a public BIG-Bench Hard file without .json, or of a benchmark",
        )
    return found


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
