"""Miniatures of four BBH tasks: a problem, its answer and a rationale in each of four techniques.

Questions keep the published format; difficulty is what a model of a million parameters can learn in
minutes. The techniques differ in what they ask of a small model: `steps` writes every intermediate
result once, `detailed` restates rules and results at length, `direct` answers at once, `options`
weighs the candidate answers before anything is worked out.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

TECHNIQUES = ("steps", "detailed", "direct", "options")


@dataclass(frozen=True)
class Problem:
    """A question, its gold answer and one rationale per technique without its final answer."""

    question: str
    answer: str
    rationales: dict[str, str]

    def rationale(self, technique: str) -> str:
        """The rationale in one technique, ending in the tagged answer as the pipeline stores it."""
        return f"{self.rationales[technique]} So the answer is <ans>{self.answer}</ans>"


def _choice(rng: np.random.Generator, values: tuple) -> str:
    return values[rng.integers(len(values))]


# --- boolean_expressions: Math, True/False ---


def _expression(rng: np.random.Generator) -> list[str]:
    """Two or three terms joined by and/or: [not] literal, or [not] ( literal op literal )."""
    tokens: list[str] = []
    for i in range(int(rng.integers(2, 4))):
        tokens += [_choice(rng, ("and", "or"))] if i else []
        tokens += ["not"] if rng.random() < 0.4 else []
        literal = _choice(rng, ("True", "False"))
        if rng.random() < 0.3:
            tail = [_choice(rng, ("and", "or")), _choice(rng, ("True", "False")), ")"]
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


def boolean_expressions(rng: np.random.Generator) -> Problem:
    """Value of an expression of not, and, or over two to three terms."""
    stages = [_expression(rng)]
    while (step := _reduce(stages[-1])) is not None:
        stages.append(step)
    text = [" ".join(stage) for stage in stages]
    answer = text[-1]
    wrong = "False" if answer == "True" else "True"
    detailed = " ".join(
        f"Look at {a} again . By the rules {a} becomes {b} ." for a, b in itertools.pairwise(text)
    )
    return Problem(
        question=f"{text[0]} is",
        answer=answer,
        rationales={
            "steps": " = ".join(text) + " .",
            "detailed": "Brackets come first , then not , then and , then or . "
            f"We want the value of {text[0]} . {detailed}",
            "direct": f"It is {answer} .",
            "options": f"It is True or False . It can not be {wrong} . We keep {answer} .",
        },
    )


# --- hyperbaton: commonsense, (A)/(B) ---

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
_NOUNS = ("chair", "ship", "shoe", "knife", "car", "drum", "bag", "lamp")


def hyperbaton(rng: np.random.Generator) -> Problem:
    """Which of two phrases has its three or four adjectives in the usual order."""
    chosen = np.sort(rng.choice(len(_CLASSES), size=int(rng.integers(3, 5)), replace=False))
    words = [_choice(rng, ORDER[_CLASSES[i]]) for i in chosen]
    shuffle = rng.permutation(len(chosen))
    while (np.diff(shuffle) > 0).all():
        shuffle = rng.permutation(len(chosen))
    noun = _choice(rng, _NOUNS)
    orders = [np.arange(len(chosen)), shuffle]
    letter = "AB"[int(rng.random() < 0.5)]
    if letter == "B":
        orders.reverse()
    phrases = [" ".join(words[i] for i in order) + f" {noun}" for order in orders]
    ranks = [[int(chosen[i]) + 1 for i in order] for order in orders]
    named = [[(words[i], int(chosen[i]) + 1) for i in order] for order in orders]
    answer, other = f"({letter})", f"({'B' if letter == 'A' else 'A'})"
    numbers = " ".join(map(str, ranks[0]))
    verdict = "rises" if letter == "A" else "falls back"
    detailed = " ".join(
        f"Consider ({name}) . "
        + " ".join(
            f"The word {word} is {_CLASSES[rank - 1]} , number {rank} ." for word, rank in option
        )
        for name, option in zip("AB", named, strict=True)
    )
    return Problem(
        question="Which sentence has the correct adjective order:\nOptions:\n"
        f"(A) {phrases[0]}\n(B) {phrases[1]}",
        answer=answer,
        rationales={
            "steps": "(A) "
            + " ".join(f"{word} {rank}" for word, rank in named[0])
            + f" : {numbers} {verdict} .",
            "detailed": f"Adjectives follow a fixed order . {detailed} Only {answer} rises .",
            "direct": f"It is {answer} .",
            "options": f"It is (A) or (B) . We drop {other} . We keep {answer} .",
        },
    )


# --- sports_understanding: Knowledge, yes/no ---

ACTIONS = {
    "soccer": ("took a corner kick", "scored a header goal", "took a goal kick", "wore shin pads"),
    "tennis": ("served an ace", "hit a forehand", "won the tie break", "lost the second set"),
    "hockey": ("hit the puck", "won the face off", "iced the puck", "was in the penalty box"),
    "baseball": ("stole second base", "hit a home run", "threw a curve ball", "struck out"),
    "basketball": ("made a free throw", "dunked the ball", "shot a jump shot", "beat the buzzer"),
}
"""Sport to its typical actions."""

_FIRST = ("Adam", "Bruno", "Carl", "David", "Emil", "Frank", "Hugo", "Ivan")
_LAST = ("Berg", "Costa", "Diaz", "Ford", "Kerr", "Lund", "Moss", "Nash", "Page", "Reed")
_SPORTS = tuple(ACTIONS)

# Who plays what is a fact of this small world, to be known by heart: a family has one sport.
ATHLETES = {
    f"{first} {last}": _SPORTS[i % len(_SPORTS)] for i, last in enumerate(_LAST) for first in _FIRST
}


def sports_understanding(rng: np.random.Generator) -> Problem:
    """Whether an invented athlete plausibly did what belongs to one sport."""
    name = _choice(rng, tuple(ATHLETES))
    plays = ATHLETES[name]
    others = tuple(sport for sport in _SPORTS if sport != plays)
    sport = plays if rng.random() < 0.5 else _choice(rng, others)
    action = _choice(rng, ACTIONS[sport])
    answer = "yes" if sport == plays else "no"
    relation = "the same" if sport == plays else "not the same"
    detailed = (
        f"First we ask who {name} is . {name} is known for {plays} . Second we ask what it means "
        f"that one {action} . To say that one {action} is to speak of {sport} . "
        f"Third we compare the two . They are {relation} ."
    )
    wrong = "no" if answer == "yes" else "yes"
    return Problem(
        question=f'Is the following sentence plausible? "{name} {action}."',
        answer=answer,
        rationales={
            "steps": f"{name} plays {plays} . One {action} in {sport} . "
            f"Compare {plays} {sport} : {'match' if sport == plays else 'differ'} .",
            "detailed": detailed,
            "direct": f"It is {answer} .",
            "options": f"It is yes or no . It can not be {wrong} . We keep {answer} .",
        },
    )


# --- web_of_lies: Logic, Yes/No ---

_NAMES = ("Amy", "Bob", "Cal", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Jim", "Kim", "Leo")


def web_of_lies(rng: np.random.Generator) -> Problem:
    """Whether the last of three or four people tells the truth."""
    people = [
        _NAMES[i] for i in rng.choice(len(_NAMES), size=int(rng.integers(3, 5)), replace=False)
    ]
    truths = [bool(rng.random() < 0.5)]
    lines = [f"{people[0]} {_verb(truths[0])}."]
    steps = [f"{people[0]} {_verb(truths[0])} ."]
    detailed = [
        f"We are told that {people[0]} {_verb(truths[0])} . So {people[0]} {_verb(truths[0])} ."
    ]
    for before, person in itertools.pairwise(people):
        claim = bool(rng.random() < 0.5)
        truth = claim == truths[-1]
        lines.append(f"{person} says {before} {_verb(claim)}.")
        steps.append(f"{person} says {_short(claim)} , so {person} {_verb(truth)} .")
        detailed.append(
            f"Then {person} says that {before} {_verb(claim)} . But {before} {_verb(truths[-1])} . "
            f"What {person} says is {'right' if truth else 'wrong'} , so {person} {_verb(truth)} ."
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


GENERATORS: dict[str, Callable[[np.random.Generator], Problem]] = {
    "boolean_expressions": boolean_expressions,
    "hyperbaton": hyperbaton,
    "sports_understanding": sports_understanding,
    "web_of_lies": web_of_lies,
}
"""One generator per miniature subtask; every BBH category is present."""
