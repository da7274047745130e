"""Miniatures of seven BBH tasks by their public names, in the published format.

What a model of a million parameters learns in minutes at difficulty 2; docs/embedded.md has the
table of difficulties.
"""

from collections.abc import Callable

import numpy as np

from arte.mini.commonsense import hyperbaton, reasoning_about_colored_objects
from arte.mini.knowledge import movie_recommendation, sports_understanding
from arte.mini.logic import (
    boolean_expressions,
    tracking_shuffled_objects_three_objects,
    web_of_lies,
)
from arte.mini.problem import DIFFICULTIES, TECHNIQUES, Problem

__all__ = ["DIFFICULTIES", "GENERATORS", "TECHNIQUES", "Problem"]

GENERATORS: dict[str, Callable[[np.random.Generator, int], Problem]] = {
    "boolean_expressions": boolean_expressions,
    "hyperbaton": hyperbaton,
    "movie_recommendation": movie_recommendation,
    "reasoning_about_colored_objects": reasoning_about_colored_objects,
    "sports_understanding": sports_understanding,
    "tracking_shuffled_objects_three_objects": tracking_shuffled_objects_three_objects,
    "web_of_lies": web_of_lies,
}
"""One generator per miniature subtask, called with a generator of random numbers and a difficulty
of DIFFICULTIES; every BBH category is present."""
