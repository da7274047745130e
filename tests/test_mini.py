"""The miniature tasks are checked by solvers that share no code with their generators."""

import re

import numpy as np
import pytest

from arte.errors import ArteError
from arte.mini import draw, exemplars, items
from arte.mini_tasks import ACTIONS, ATHLETES, GENERATORS, ORDER, TECHNIQUES
from arte.nano_corpus import NAIVE_SHARES
from arte.parse import extract, is_correct
from arte.schema import EXEMPLARS, ITEMS
from arte.tasks import SUBTASKS


def solve_boolean(question: str) -> str:
    """Recursive descent over the expression, lowest priority first."""
    tokens = question.removesuffix(" is").split()

    def disjunction() -> bool:
        value = conjunction()
        while tokens and tokens[0] == "or":
            tokens.pop(0)
            right = conjunction()
            value = value or right
        return value

    def conjunction() -> bool:
        value = negation()
        while tokens and tokens[0] == "and":
            tokens.pop(0)
            right = negation()
            value = value and right
        return value

    def negation() -> bool:
        token = tokens.pop(0)
        if token == "not":
            return not negation()
        if token == "(":
            value = disjunction()
            assert tokens.pop(0) == ")"
            return value
        return {"True": True, "False": False}[token]

    return str(disjunction())


def solve_hyperbaton(question: str) -> str:
    rank = {word: i for i, words in enumerate(ORDER.values()) for word in words}
    ordered = []
    for letter, phrase in re.findall(r"\((\w)\) (.*)", question):
        ranks = [rank[word] for word in phrase.split()[:-1]]
        if ranks == sorted(ranks):
            ordered.append(f"({letter})")
    (answer,) = ordered
    return answer


def solve_sports(question: str) -> str:
    name, last, action = re.search(r'"(\w+) (\w+) (.*)\."', question).groups()
    (sport,) = [sport for sport, actions in ACTIONS.items() if action in actions]
    return "yes" if ATHLETES[f"{name} {last}"] == sport else "no"


def solve_web_of_lies(question: str) -> str:
    honest: dict[str, bool] = {}
    for sentence in question.removeprefix("Question: ").split(". "):
        if found := re.fullmatch(r"(\w+) says (\w+) (tells the truth|lies)", sentence):
            speaker, subject, claim = found.groups()
            honest[speaker] = honest[subject] == (claim == "tells the truth")
        elif found := re.fullmatch(r"Does (\w+) tell the truth\?", sentence):
            return "Yes" if honest[found[1]] else "No"
        else:
            name, claim = re.fullmatch(r"(\w+) (tells the truth|lies)", sentence).groups()
            honest[name] = claim == "tells the truth"
    raise AssertionError("no question")


SOLVERS = {
    "boolean_expressions": solve_boolean,
    "hyperbaton": solve_hyperbaton,
    "sports_understanding": solve_sports,
    "web_of_lies": solve_web_of_lies,
}


@pytest.mark.parametrize("subtask", GENERATORS)
def test_every_answer_agrees_with_an_independent_solver(subtask):
    rng = np.random.default_rng(0)
    answers = []
    for _ in range(300):
        problem = GENERATORS[subtask](rng)
        assert SOLVERS[subtask](problem.question) == problem.answer
        answers.append(problem.answer)
    assert len(set(answers)) == 2
    assert 0.3 < np.mean([answer == answers[0] for answer in answers]) < 0.7


@pytest.mark.parametrize("subtask", GENERATORS)
@pytest.mark.parametrize("technique", TECHNIQUES)
def test_every_rationale_ends_in_the_right_tagged_answer(subtask, technique):
    rng = np.random.default_rng(1)
    kind = SUBTASKS[subtask].answer_type
    for _ in range(50):
        problem = GENERATORS[subtask](rng)
        extraction = extract(problem.rationale(technique), kind)
        assert extraction.tagged
        assert is_correct(extraction.strict, problem.answer, kind)


def test_boolean_steps_end_at_the_value_of_the_expression():
    rng = np.random.default_rng(2)
    for _ in range(100):
        problem = GENERATORS["boolean_expressions"](rng)
        stages = problem.rationales["steps"].removesuffix(" .").split(" = ")
        assert {solve_boolean(stage) for stage in stages} == {problem.answer}


def test_athletes_are_spread_over_all_sports():
    counts = [list(ATHLETES.values()).count(sport) for sport in ACTIONS]
    assert max(counts) - min(counts) <= 2


def test_a_draw_is_repeatable_distinct_and_extends():
    problems = draw("web_of_lies", 60, seed=3)
    assert problems == draw("web_of_lies", 60, seed=3)
    assert problems[:20] == draw("web_of_lies", 20, seed=3)
    assert len({p.question for p in problems}) == 60
    assert problems != draw("web_of_lies", 60, seed=4)


def test_tables_fit_their_schemas():
    problems = draw("hyperbaton", 10, seed=0)
    assert ITEMS.check(items("hyperbaton", problems), "here").height == 10
    assert EXEMPLARS.check(exemplars("hyperbaton", problems[:3]), "here").height == 3


def test_an_unknown_miniature_names_the_config_key():
    with pytest.raises(ArteError, match=r"data\.subtasks"):
        draw("snarks", 1, seed=0)


def test_more_questions_than_exist_is_an_error():
    with pytest.raises(ArteError, match=r"data\.test_items"):
        draw("sports_understanding", 5000, seed=0)


def test_naive_shares_are_a_distribution_over_the_techniques():
    assert set(NAIVE_SHARES) == set(TECHNIQUES)
    assert sum(NAIVE_SHARES.values()) == pytest.approx(1)
