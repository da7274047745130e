"""Miniatures of commonsense: hyperbaton and reasoning_about_colored_objects."""

import itertools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from arte.mini.problem import Problem, between, choice, lettered, option, some, weighed

ORDER = {
    "opinion": ("lovely", "awful", "nice", "silly"),
    "size": ("big", "tiny", "huge", "small"),
    "age": ("old", "new", "ancient", "young"),
    "shape": ("round", "square", "flat", "curved"),
    "color": ("red", "blue", "green", "black"),
    "origin": ("Thai", "Greek", "Irish", "Turkish"),
    "material": ("wood", "glass", "steel", "wool"),
}
"""Adjective classes in their English order, with the words of each."""

_CLASSES = tuple(ORDER)
_ADJECTIVES = {1: (2, 3), 2: (3, 4), 3: (5, 5)}
_NOUNS = ("chair", "ship", "shoe", "knife", "car", "drum", "bag", "lamp")


class _Adjective(NamedTuple):
    """A word, and the place of its class in ORDER, from 1."""

    word: str
    rank: int


def hyperbaton(rng: np.random.Generator, difficulty: int) -> Problem:
    """Which of two phrases has its adjectives in the usual order.

    Difficulty 1: two or three adjectives; 2: three or four; 3: five.
    """
    count = between(rng, _ADJECTIVES[difficulty])
    chosen = np.sort(rng.choice(len(_CLASSES), size=count, replace=False))
    adjectives = []
    for number in chosen.tolist():
        adjectives.append(_Adjective(choice(rng, ORDER[_CLASSES[number]]), number + 1))
    shuffle = _disorder(rng, count)
    noun = choice(rng, _NOUNS)
    first, second = adjectives, [adjectives[i] for i in shuffle]
    answer, other, verdict = "(A)", "(B)", "in order"
    if rng.random() < 0.5:
        first, second = second, first
        answer, other, verdict = "(B)", "(A)", "out of order"
    ranked = " ".join(f"{each.word} {each.rank}" for each in first)
    compared, at_length = _compared(first)
    return Problem(
        question="Which sentence has the correct adjective order:\nOptions:\n"
        f"(A) {_phrase(first, noun)}\n(B) {_phrase(second, noun)}",
        answer=answer,
        rationales={
            "steps": f"(A) {ranked} : {compared} .",
            "detailed": f"Adjectives follow a fixed order . In (A) {_classes(first)} . "
            f"{at_length} So (A) is {verdict} .",
            "direct": f"It is {answer} .",
            "options": f"It is (A) or (B) . We drop {other} . We keep {answer} .",
        },
    )


def _phrase(adjectives: list[_Adjective], noun: str) -> str:
    """The words of a phrase in order."""
    return " ".join([*(each.word for each in adjectives), noun])


def _classes(adjectives: list[_Adjective]) -> str:
    """The class and rank of each adjective, in words."""
    return " , ".join(f"{word} is {_CLASSES[rank - 1]} {rank}" for word, rank in adjectives)


def _compared(adjectives: list[_Adjective]) -> tuple[str, str]:
    """Each rank beside the next, as far as they rise: in short and at length."""
    short, long = [], []
    for one, other in itertools.pairwise(adjectives):
        rises = one.rank < other.rank
        short.append(f"{one.rank} {other.rank} {'up' if rises else 'down'}")
        long.append(f"Compare {one.rank} {other.rank} : it {'rises' if rises else 'falls back'} .")
        if not rises:
            break
    return " , ".join(short), " ".join(long)


def _disorder(rng: np.random.Generator, count: int) -> np.ndarray:
    """A permutation that is not the identity."""
    shuffle = rng.permutation(count)
    while (np.diff(shuffle) > 0).all():
        shuffle = rng.permutation(count)
    return shuffle


COLORS = ("red", "blue", "green", "black", "white", "pink")
NUMBERS = ("zero", "one", "two", "three", "four", "five")
_THINGS = ("mug", "pen", "hat", "key", "cup", "box", "plate", "book")
_PLACES = ("desk", "table", "floor", "shelf")
_SIZES = {1: (3, 3), 2: (3, 4), 3: (4, 5)}

