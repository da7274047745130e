"""Items of our own programs: of BBH's shape, and with the right answers."""

import re
from collections import Counter

import pytest

from arte.data import bigbench_programs


def drawn(subtask: str) -> list[tuple[str, str]]:
    return bigbench_programs.read(subtask, 200, 0)


@pytest.mark.parametrize("subtask", bigbench_programs.PROGRAMS)
def test_the_seed_decides_what_is_drawn(subtask):
    assert drawn(subtask) == drawn(subtask)
    assert drawn(subtask) != bigbench_programs.read(subtask, 200, 1)


@pytest.mark.parametrize(
    ("subtask", "end"), [("boolean_expressions", " is"), ("multistep_arithmetic_two", " =")]
)
def test_an_expression_has_the_value_that_python_gives_it(subtask, end):
    for question, answer in drawn(subtask):
        assert question.endswith(end)
        assert str(eval(question.removesuffix(end))) == answer  # noqa: S307 (our own expressions)


def test_boolean_expressions_have_eight_tokens_and_both_values():
    questions, answers = zip(*drawn("boolean_expressions"), strict=True)
    assert {len(question.split()) for question in questions} == {9}
    assert min(Counter(answers).values()) > 60


def test_arithmetic_is_two_brackets_of_four_numbers():
    number = r"-?\d"
    bracket = rf"\({number}(?: [-+*] {number}){{3}}\)"
    for question, _ in drawn("multistep_arithmetic_two"):
        assert re.fullmatch(rf"\({bracket} [-+*] {bracket}\) =", question)


def test_a_liar_says_the_opposite():
    answers = Counter()
    for question, answer in drawn("web_of_lies"):
        first = re.search(r"(\w+) (lies|tells)", question)
        claims = re.findall(r"(\w+) says (\w+) (lies|tells)", question)
        assert len(claims) == 4
        honest = {first[1]: first[2] == "tells"}
        for who, about, what in claims:
            honest[who] = honest[about] == (what == "tells")
        last = re.search(r"Does (\w+) tell the truth\?$", question)[1]
        assert answer == ("Yes" if honest[last] else "No")
        answers[answer] += 1
    assert min(answers.values()) > 60
