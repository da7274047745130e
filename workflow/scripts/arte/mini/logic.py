"""Miniatures of logic: boolean_expressions (Math in the paper's Table 7), web_of_lies, tracking."""

import itertools

import numpy as np

from arte.mini.problem import Problem, between, choice, lettered, option, some, weighed

_TERMS = {1: (2, 3), 2: (2, 3), 3: (4, 4)}
_NOT = {1: 0.0, 2: 0.4, 3: 0.4}
_BRACKETS = {1: 0.15, 2: 0.3, 3: 0.0}


def _expression(rng: np.random.Generator, difficulty: int) -> list[str]:
    """Terms joined by and/or: [not] literal, or [not] ( literal op literal )."""
    tokens: list[str] = []
    for i in range(between(rng, _TERMS[difficulty])):
        tokens += [choice(rng, ("and", "or"))] if i else []
        tokens += ["not"] if rng.random() < _NOT[difficulty] else []
        literal = choice(rng, ("True", "False"))
        if rng.random() < _BRACKETS[difficulty]:
            tail = [choice(rng, ("and", "or")), choice(rng, ("True", "False")), ")"]
            tokens += ["(", literal, *tail]
        else:
            tokens.append(literal)
    return tokens


def _reduce(tokens: list[str]) -> list[str] | None:
    """The expression after its next operation: brackets, then not, then and, then or."""
    if "(" in tokens:
        start = tokens.index("(")
        end = tokens.index(")")
        return [*tokens[:start], *_operate(tokens[start + 1 : end]), *tokens[end + 1 :]]
    return _operate(tokens) if len(tokens) > 1 else None


def _operate(tokens: list[str]) -> list[str]:
    if "not" in tokens:
        i = tokens.index("not")
        return [*tokens[:i], str(tokens[i + 1] == "False"), *tokens[i + 2 :]]
    i = tokens.index("and") if "and" in tokens else tokens.index("or")
    pair = (tokens[i - 1], tokens[i + 1])
    value = pair == ("True", "True") if tokens[i] == "and" else "True" in pair
    return [*tokens[: i - 1], str(value), *tokens[i + 2 :]]


def boolean_expressions(rng: np.random.Generator, difficulty: int) -> Problem:
    """Value of an expression of and, or, not over literals and brackets.

    Difficulty 1: two or three terms without not; 2: two or three terms; 3: four terms without
    brackets.
    """
    stages = [_expression(rng, difficulty)]
    while (step := _reduce(stages[-1])) is not None:
        stages.append(step)
    text = [" ".join(stage) for stage in stages]
    answer = text[-1]
    wrong = "False" if answer == "True" else "True"
    detailed = " ".join(f"{a} becomes {b} ." for a, b in itertools.pairwise(text))
    return Problem(
        question=f"{text[0]} is",
        answer=answer,
        rationales={
            "steps": " = ".join(text) + " .",
            "detailed": f"Brackets come first , then not , then and , then or . {detailed}",
            "direct": f"It is {answer} .",
            "options": f"It is True or False . It can not be {wrong} . We keep {answer} .",
        },
    )


