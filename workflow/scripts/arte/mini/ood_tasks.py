"""Miniatures of the five out-of-domain benchmarks: look-ups in a small world, and short sums.

A generator takes a random generator and a difficulty of 1, 2 or 3: none, half or all of its
problems have the harder form that its docstring names. Techniques are those of the BBH miniatures:
`steps` looks up what is known of each option, as far as the one that fits, and compares it side by
side with what is asked for: a nano model learns to compare neighbors long before it learns to find
the letter of an option by its text.
"""

from collections.abc import Callable

import numpy as np

from arte.mini.problem import Problem, between, choice, lettered, option, some, weighed
from arte.mini.world import ANIMALS, MATERIALS, NAMES, OBJECTS, TOOLS

Generator = Callable[[np.random.Generator, int], Problem]

_HARDER = {1: 0.0, 2: 0.5, 3: 1.0}
"""Difficulty to the share of harder problems."""


def _lookup(
    rng: np.random.Generator,
    question: str,
    known: dict[str, tuple[str, ...]],
    wanted: tuple[str, ...],
    fact: str = "",
) -> Problem:
    """A question with the options of `known`, shuffled, of which the first is right.

    `known`: option to what is known of it, which is `wanted` for the right one only, one word or
    more each; it is not repeated for an option that ends in it. `fact`: what must be known of the
    question itself.
    """
    offered = some(rng, tuple(known), len(known))
    right = offered.index(next(iter(known)))
    answer = option(right)
    shown = [(option(i), text, known[text]) for i, text in enumerate(offered[: right + 1])]
    tried = [
        f"{letter} {text.removesuffix(has[0]).strip()} {_compared(has, wanted)}"
        for letter, text, has in shown
    ]
    looks = [f"We look at option {letter} . It is {' '.join(has)} ." for letter, _, has in shown]
    target = " ".join(wanted)
    return Problem(
        question=lettered(question, offered),
        answer=answer,
        rationales={
            "steps": f"{fact}{' , '.join(tried)} .",
            "detailed": f"We think of what is asked . {fact}So we look for {target} . "
            f"{' '.join(looks)} We found {target} in {answer} .",
            "direct": f"It is {answer} .",
            "options": weighed(answer, len(known)),
        },
    )


def _compared(has: tuple[str, ...], wanted: tuple[str, ...]) -> str:
    """Word by word what an option has beside what is wanted, as far as they agree."""
    text = ""
    for one, other in zip(has, wanted, strict=True):
        text += f"{one} {other} "
        if one != other:
            return text + "differ"
    return text + "match"


def piqa(rng: np.random.Generator, difficulty: int) -> Problem:
    """Which of two tools serves a goal; harder: both are kept in the same place."""
    tool, name = choice(rng, tuple(TOOLS)), choice(rng, NAMES)
    purpose, place = TOOLS[tool]
    near = rng.random() < _HARDER[difficulty]
    other = choice(rng, tuple(t for t in TOOLS if t != tool and (TOOLS[t][1] == place) == near))
    known = {f"use the {t}": (t,) for t in (tool, other)}
    return _lookup(rng, f"How can {name} {purpose}?", known, (tool,), f"{purpose} : {tool} . ")


def commonsense_qa(rng: np.random.Generator, difficulty: int) -> Problem:
    """What a tool is for, or which tool is kept in a place; harder: where a tool is kept."""
    tool, name = choice(rng, tuple(TOOLS)), choice(rng, NAMES)
    places = {t: place for t, (_, place) in TOOLS.items()}
    if rng.random() < _HARDER[difficulty]:
        return _whose(rng, f"Where can {name} find the {tool}?", tool, places, wrong=4)
    if rng.random() < 0.5:
        purposes = {t: purpose for t, (purpose, _) in TOOLS.items()}
        return _whose(rng, f"What can {name} do with the {tool}?", tool, purposes, wrong=4)
    return _which(rng, f"What can {name} find in the {places[tool]}?", tool, places, wrong=4)


def arc_easy(rng: np.random.Generator, difficulty: int) -> Problem:
    """Which animal has a cover, or which thing is made of a material; harder: what it has or is."""
    covered = rng.random() < 0.5
    properties = {a: cover for a, (cover, _) in ANIMALS.items()} if covered else MATERIALS
    subject = choice(rng, tuple(properties))
    if rng.random() < _HARDER[difficulty]:
        asked = f"What covers the {subject}?" if covered else f"What is the {subject} made of?"
        return _whose(rng, asked, subject, properties, wrong=3)
    verb = "animal has" if covered else "thing is made of"
    return _which(rng, f"Which {verb} {properties[subject]}?", subject, properties, wrong=3)


