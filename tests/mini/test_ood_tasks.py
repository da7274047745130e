"""The out-of-domain miniatures are checked by solvers that share no code with their generators."""

import re

import numpy as np
import pytest
from declared import OOD

from arte.core.parse import extract, is_correct, parse_questions
from arte.core.prompts import tagged_question
from arte.mini.bbh_tasks import TECHNIQUES
from arte.mini.ood_tasks import OOD_GENERATORS
from arte.mini.world import ANIMALS, MATERIALS, TOOLS

ROUNDS = 400


def only(question: str, holds) -> str:
    """The letter of the one option for which `holds` is true."""
    _, _, options = question.partition("\nOptions:\n")
    matched = [line[:3] for line in options.splitlines() if holds(line[4:])]
    (letter,) = matched
    return letter


def solve_piqa(question: str) -> str:
    goal = re.match(r"How can \w+ (.*)\?", question)[1]
    return only(question, lambda text: TOOLS[text.removeprefix("use the ")][0] == goal)


def solve_commonsense_qa(question: str) -> str:
    if found := re.match(r"Where can \w+ find the (\w+)\?", question):
        return only(question, lambda text: text == TOOLS[found[1]][1])
    if found := re.match(r"What can \w+ do with the (\w+)\?", question):
        return only(question, lambda text: text == TOOLS[found[1]][0])
    place = re.match(r"What can \w+ find in the (\w+)\?", question)[1]
    return only(question, lambda text: TOOLS[text][1] == place)


def solve_arc_easy(question: str) -> str:
    if found := re.match(r"What covers the (\w+)\?", question):
        return only(question, lambda text: ANIMALS[found[1]][0] == text)
    if found := re.match(r"What is the (\w+) made of\?", question):
        return only(question, lambda text: MATERIALS[found[1]] == text)
    if found := re.match(r"Which animal has (\w+)\?", question):
        return only(question, lambda text: ANIMALS[text][0] == found[1])
    material = re.match(r"Which thing is made of (\w+)\?", question)[1]
    return only(question, lambda text: MATERIALS[text] == material)


def solve_arc_challenge(question: str) -> str:
    facts = re.match(r"Which animal has (\w+) and lives in the (\w+)\?", question).groups()
    return only(question, lambda text: ANIMALS[text] == facts)


def solve_gsm8k(question: str) -> str:
    owned: dict[str, int] = {}
    *sentences, asked = re.split(r"(?<=[.?]) ", question)
    for sentence in sentences:
        if found := re.fullmatch(r"(\w+) has (\d+) \w+\.", sentence):
            owned[found[1]] = int(found[2])
        elif found := re.fullmatch(r"Then (\w+) (finds|loses) (\d+) \w+\.", sentence):
            owned[found[1]] += int(found[3]) if found[2] == "finds" else -int(found[3])
        else:
            who, count, how, whom = re.fullmatch(
                r"(\w+) has (\d+) (more|fewer) \w+ than (\w+)\.", sentence
            ).groups()
            owned[who] = owned[whom] + (int(count) if how == "more" else -int(count))
    if " they " in asked:
        return str(sum(owned.values()))
    return str(owned[re.search(r"does (\w+) have", asked)[1]])


SOLVERS = {
    "arc_challenge": solve_arc_challenge,
    "arc_easy": solve_arc_easy,
    "commonsense_qa": solve_commonsense_qa,
    "gsm8k": solve_gsm8k,
    "piqa": solve_piqa,
}


def problems(name, difficulty, count=ROUNDS):
    rng = np.random.default_rng(7)
    return [OOD_GENERATORS[name](rng, difficulty) for _ in range(count)]


def test_every_benchmark_has_a_generator():
    assert set(OOD_GENERATORS) == set(OOD)


@pytest.mark.parametrize("difficulty", [1, 2, 3])
@pytest.mark.parametrize("name", OOD_GENERATORS)
def test_every_answer_agrees_with_an_independent_solver(name, difficulty):
    for problem in problems(name, difficulty):
        assert SOLVERS[name](problem.question) == problem.answer


@pytest.mark.parametrize("technique", TECHNIQUES)
@pytest.mark.parametrize("name", OOD_GENERATORS)
def test_every_rationale_ends_in_the_right_tagged_answer(name, technique):
    for problem in problems(name, 2, 50):
        found = extract(problem.rationale(technique), OOD[name].answer_type)
        assert found.tagged
        assert is_correct(found.strict, problem.answer, OOD[name].answer_type)


@pytest.mark.parametrize("name", OOD_GENERATORS)
def test_rationales_are_words_with_spaces_and_differ_in_length(name):
    for problem in problems(name, 2, 50):
        texts = problem.rationales
        assert set(texts) == set(TECHNIQUES)
        assert not [text for text in texts.values() if re.search(r"\w[.,:]|\s\s|\n", text)]
        words = {technique: len(text.split()) for technique, text in texts.items()}
        assert words["direct"] < words["steps"] < words["detailed"]


@pytest.mark.parametrize("name", OOD_GENERATORS)
def test_questions_are_short_and_survive_the_question_format(name):
    for problem in problems(name, 2):
        assert len(problem.question.split()) <= 45
        text = tagged_question(1, problem.question, problem.answer)
        pairs, _ = parse_questions(text, OOD[name].answer_type)
        assert pairs == [(problem.question, problem.answer)]


@pytest.mark.parametrize("name", OOD_GENERATORS)
def test_no_answer_is_far_more_frequent_than_others(name):
    answers = [problem.answer for problem in problems(name, 2)]
    share = max(answers.count(answer) for answer in answers) / len(answers)
    options = len(set(answers))
    assert options >= {"piqa": 2, "commonsense_qa": 5, "gsm8k": 15}.get(name, 4)
    assert share < (0.15 if name == "gsm8k" else 1.3 / options)


def test_the_world_has_few_words():
    drawn = [p for name in OOD_GENERATORS for p in problems(name, 2, 2000)]
    texts = [p.question + " " + " ".join(p.rationales.values()) for p in drawn]
    assert len({word for text in texts for word in re.findall(r"\w+", text)}) <= 250


def test_sums_stay_between_nothing_and_fifteen_at_every_step():
    for difficulty in (1, 3):
        for problem in problems("gsm8k", difficulty, 2000):
            numbers = [int(n) for n in re.findall(r"\d+", problem.rationales["steps"])]
            assert 0 <= min(numbers) <= max(numbers) <= 15


@pytest.mark.parametrize(("difficulty", "shared"), [(1, {0}), (3, {1})])
def test_wrong_animals_share_as_many_properties_as_the_difficulty_says(difficulty, shared):
    for problem in problems("arc_challenge", difficulty):
        right = ANIMALS[re.search(rf"\{problem.answer[:2]}\) (\w+)", problem.question)[1]]
        animals = [ANIMALS[name] for name in re.findall(r"\([A-D]\) (\w+)", problem.question)]
        alike = [sum(a == b for a, b in zip(right, other, strict=True)) for other in animals]
        assert sorted(alike)[-1] == 2
        assert set(sorted(alike)[:-1]) == shared
