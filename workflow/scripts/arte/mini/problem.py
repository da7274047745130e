"""What a miniature task hands out: a problem, its answer and a rationale in each technique.

The techniques differ in what they ask of a small model: `steps` writes every intermediate result
once, `detailed` restates rules and results at length, `direct` answers at once, `options` weighs
the candidate answers before anything is worked out. In all of them a step copies or looks up what
stands nearby.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from arte.core.errors import ArteError

T = TypeVar("T")

TECHNIQUES = ("steps", "detailed", "direct", "options")

DIFFICULTIES = (1, 2, 3)
"""What each level means per task is said in docs/embedded.md and by the generator."""


@dataclass(frozen=True)
class Problem:
    """A question, its gold answer and one rationale per technique without its final answer."""

    question: str
    answer: str
    rationales: dict[str, str]

    def rationale(self, technique: str) -> str:
        """The rationale in one technique, ending in the tagged answer as the pipeline stores it."""
        return f"{self.rationales[technique]} So the answer is <ans>{self.answer}</ans>"


def distinct(
    make: Callable[[np.random.Generator], T],
    same: Callable[[T], str],
    *,
    name: str,
    seed: int,
    count: int,
    shortage: tuple[str, str, str],
) -> list[T]:
    """`count` draws that `same` tells apart, in order: the same for the same `name` and `seed`.

    Raises ArteError where 50 times as many draws have fewer; `shortage` says what there should be,
    where that is set, and what to do.
    """
    rng = np.random.default_rng([seed, *name.encode()])
    found: dict[str, T] = {}
    for _ in range(50 * count):
        drawn = make(rng)
        found.setdefault(same(drawn), drawn)
        if len(found) == count:
            return list(found.values())
    what, where, remedy = shortage
    raise ArteError(
        expected=f"{count} {what} of {name}",
        found=f"{len(found)} after {50 * count} draws",
        where=where,
        remedy=remedy,
    )


def choice(rng: np.random.Generator, values: tuple) -> str:
    """One of `values`, all equally likely."""
    return values[rng.integers(len(values))]


def some(rng: np.random.Generator, values: tuple, count: int) -> list:
    """`count` different ones of `values` in random order."""
    return [values[i] for i in rng.choice(len(values), size=count, replace=False)]


def between(rng: np.random.Generator, bounds: tuple[int, int]) -> int:
    """A whole number between two bounds, both included."""
    return int(rng.integers(bounds[0], bounds[1] + 1))


def option(position: int) -> str:
    """The option at a position counted from 0: (A), (B), ..."""
    return f"({'ABCDEFG'[position]})"


def lettered(question: str, values: list[str] | tuple[str, ...]) -> str:
    """A question followed by its options, as BBH sets them."""
    options = [f"{option(i)} {value}" for i, value in enumerate(values)]
    return "\n".join([question, "Options:", *options])


def weighed(answer: str, count: int) -> str:
    """The rationale `options` where there are `count` options, two or more."""
    letters = [option(i) for i in range(count)]
    wrong = [name for name in letters if name != answer]
    return f"It is {_join(letters, 'or')} . We drop {_join(wrong, 'and')} . We keep {answer} ."


def _join(words: list[str], last: str) -> str:
    return f" {last} ".join([" , ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