Scene = list[tuple[str, str]]
"""(color, thing) of each thing from left to right."""


@dataclass(frozen=True)
class _Asked:
    """A question about a scene: its words, its options, the right one, and two rationales."""

    question: str
    options: tuple[str, ...]
    value: str
    steps: str
    detailed: str


def _color_of(rng: np.random.Generator, scene: Scene) -> _Asked:
    found = int(rng.integers(len(scene)))
    color, thing = scene[found]
    looked, passed = [], []
    for c, t in scene[: found + 1]:
        verdict = "match" if t == thing else "differ"
        looked.append(f"{c} {t} {thing} {verdict}")
        passed.append(f"A {c} {t} . Compare {t} {thing} : {verdict} .")
    return _Asked(
        question=f"What color is the {thing}?",
        options=COLORS,
        value=color,
        steps=f"{' , '.join(looked)} .",
        detailed=" ".join([f"We look for the {thing} .", *passed]),
    )


def _color_beside(rng: np.random.Generator, scene: Scene) -> _Asked:
    side = choice(rng, ("left", "right"))
    i = int(rng.integers(len(scene) - 1))
    (_, thing), (color, beside) = scene[i : i + 2] if side == "right" else scene[i : i + 2][::-1]
    return _Asked(
        question=f"What color is the thing just {side} of the {thing}?",
        options=COLORS,
        value=color,
        steps=f"Look {side} of {thing} : {color} {beside} .",
        detailed=f"We look for the {thing} . Just {side} of the {thing} is a {color} {beside} . "
        f"So that thing is {color} .",
    )


def _count(rng: np.random.Generator, scene: Scene, *, negated: bool) -> _Asked:
    wanted = scene[rng.integers(len(scene))][0]
    kind = f"not {wanted}" if negated else wanted
    total, steps, detailed = 0, [], []
    for color, thing in scene:
        hit = (color == wanted) != negated
        total += hit
        steps.append(f"{color} {thing} {NUMBERS[total]}")
        word = "now" if hit else "still"
        detailed.append(f"The {thing} is {color} , {word} {NUMBERS[total]} .")
    return _Asked(
        question=f"How many things are {kind}?",
        options=NUMBERS[: len(scene) + 1],
        value=NUMBERS[total],
        steps=f"Count {kind} : {' , '.join(steps)} .",
        detailed=f"We count what is {kind} . {' '.join(detailed)}",
    )


_KINDS = {1: ("color",), 2: ("color", "count"), 3: ("beside", "count not")}


def reasoning_about_colored_objects(rng: np.random.Generator, difficulty: int) -> Problem:
    """A color or a number of things in a row, by one of several kinds of question.

    Difficulty 1: the color of one of three things; 2: that, or how many have a color, among three
    or four things; 3: the color of a neighbor, or how many lack a color, among four or five.
    """
    kind = choice(rng, _KINDS[difficulty])
    things = some(rng, _THINGS, between(rng, _SIZES[difficulty]))
    # Two colors where we count: among six, nearly every count would be one.
    palette = tuple(some(rng, COLORS, 2)) if kind.startswith("count") else COLORS
    scene = [(choice(rng, palette), thing) for thing in things]
    if kind == "color":
        asked = _color_of(rng, scene)
    elif kind == "beside":
        asked = _color_beside(rng, scene)
    else:
        asked = _count(rng, scene, negated=kind == "count not")
    answer = option(asked.options.index(asked.value))
    *most, last = [f"a {color} {thing}" for color, thing in scene]
    row = f"On the {choice(rng, _PLACES)} are {', '.join(most)}, and {last}."
    return Problem(
        question=lettered(f"{row} {asked.question}", asked.options),
        answer=answer,
        rationales={
            "steps": f"{asked.steps} {asked.value} is {answer} .",
            "detailed": f"{asked.detailed} Among the options {asked.value} is {answer} .",
            "direct": f"It is {answer} .",
            "options": weighed(answer, len(asked.options)),
        },
    )
