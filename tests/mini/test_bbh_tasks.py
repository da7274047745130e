"""The miniature tasks are checked by solvers that share no code or table with their generators."""

import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from declared import SUBTASKS

from arte.core.parse import extract, is_correct, parse_questions
from arte.core.prompts import tagged_question
from arte.mini.bbh_tasks import DIFFICULTIES, GENERATORS, TECHNIQUES

NEW = (
    "movie_recommendation",
    "reasoning_about_colored_objects",
    "tracking_shuffled_objects_three_objects",
)


def drawn(subtask, difficulty, count=300, seed=0):
    rng = np.random.default_rng(seed)
    return [GENERATORS[subtask](rng, difficulty) for _ in range(count)]


def options(question):
    return dict(re.findall(r"^(\([A-Z]\)) (.+)$", question, re.MULTILINE))


def letter_of(question, value):
    (letter,) = [letter for letter, text in options(question).items() if text == value]
    return letter


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


RANKS = (
    ("lovely", "awful", "nice", "silly"),
    ("big", "tiny", "huge", "small"),
    ("old", "new", "ancient", "young"),
    ("round", "square", "flat", "curved"),
    ("red", "blue", "green", "black"),
    ("Thai", "Greek", "Irish", "Turkish"),
    ("wood", "glass", "steel", "wool"),
)


def solve_hyperbaton(question: str) -> str:
    ordered = []
    for letter, phrase in options(question).items():
        *adjectives, _noun = phrase.split()
        ranks = [i for word in adjectives for i, words in enumerate(RANKS) if word in words]
        assert len(ranks) == len(adjectives)
        ordered += [letter] if all(a < b for a, b in pairwise(ranks)) else []
    (answer,) = ordered
    return answer


FAMILIES = {
    "soccer": "Berg Lund",
    "tennis": "Costa Moss",
    "hockey": "Diaz Nash",
    "baseball": "Ford Page",
    "basketball": "Kerr Reed",
}
MIXED = {  # the sports of Adam, Bruno, Carl, David, Emil, Frank, Hugo, Ivan
    "Shaw": "soccer tennis hockey baseball basketball soccer tennis hockey",
    "Todd": "tennis baseball soccer hockey basketball tennis baseball soccer",
    "Vega": "hockey soccer baseball tennis basketball hockey soccer baseball",
    "Wolf": "baseball hockey tennis soccer basketball baseball hockey tennis",
    "York": "basketball soccer tennis hockey baseball basketball soccer tennis",
}
DEEDS = {
    "soccer": r"corner kick|header|goal kick|shin",
    "tennis": r"\bace\b|forehand|tie break|second set",
    "hockey": r"puck|face off|penalty box",
    "baseball": r"second base|home run|curve ball|struck out",
    "basketball": r"free throw|dunked|jump shot|buzzer",
}


def sport_of(first: str, last: str) -> str:
    if last in MIXED:
        members = ["Adam", "Bruno", "Carl", "David", "Emil", "Frank", "Hugo", "Ivan"]
        return MIXED[last].split()[members.index(first)]
    (sport,) = [sport for sport, names in FAMILIES.items() if last in names]
    return sport


def solve_sports(question: str) -> str:
    first, last, deed = re.search(r'"(\w+) (\w+) (.*)\."', question).groups()
    (sport,) = [sport for sport, pattern in DEEDS.items() if re.search(pattern, deed)]
    return "yes" if sport_of(first, last) == sport else "no"


def solve_web_of_lies(question: str) -> str:
    """Each "lies" that is said turns the truth about: only their number counts."""
    chain, _ = question.split(" Does ")
    assert re.fullmatch(r".* Does (\w+) tell the truth\?", question)[1] in chain.split(". ")[-1]
    return "No" if len(re.findall(r"\blies\b", chain)) % 2 else "Yes"


def solve_tracking(question: str) -> str:
    """From the person asked about, back through the swaps to who had the toy at first."""
    person = re.search(r"At the end, (\w+) has\n", question)[1]
    for pair in reversed(re.findall(r"(\w+) and (\w+) swap\.", question)):
        if person in pair:
            (person,) = set(pair) - {person}
    return letter_of(question, re.search(rf"{person} has an? (\w+)[,.]", question)[1])


COUNTED = ["zero", "one", "two", "three", "four", "five"]


def solve_colored(question: str) -> str:
    row = re.findall(r"\ba (\w+) (\w+)", question.split(".", maxsplit=1)[0])
    colors, things = [color for color, _ in row], [thing for _, thing in row]
    if found := re.search(r"What color is the (\w+)\?", question):
        return letter_of(question, colors[things.index(found[1])])
    if found := re.search(r"the thing just (left|right) of the (\w+)\?", question):
        return letter_of(
            question, colors[things.index(found[2]) + {"left": -1, "right": 1}[found[1]]]
        )
    lacking, color = re.search(r"How many things are (not )?(\w+)\?", question).groups()
    having = colors.count(color)
    return letter_of(question, COUNTED[len(row) - having if lacking else having])


