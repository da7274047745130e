"""Items of the three BBH subtasks that are programs in BIG-bench, drawn by programs of our own.

Their shape is that of BBH's items: eight tokens of Boolean logic, two brackets of four one-digit
numbers, and five people of whom each speaks of the one before.
"""

import ast
import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from arte.core import job

Pair = tuple[str, str]
TOKENS = 8
"""Tokens of every BBH expression before its "is"."""
PEOPLE = 5
NAMES = (
    *("Agnes", "Alma", "Anton", "Astrid", "Barney", "Bella", "Boris", "Carmen", "Casper", "Clara"),
    *("Cyril", "Daphne", "Dolores", "Edgar", "Edith", "Elmer", "Esther", "Felix", "Flora", "Freda"),
    *("Gilbert", "Gloria", "Hector", "Hilda", "Hugo", "Igor", "Irma", "Ivan", "Josie", "Klaus"),
    *("Lionel", "Lottie", "Magnus", "Mabel", "Marvin", "Mona", "Nadia", "Neville", "Olga", "Oscar"),
    *(
        "Percy",
        "Petra",
        "Quentin",
        "Roland",
        "Rosa",
        "Sidney",
        "Tilda",
        "Ursula",
        "Victor",
        "Wanda",
    ),
)

_OPERATIONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}


def value(node: ast.AST) -> bool | int:
    """What an expression of True, False, not, and, or, whole numbers, +, -, * is worth."""
    match node:
        case ast.Expression(body=body):
            return value(body)
        case ast.Constant(value=constant):
            return constant
        case ast.UnaryOp(op=ast.Not(), operand=of):
            return not value(of)
        case ast.UnaryOp(op=ast.USub(), operand=of):
            return -value(of)
        case ast.BoolOp(op=op, values=values):
            return (all if isinstance(op, ast.And) else any)(map(value, values))
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATIONS[type(op)](value(left), value(right))
    raise ValueError(ast.dump(node))


def boolean_expressions(rng: np.random.Generator) -> Pair:
    """An expression of eight tokens and its value, "True" or "False"."""
    text = " ".join(_logic(rng, TOKENS))
    return f"{text} is", str(value(ast.parse(text, mode="eval")))


def _logic(rng: np.random.Generator, length: int) -> list[str]:
    """An expression of exactly `length` tokens; how often what is drawn is BBH's own share."""
    if length == 1:
        return [str(rng.random() < 0.5)]
    if length == 2:
        return ["not", *_logic(rng, 1)]
    kind = rng.random()
    if kind < 0.18:
        return ["not", *_logic(rng, length - 1)]
    if kind < 0.42:
        return ["(", *_logic(rng, length - 2), ")"]
    left = int(rng.integers(1, length - 1))
    joint = "and" if rng.random() < 0.5 else "or"
    return [*_logic(rng, left), joint, *_logic(rng, length - 1 - left)]


def multistep_arithmetic_two(rng: np.random.Generator) -> Pair:
    """Two brackets of four numbers from -9 to 9, joined by +, - and *, and what they come to."""
    sums = []
    for _ in range(2):
        numbers, signs = rng.integers(-9, 10, size=4), rng.choice(list("+-*"), size=3)
        words = [str(numbers[0])]
        for sign, number in zip(signs, numbers[1:], strict=True):
            words += [str(sign), str(number)]
        sums.append(f"({' '.join(words)})")
    text = f"({sums[0]} {rng.choice(list('+-*'))} {sums[1]})"
    return f"{text} =", str(value(ast.parse(text, mode="eval")))


def web_of_lies(rng: np.random.Generator) -> Pair:
    """Five people, each of whom calls the one before a liar or not: whether the last is honest."""
    people = [NAMES[place] for place in rng.choice(len(NAMES), size=PEOPLE, replace=False)]
    honest = bool(rng.random() < 0.5)
    said = [f"{people[0]} {_is(honest)}."]
    for before, person in itertools.pairwise(people):
        claim = bool(rng.random() < 0.5)
        said.append(f"{person} says {before} {_is(claim)}.")
        honest = claim == honest
    question = f"Question: {' '.join(said)} Does {people[-1]} tell the truth?"
    return question, "Yes" if honest else "No"


def _is(honest: bool) -> str:
    return "tells the truth" if honest else "lies"


PROGRAMS = {
    program.__name__: program
    for program in (boolean_expressions, multistep_arithmetic_two, web_of_lies)
}


def read(subtask: str, count: int, seed: int) -> list[Pair]:
    """`count` draws of a subtask, the same for the same seed; some may be equal."""
    rng = job.derived_rng("bigbench", subtask, seed)
    return [PROGRAMS[subtask](rng) for _ in range(count)]