_NAMES = ("Amy", "Bob", "Cal", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Jim", "Kim", "Leo")
_PEOPLE = {1: (2, 3), 2: (3, 4), 3: (5, 5)}


def web_of_lies(rng: np.random.Generator, difficulty: int) -> Problem:
    """Whether the last of a chain of people tells the truth.

    Difficulty 1: two or three people; 2: three or four; 3: five.
    """
    people = some(rng, _NAMES, between(rng, _PEOPLE[difficulty]))
    truths = [bool(rng.random() < 0.5)]
    lines = [f"{people[0]} {_verb(truths[0])}."]
    steps = [f"{people[0]} {_verb(truths[0])} ."]
    detailed = [f"We are told that {people[0]} {_verb(truths[0])} ."]
    for before, person in itertools.pairwise(people):
        claim = bool(rng.random() < 0.5)
        truth = claim == truths[-1]
        lines.append(f"{person} says {before} {_verb(claim)}.")
        said, is_so = _short(claim), _short(truths[-1])
        steps.append(
            f"{person} says {before} {_verb(claim)} : {said} {is_so} "
            f"{'match' if truth else 'differ'} , {person} {_verb(truth)} ."
        )
        detailed.append(
            f"{person} says that {before} {_verb(claim)} . We know that {before} "
            f"{_verb(truths[-1])} . Compare {said} {is_so} : {'match' if truth else 'differ'} . "
            f"So {person} is {'right' if truth else 'wrong'} and {_verb(truth)} ."
        )
        truths.append(truth)
    answer, wrong = ("Yes", "No") if truths[-1] else ("No", "Yes")
    return Problem(
        question=f"Question: {' '.join(lines)} Does {people[-1]} tell the truth?",
        answer=answer,
        rationales={
            "steps": " ".join(steps),
            "detailed": " ".join(detailed),
            "direct": f"It is {answer} .",
            "options": f"It is Yes or No . It can not be {wrong} . We keep {answer} .",
        },
    )


def _verb(truth: bool) -> str:
    return "tells the truth" if truth else "lies"


def _short(truth: bool) -> str:
    return "truth" if truth else "lies"


_TOYS = ("ball", "kite", "drum", "doll", "ring", "top", "boat", "bear")
_SWAPS = {1: (1, 2), 2: (2, 3), 3: (4, 4)}


def tracking_shuffled_objects_three_objects(rng: np.random.Generator, difficulty: int) -> Problem:
    """Which of three toys a person has after some swaps between two people each.

    Difficulty 1: one or two swaps; 2: two or three; 3: four.
    """
    people, toys = some(rng, _NAMES, 3), some(rng, _TOYS, 3)
    pairs = [some(rng, tuple(people), 2) for _ in range(between(rng, _SWAPS[difficulty]))]
    asked = choice(rng, tuple(people))
    has = dict(zip(people, toys, strict=True))
    one, two, three = people
    start = f"{one} has a {has[one]}, {two} has a {has[two]}, and {three} has a {has[three]}."
    steps = [f"{_state(has, people)} ."]
    detailed = [f"At first {_held(has, people)} ."]
    for a, b in pairs:
        (other,) = set(people) - {a, b}
        before = _state(has, [a, b])
        detailed.append(f"Then {a} gives {has[a]} to {b} for {has[b]} .")
        has[a], has[b] = has[b], has[a]
        steps.append(f"{before} : {_state(has, [a, b, other])} .")
        detailed.append(f"Now {_held(has, [a, b, other])} .")
    answer = option(toys.index(has[asked]))
    return Problem(
        question=lettered(
            f"{one}, {two}, and {three} trade: {start} {_told(pairs)} At the end, {asked} has", toys
        ),
        answer=answer,
        rationales={
            "steps": f"{' '.join(steps)} {asked} {has[asked]} is {answer} .",
            "detailed": f"{' '.join(detailed)} At the end {asked} has {has[asked]} . "
            f"Among the options {has[asked]} is {answer} .",
            "direct": f"It is {answer} .",
            "options": weighed(answer, 3),
        },
    )


def _state(has: dict[str, str], people: list[str]) -> str:
    return " , ".join(f"{person} {has[person]}" for person in people)


def _held(has: dict[str, str], people: list[str]) -> str:
    return " , ".join(f"{person} has {has[person]}" for person in people)


def _told(pairs: list[list[str]]) -> str:
    """The swaps as BBH tells them: First, Then, ..., Finally."""
    words = ["First", *["Then"] * (len(pairs) - 2), "Finally"]
    swaps = zip(words, pairs, strict=False)  # a single swap is only First
    return " ".join(f"{word}, {a} and {b} swap." for word, (a, b) in swaps)