SHELVES = {
    "space": "Comet Meteor Nebula Orbit Rocket Saturn",
    "war": "Bunker Convoy Siege Sniper Trench Truce",
    "crime": "Alibi Bandit Forger Heist Ransom Verdict",
    "ghosts": "Attic Coffin Crypt Phantom Seance Specter",
    "love": "Bouquet Darling Kisses Letters Valentine Wedding",
    "ships": "Anchor Harbor Lagoon Mermaid Reef Whaler",
}


def solve_movie(question: str) -> str:
    """The one option from the shelf that most of the films shown stand on."""
    shelf_of = {title: shelf for shelf, titles in SHELVES.items() for title in titles.split()}
    shown = re.match(r"Find a movie similar to (.*):\n", question)[1].split(", ")
    ((shelf, most),) = Counter(shelf_of[title] for title in shown).most_common(1)
    assert most > len(shown) / 2
    (answer,) = [o for o, title in options(question).items() if shelf_of[title] == shelf]
    assert not set(shown) & set(options(question).values())
    return answer


SOLVERS = {
    "boolean_expressions": solve_boolean,
    "hyperbaton": solve_hyperbaton,
    "movie_recommendation": solve_movie,
    "reasoning_about_colored_objects": solve_colored,
    "sports_understanding": solve_sports,
    "tracking_shuffled_objects_three_objects": solve_tracking,
    "web_of_lies": solve_web_of_lies,
}


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
@pytest.mark.parametrize("subtask", GENERATORS)
def test_every_answer_agrees_with_an_independent_solver(subtask, difficulty):
    for problem in drawn(subtask, difficulty):
        assert SOLVERS[subtask](problem.question) == problem.answer


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
@pytest.mark.parametrize("subtask", GENERATORS)
def test_no_answer_is_right_too_often(subtask, difficulty):
    counts = Counter(problem.answer for problem in drawn(subtask, difficulty))
    assert max(counts.values()) < 0.7 * counts.total()
    assert min(counts.values()) > 0.05 * counts.total()


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
@pytest.mark.parametrize("subtask", GENERATORS)
def test_every_rationale_ends_in_the_right_tagged_answer(subtask, difficulty):
    kind = SUBTASKS[subtask].answer_type
    for problem in drawn(subtask, difficulty, seed=1):
        for technique in TECHNIQUES:
            extraction = extract(problem.rationale(technique), kind)
            assert extraction.tagged
            assert is_correct(extraction.strict, problem.answer, kind)


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
@pytest.mark.parametrize("subtask", GENERATORS)
def test_techniques_differ_and_grow_from_direct_over_steps_to_detailed(subtask, difficulty):
    for problem in drawn(subtask, difficulty, seed=2):
        assert set(problem.rationales) == set(TECHNIQUES)
        assert len(set(problem.rationales.values())) == len(TECHNIQUES)
        words = {name: len(text.split()) for name, text in problem.rationales.items()}
        assert words["direct"] < words["steps"] < words["detailed"]


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
@pytest.mark.parametrize("subtask", NEW)
def test_detailed_is_at_most_two_and_a_half_times_as_long_as_steps(subtask, difficulty):
    problems = drawn(subtask, difficulty, seed=3)
    words = {t: sum(len(p.rationales[t].split()) for p in problems) for t in TECHNIQUES}
    assert words["detailed"] <= 2.5 * words["steps"]


@pytest.mark.parametrize("subtask", NEW)
@pytest.mark.parametrize("technique", ["steps", "detailed"])
def test_the_last_option_that_a_rationale_names_is_the_answer(subtask, technique):
    for difficulty in DIFFICULTIES:
        for problem in drawn(subtask, difficulty, seed=4):
            named = re.findall(r"\([A-Z]\)", problem.rationales[technique])
            assert named[-1] == problem.answer


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
@pytest.mark.parametrize("subtask", GENERATORS)
def test_questions_survive_the_format_in_which_the_teacher_writes_them(subtask, difficulty):
    problems = drawn(subtask, difficulty, seed=5)
    unique = list({p.question: (p.question, p.answer) for p in problems}.values())
    text = "\n".join(tagged_question(i, q, a) for i, (q, a) in enumerate(unique, start=1))
    pairs, dropped = parse_questions(text, SUBTASKS[subtask].answer_type)
    assert pairs == unique
    assert not dropped


@pytest.mark.parametrize("subtask", GENERATORS)
def test_questions_are_short(subtask):
    limits = {1: 45, 2: 45, 3: 50}
    for difficulty, limit in limits.items():
        assert max(len(p.question.split()) for p in drawn(subtask, difficulty)) <= limit


def test_there_are_questions_enough():
    counts = {
        subtask: len({p.question for p in drawn(subtask, 2, count=5000)}) for subtask in GENERATORS
    }
    assert counts.pop("sports_understanding") > 1300  # there are 1600: 80 athletes, 20 deeds
    assert min(counts.values()) >= 2000


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
@pytest.mark.parametrize("subtask", GENERATORS)
def test_most_questions_stay_for_training_when_test_items_are_held_out(subtask, difficulty):
    held_out = {p.question for p in drawn(subtask, difficulty, count=200)}
    fresh = {p.question for p in drawn(subtask, difficulty, count=2000, seed=6)} - held_out
    assert len(fresh) > 2 * len(held_out)


