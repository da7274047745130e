"""How much of a test item stands in a question: the same text, the same words, the same content.

Items of a subtask share their template ("Which sentence has the correct adjective order"). So words
that more than half of the items have are masked, and runs of the other words count the more, the
fewer items have them. And items are alike beyond that: some share a whole paragraph. So a question
is judged against what test items share among each other. One in twenty of them exceeds the limit;
generated questions that do not copy test items should not exceed it more often.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from arte.data.overlap import identity, tokens

MASKED = 0.5
"""Words that more than this share of the test items have are their template."""
RUNS = (1, 2, 3)
"""Words of the runs that are compared."""
LEVEL = 0.95
"""The quantile of test items that is the limit."""

Run = tuple[str, ...]


def runs(words: Sequence[str]) -> set[Run]:
    """All runs of one to three words."""
    return {tuple(words[at : at + n]) for n in RUNS for at in range(len(words) - n + 1)}


@dataclass(frozen=True)
class Overlap:
    """What a question shares with the test items of its subtask."""

    exact: bool
    """It is one, character for character."""
    normalized: bool
    """It is one but for case, spaces, punctuation and the order of options."""
    share: float
    """The share of the nearest item's content that it has, 0 to 1; 0 where items have none."""
    nearest: int
    """The place of that item."""


class Items:
    """The test items of one subtask, ready to be compared with questions."""

    def __init__(self, questions: list[str]) -> None:
        self.exact = set(questions)
        self.keys = {identity(question, by_options=True) for question in questions}
        words = [tokens(question) for question in questions]
        counts = Counter(word for each in words for word in set(each))
        self.template = {word for word, n in counts.items() if n > MASKED * len(questions)}
        found = [runs(self._content(each)) for each in words]
        self.count = len(found)
        self.places = _weighted(found)
        baseline = [self._nearest(each, skip=place)[0] for place, each in enumerate(found)]
        self.limit = float(np.quantile(baseline, LEVEL, method="higher"))

    def overlap(self, question: str) -> Overlap:
        """What `question` shares with these items."""
        share, nearest = self._nearest(runs(self._content(tokens(question))))
        same = identity(question, by_options=True) in self.keys
        return Overlap(question in self.exact, same, share, nearest)

    def above(self, one: Overlap) -> bool:
        """Whether a question shares more with one item than most items share with another."""
        return one.share > self.limit + 1e-9

    def suspect(self, question: str) -> bool:
        """Whether a question is a test item, or above the limit."""
        one = self.overlap(question)
        return one.normalized or self.above(one)

    def _content(self, words: Iterable[str]) -> list[str]:
        return [word for word in words if word not in self.template]

    def _nearest(self, found: set[Run], skip: int | None = None) -> tuple[float, int]:
        shares = np.zeros(self.count)
        for run in sorted(found & self.places.keys()):  # sorted: sums must not depend on hashing
            places, weights = self.places[run]
            shares[places] += weights
        if skip is not None:
            shares[skip] = 0.0
        return float(shares.max()), int(shares.argmax())


def _weighted(found: list[set[Run]]) -> dict[Run, tuple[np.ndarray, np.ndarray]]:
    """Run to the places of the items that have it, and its share of the content of each."""
    counts = Counter(run for each in found for run in each)
    weight = {run: math.log(len(found) / count) for run, count in counts.items()}
    places: dict[Run, list[tuple[int, float]]] = {}
    for place, each in enumerate(found):
        total = math.fsum(weight[run] for run in each)
        for run in each:
            if weight[run] > 0:
                places.setdefault(run, []).append((place, weight[run] / total))
    return {
        run: (np.array([place for place, _ in rows]), np.array([share for _, share in rows]))
        for run, rows in places.items()
    }
