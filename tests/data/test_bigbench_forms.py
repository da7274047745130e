"""BIG-bench examples in BBH's form: by hand for each kind, and letter for letter on real files."""

import json
from pathlib import Path

import pytest

from arte.data import bbh, bigbench_forms, layout
from arte.data.overlap import identity

ROOT = Path(__file__).parents[2]
PUBLIC = ROOT.parent / "shared/data"
needs_public = pytest.mark.skipif(
    not (PUBLIC / "bigbench").is_dir(), reason="no BIG-bench files beside the repository"
)


def in_form(tmp_path, subtask: str, example: dict, prefix: str = "") -> tuple[str, str]:
    content = {"task_prefix": prefix, "examples": [example]}
    (tmp_path / "task.json").write_text(json.dumps(content))  # the order of options counts
    (pair,) = bigbench_forms.read(subtask, str(tmp_path / "task.json"), 0)
    return pair


@pytest.mark.parametrize(
    ("subtask", "prefix", "example", "expected"),
    [
        (
            "causal_judgement",
            "Say why?\n\n",
            {"input": "It fell.", "target_scores": {"Yes": 1, "No": 0}},
            ("Say why?\nIt fell.\nOptions:\n- Yes\n- No", "Yes"),
        ),
        (
            "navigate",
            "Back?",
            {"input": " Go. ", "target_scores": {"True": 0, "False": 1}},
            ("Back? Go.\nOptions:\n- Yes\n- No", "No"),
        ),
        (
            "dyck_languages",
            "Close it. \n",
            {"input": "( [", "target_scores": {")": 0, "] )": 1}},
            ("Close it. Input: ( [", "] )"),
        ),
        (
            "formal_fallacies",
            "",
            {"input": '"A so B."\n Valid?', "target_scores": {"valid": 0, "invalid": 1}},
            ('"A so B."\nValid?\nOptions:\n- valid \n- invalid', "invalid"),
        ),
        (
            "logical_deduction_three_objects",
            "Three.\n\n",
            {"input": "A, B.", "target_scores": {"A is first.": 0, "B is first.": 1}},
            ("Three. A, B.\nOptions:\n(A) A is first\n(B) B is first", "(B)"),
        ),
        (
            "hyperbaton",
            "",
            {
                "input": 'Which order: a " red old " b " old red " ?',
                "target_scores": {"a": 0, "b": 1},
            },
            ("Which order:\nOptions:\n(A) red old\n(B) old red", "(B)"),
        ),
        (
            "snarks",
            "",
            {"input": "Which one? (a) So fine. (b) So bad", "target_scores": {"(a)": 1, "(b)": 0}},
            ("Which one?\nOptions:\n(A) So fine\n(B) So bad", "(A)"),
        ),
        ("object_counting", "", {"input": "How many?", "target": ["two", "2"]}, ("How many?", "2")),
        ("word_sorting", "Sort:", {"input": "b a", "target": "a b"}, ("Sort: List: b a", "a b")),
        (
            "reasoning_about_colored_objects",
            "",
            {"input": "How many?", "target_scores": {"0": 0, "zero": 0, "1": 1, "one": 1}},
            ("How many?\nOptions:\n(A) zero\n(B) one", "(B)"),
        ),
        (
            "penguins_in_a_table",
            "Table:\n\nA, 7\n",
            {"input": "Age?", "target_scores": {"7": 1, "8": 0}},
            ("Table:  A, 7  Age?\nOptions:\n(A) 7\n(B) 8", "(A)"),
        ),
        (
            "geometric_shapes",
            "",
            {"input": "draws a ", "target_scores": {"circle": 1, "line": 0, "ellipse": 1}},
            ("draws a\nOptions:\n(A) circle\n(B) line\n(C) ellipse", "(C)"),
        ),
        (
            "sports_understanding",
            "",
            {"input": "He won.", "target_scores": {"plausible": 1, "implausible": 0}},
            ('Is the following sentence plausible? "He won."', "yes"),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_kind_of_task(subtask, prefix, example, expected, tmp_path):
    assert in_form(tmp_path, subtask, example, prefix) == expected


def test_options_whose_first_is_always_right_come_in_a_drawn_order(tmp_path):
    options = {f"{hour}pm": hour == 1 for hour in range(1, 5)}
    example = {"input": "When?", "target_scores": options}
    answers = set()
    for number in range(20):
        question, answer = in_form(
            tmp_path, "temporal_sequences", example | {"input": f"{number}?"}
        )
        assert f"{answer} 1pm" in question
        answers.add(answer)
    assert len(answers) > 2


TYPOS = {"causal_judgement": 3, "formal_fallacies": 1, "snarks": 6, "ruin_names": 3}
COMMAS = {"movie_recommendation": 19}
"""Titles with a comma, which BBH took for two options."""
DRAWN = ("date_understanding", "temporal_sequences")
NEW = ("object_counting",)
"""Of BBH's 250 questions one is in BIG-bench's file."""


@needs_public
@pytest.mark.parametrize("subtask", [name for name in bigbench_forms.FORMS if name not in NEW])
def test_what_bbh_took_from_the_public_files_is_worded_as_in_bbh(subtask):
    pins = layout.bigbench_pins(ROOT / "resources/bigbench.json")
    path = str(PUBLIC / "bigbench" / pins[subtask]["path"])
    ours = set(bigbench_forms.read(subtask, path, 0))
    form = bigbench_forms.FORMS[subtask]
    asked = {identity(text, by_options=form.by_options) for text, _ in ours}
    public = set(bbh.read_examples(str(PUBLIC / f"bbh/{subtask}.json")))
    known = [text for text, _ in public if identity(text, by_options=form.by_options) in asked]
    assert len(known) >= len(public) - (subtask == "snarks")  # one was cut short
    if subtask in DRAWN:
        ours = {text.partition("\nOptions:")[0] for text, _ in ours}
        public = {text.partition("\nOptions:")[0] for text, _ in public}
    assert len(public - ours) == TYPOS.get(subtask, 0) + COMMAS.get(subtask, 0)