def sizes(subtask, difficulty, measure):
    return {measure(problem.question) for problem in drawn(subtask, difficulty, seed=7)}


def terms(question):
    return 1 + len(re.findall(r"\b(and|or)\b", re.sub(r"\(.*?\)", "x", question)))


@pytest.mark.parametrize(
    ("subtask", "measure", "expected"),
    [
        ("boolean_expressions", terms, [{2, 3}, {2, 3}, {4}]),
        ("boolean_expressions", lambda q: "not" in q, [{False}, {False, True}, {False, True}]),
        ("boolean_expressions", lambda q: "(" in q, [{False, True}, {False, True}, {False}]),
        ("hyperbaton", lambda q: len(options(q)["(A)"].split()) - 1, [{2, 3}, {3, 4}, {5}]),
        ("movie_recommendation", lambda q: q.split("\n")[0].count(",") + 1, [{2}, {3}, {4}]),
        ("movie_recommendation", lambda q: len(options(q)), [{3}, {4}, {5}]),
        ("reasoning_about_colored_objects", lambda q: q.count(" a "), [{3}, {3, 4}, {4, 5}]),
        (
            "reasoning_about_colored_objects",
            lambda q: re.search("color is|many things are not|many things are", q)[0],
            [
                {"color is"},
                {"color is", "many things are"},
                {"color is", "many things are not"},
            ],
        ),
        (
            "tracking_shuffled_objects_three_objects",
            lambda q: q.count("swap."),
            [{1, 2}, {2, 3}, {4}],
        ),
        ("web_of_lies", lambda q: q.count("says") + 1, [{2, 3}, {3, 4}, {5}]),
    ],
)
def test_a_level_means_what_the_documentation_says(subtask, measure, expected):
    for difficulty, values in zip(DIFFICULTIES, expected, strict=True):
        assert sizes(subtask, difficulty, measure) == values


def test_harder_films_hold_one_intruder_whose_genre_is_offered_too():
    shelf_of = {title: shelf for shelf, titles in SHELVES.items() for title in titles.split()}
    for problem in drawn("movie_recommendation", 3):
        shown = re.match(r"Find a movie similar to (.*):\n", problem.question)[1].split(", ")
        (_, most), (intruder, one) = Counter(shelf_of[t] for t in shown).most_common()
        assert (most, one) == (3, 1)
        assert intruder in {shelf_of[title] for title in options(problem.question).values()}


def test_harder_athletes_are_those_of_more_families():
    families = [
        {re.search(r'"\w+ (\w+)', p.question)[1] for p in drawn("sports_understanding", level)}
        for level in DIFFICULTIES
    ]
    assert [len(names) for names in families] == [5, 10, 15]
    assert families[0] < families[1] < families[2]
    assert families[2] - families[1] == set(MIXED)


COMPARING = {
    "movie_recommendation": DIFFICULTIES,
    "reasoning_about_colored_objects": (1,),
    "sports_understanding": DIFFICULTIES,
    "web_of_lies": DIFFICULTIES,
}


@pytest.mark.parametrize("technique", ["steps", "detailed"])
@pytest.mark.parametrize("subtask", COMPARING)
def test_what_is_compared_stands_side_by_side(subtask, technique):
    for difficulty in COMPARING[subtask]:
        for problem in drawn(subtask, difficulty, count=100, seed=10):
            text = problem.rationales[technique]
            compared = re.findall(r"(\w+) (\w+) (?:: )?(match|differ)\b", text)
            assert compared
            assert all((one == other) == (said == "match") for one, other, said in compared)


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_adjectives_are_compared_as_far_as_they_rise(difficulty):
    for problem in drawn("hyperbaton", difficulty, seed=11):
        short, long = (problem.rationales[name] for name in ("steps", "detailed"))
        verdicts = re.findall(r"(\d) (\d) (up|down)", short)
        assert all((int(one) < int(other)) == (said == "up") for one, other, said in verdicts)
        assert [said for *_, said in verdicts].count("down") == (problem.answer == "(B)")
        at_length = re.findall(r"Compare (\d) (\d) : it (rises|falls back)", long)
        assert [pair[:2] for pair in at_length] == [pair[:2] for pair in verdicts]


def test_boolean_steps_end_at_the_value_of_the_expression():
    for problem in drawn("boolean_expressions", 3, seed=8):
        stages = problem.rationales["steps"].removesuffix(" .").split(" = ")
        assert {solve_boolean(stage) for stage in stages} == {problem.answer}


def test_every_state_of_tracking_shares_out_the_same_three_toys():
    for problem in drawn("tracking_shuffled_objects_three_objects", 2, seed=9):
        *lines, _ = problem.rationales["steps"].split(" . ")
        states = [line.split(" : ")[-1].split(" , ") for line in lines]
        assert len(states) == problem.question.count("swap.") + 1
        toys = {frozenset(pair.split()[1] for pair in state) for state in states}
        assert toys == {frozenset(options(problem.question).values())}