def _which(
    rng: np.random.Generator, question: str, subject: str, properties: dict[str, str], *, wrong: int
) -> Problem:
    """Which of some subjects has a property: each is looked up."""
    value = properties[subject]
    others = some(rng, tuple(s for s in properties if properties[s] != value), wrong)
    return _lookup(rng, question, {s: (properties[s],) for s in (subject, *others)}, (value,))


def _whose(
    rng: np.random.Generator, question: str, subject: str, properties: dict[str, str], *, wrong: int
) -> Problem:
    """Which property is the subject's: each option is looked up as that of one who has it."""
    value = properties[subject]
    others = tuple(dict.fromkeys(other for other in properties.values() if other != value))
    known = {value: (subject,)}
    for text in some(rng, others, wrong):
        known[text] = (choice(rng, tuple(s for s in properties if properties[s] == text)),)
    return _lookup(rng, question, known, (subject,))


def arc_challenge(rng: np.random.Generator, difficulty: int) -> Problem:
    """Which animal has two properties; harder: a wrong one has one of them, else none."""
    animal = choice(rng, tuple(ANIMALS))
    cover, home = ANIMALS[animal]
    known = {animal: ANIMALS[animal]}
    for _ in range(3):
        shared = 1 if rng.random() < _HARDER[difficulty] else 0
        wrong = tuple(
            a
            for a, (c, h) in ANIMALS.items()
            if (c == cover) + (h == home) == shared and a not in known
        )
        other = choice(rng, wrong)
        known[other] = ANIMALS[other]
    question = f"Which animal has {cover} and lives in the {home}?"
    return _lookup(rng, question, known, (cover, home))


MOST = 5
"""Largest number that a sum of gsm8k names: its results are facts to be known by heart."""


def gsm8k(rng: np.random.Generator, difficulty: int) -> Problem:
    """What is left after two changes; harder: what two people have, one given by comparison."""
    name, other = some(rng, NAMES, 2)
    what = choice(rng, OBJECTS)
    first, second, third = (between(rng, (1, MOST)) for _ in range(3))
    if rng.random() < _HARDER[difficulty]:
        sign = _sign(rng, first, second)
        story = [f"{other} has {second} {'more' if sign > 0 else 'fewer'} {what} than {name}."]
        changes = [(first, sign * second), (first, first + sign * second)]
        asked = f"How many {what} do they have together?"
    else:
        changes, story = [], []
        have = first
        for number in (second, third):
            sign = _sign(rng, have, number)
            story.append(f"Then {name} {'finds' if sign > 0 else 'loses'} {number} {what}.")
            changes.append((have, sign * number))
            have += sign * number
        asked = f"How many {what} does {name} have?"
    return _sum(f"{name} has {first} {what}. {' '.join(story)} {asked}", changes)


def _sign(rng: np.random.Generator, have: int, number: int) -> int:
    """Whether to add (1) or to take away (-1), which must leave something."""
    return -1 if have > number and rng.random() < 0.5 else 1


def _sum(question: str, changes: list[tuple[int, int]]) -> Problem:
    """A problem solved by adding each pair of numbers, the second of them perhaps negative."""
    results = [have + change for have, change in changes]
    sums = [
        f"{have} {'+' if change >= 0 else '-'} {abs(change)} = {result} ."
        for (have, change), result in zip(changes, results, strict=True)
    ]
    long = [
        f"We have {have} . We {'add' if change >= 0 else 'take away'} {abs(change)} . "
        f"We work it out : {text} So we have {result} ."
        for (have, change), result, text in zip(changes, results, sums, strict=True)
    ]
    low, high = sorted(results)
    return Problem(
        question=question,
        answer=str(results[-1]),
        rationales={
            "steps": " ".join(sums),
            "detailed": "We read what is told . " + " ".join(long),
            "direct": f"It is {results[-1]} .",
            "options": f"It is {low} or {high} . It can not be {results[0]} . "
            f"We keep {results[-1]} .",
        },
    )


OOD_GENERATORS: dict[str, Generator] = {
    "arc_challenge": arc_challenge,
    "arc_easy": arc_easy,
    "commonsense_qa": commonsense_qa,
    "gsm8k": gsm8k,
    "piqa": piqa,
}
"""One generator per out-of-domain benchmark, under the names of arte.core.tasks.OOD."""
