"""Miniatures of the five out-of-domain benchmarks: look-ups in a small world, and short sums.

A generator takes a random generator and a difficulty of 1, 2 or 3: none, half or all of its
problems have the harder form that its docstring names. Techniques are those of the BBH miniatures:
`steps` writes every fact that is looked up once.
"""

from collections.abc import Callable, Iterable

import numpy as np

from arte.mini_tasks import Problem
from arte.mini_world import ANIMALS, COVERS, MATERIALS, NAMES, OBJECTS, PLACES, PURPOSES, TOOLS

Generator = Callable[[np.random.Generator, int], Problem]

_HARDER = {1: 0.0, 2: 0.5, 3: 1.0}
"""Difficulty to the share of harder problems."""

Facts = dict[str, tuple[str, str]]
"""Option text to what is known of it: in a few words, and as a sentence."""


def _pick(rng: np.random.Generator, values: Iterable[str]) -> str:
    return _picks(rng, values, 1)[0]


def _picks(rng: np.random.Generator, values: Iterable[str], count: int) -> list[str]:
    values = tuple(values)
    return [values[i] for i in rng.choice(len(values), size=count, replace=False)]


def _choice(
    rng: np.random.Generator,
    question: str,
    options: list[str],
    *,
    result: str,
    fact: str = "",
    facts: Facts | None = None,
) -> Problem:
    """A question with shuffled `options`, of which the first is right because it is `result`.

    What must be known is either one `fact` about the question or the `facts` about the options.
    """
    letters = [f"({letter})" for letter in "ABCDE"[: len(options)]]
    order = rng.permutation(len(options))
    shown = [(letter, options[i]) for letter, i in zip(letters, order, strict=True)]
    answer = letters[order.tolist().index(0)]
    others = [letter for letter in letters if letter != answer]
    if facts is None:
        short = fact
        long = f"We think of what is asked . {fact} " + " ".join(
            f"We look at {letter} . It says {text} ." for letter, text in shown
        )
    else:
        short = " ".join(f"{letter} {facts[text][0]} ." for letter, text in shown)
        long = " ".join(f"We look at {letter} . {facts[text][1]} ." for letter, text in shown)
    return Problem(
        question=f"{question}\nOptions:\n" + "\n".join(f"{a} {text}" for a, text in shown),
        answer=answer,
        rationales={
            "steps": f"{short} {result} is {answer} .",
            "detailed": f"{long} We look for {result} . So {result} is {answer} .",
            "direct": f"It is {answer} .",
            "options": f"It is {_join(letters, 'or')} . We drop {_join(others, 'and')} . "
            f"We keep {answer} .",
        },
    )


def _join(words: list[str], last: str) -> str:
    return f" {last} ".join([" , ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def piqa(rng: np.random.Generator, difficulty: int) -> Problem:
    """Which of two tools serves a goal; harder: both are kept in the same place."""
    tool, name = _pick(rng, TOOLS), _pick(rng, NAMES)
    purpose, place = TOOLS[tool]
    near = rng.random() < _HARDER[difficulty]
    wrong = _pick(rng, (t for t in TOOLS if t != tool and (TOOLS[t][1] == place) == near))
    return _choice(
        rng,
        f"How can {name} {purpose}?",
        [f"use the {tool}", f"use the {wrong}"],
        result=f"use the {tool}",
        fact=f"The {tool} can {purpose} .",
    )


def commonsense_qa(rng: np.random.Generator, difficulty: int) -> Problem:
    """Where a tool is kept, or what it is for; harder: which tool is kept in a place."""
    tool, name = _pick(rng, TOOLS), _pick(rng, NAMES)
    purpose, place = TOOLS[tool]
    if rng.random() < _HARDER[difficulty]:
        options = [tool, *_picks(rng, (t for t in TOOLS if TOOLS[t][1] != place), 4)]
        facts = {t: (f"{t} {TOOLS[t][1]}", f"The {t} is in the {TOOLS[t][1]}") for t in options}
        question = f"What can {name} find in the {place}?"
        return _choice(rng, question, options, result=place, facts=facts)
    if rng.random() < 0.5:
        options = [place, *_picks(rng, (p for p in PLACES if p != place), 4)]
        question, fact = f"Where can {name} find the {tool}?", f"The {tool} is in the {place} ."
    else:
        options = [purpose, *_picks(rng, (p for p in PURPOSES if p != purpose), 4)]
        question, fact = f"What can {name} do with the {tool}?", f"The {tool} can {purpose} ."
    return _choice(rng, question, options, result=options[0], fact=fact)


def arc_easy(rng: np.random.Generator, difficulty: int) -> Problem:
    """What covers an animal or a thing is made of; harder: which animal or thing has that."""
    covered = rng.random() < 0.5
    properties = {a: cover for a, (cover, _) in ANIMALS.items()} if covered else MATERIALS
    subject = _pick(rng, properties)
    value = properties[subject]
    if rng.random() < _HARDER[difficulty]:
        options = [subject, *_picks(rng, (s for s in properties if properties[s] != value), 3)]
        verb = "has" if covered else "is made of"
        facts = {s: (f"{s} {properties[s]}", f"The {s} {verb} {properties[s]}") for s in options}
        question = f"Which {'animal' if covered else 'thing'} {verb} {value}?"
        return _choice(rng, question, options, result=value, facts=facts)
    values = COVERS if covered else dict.fromkeys(MATERIALS.values())
    options = [value, *_picks(rng, (v for v in values if v != value), 3)]
    question = f"What covers the {subject}?" if covered else f"What is the {subject} made of?"
    fact = f"The {subject} {'has' if covered else 'is made of'} {value} ."
    return _choice(rng, question, options, result=value, fact=fact)


def arc_challenge(rng: np.random.Generator, difficulty: int) -> Problem:
    """Which animal has two properties; harder: a wrong one has one of them, else none."""
    animal = _pick(rng, ANIMALS)
    cover, home = ANIMALS[animal]
    options = [animal]
    for _ in range(3):
        shared = 1 if rng.random() < _HARDER[difficulty] else 0
        wrong = (
            a
            for a, (c, h) in ANIMALS.items()
            if (c == cover) + (h == home) == shared and a not in options
        )
        options.append(_pick(rng, wrong))
    facts = {
        a: (f"{a} {c} {h}", f"The {a} has {c} . The {a} lives in the {h}")
        for a, (c, h) in ANIMALS.items()
    }
    question = f"Which animal has {cover} and lives in the {home}?"
    return _choice(rng, question, options, result=f"{cover} {home}", facts=facts)


def gsm8k(rng: np.random.Generator, difficulty: int) -> Problem:
    """What is left after two changes; harder: what two people have, one told by comparison."""
    name, other = _picks(rng, NAMES, 2)
    what = _pick(rng, OBJECTS)
    first, second, third = (int(number) for number in rng.integers(1, 10, size=3))
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
"""One generator per out-of-domain benchmark, under the names of arte.tasks.OOD."""
