"""Copies of test items are found, also reworded, and what only shares their template is not."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from arte.data import bbh
from arte.mini.bbh import draw
from arte.report.leaks import LEVEL, Items

ROOT = Path(__file__).parents[2]
PUBLIC = ROOT.parent / "shared/data/bbh"
BENCHMARK = runpy.run_path(str(ROOT / "benchmarks/contamination.py"))
ITEMS = [
    f"Which city is largest?\nOptions:\n(A) {one}\n(B) {other}"
    for one, other in zip(
        ("Paris", "Rome", "Oslo", "Lima", "Cairo", "Quito"),
        ("Lyon", "Milan", "Bergen", "Cusco", "Luxor", "Cuenca"),
        strict=True,
    )
]


def test_a_copy_is_exact_and_a_copy_in_other_type_is_normalized():
    items = Items(ITEMS)
    same = items.overlap(ITEMS[2])
    assert (same.exact, same.normalized, same.share, same.nearest) == (True, True, 1.0, 2)
    other = items.overlap("WHICH city is  largest:\nOptions:\n(A) Bergen.\n(B) Oslo")
    assert (other.exact, other.normalized) == (False, True)
    assert items.suspect("which city is largest?\nOptions:\n- Bergen\n- Oslo") is True


def test_what_shares_the_template_alone_shares_nothing():
    items = Items(ITEMS)
    new = "Which city is largest?\nOptions:\n(A) Tokyo\n(B) Osaka"
    assert items.overlap(new).share == 0.0
    assert not items.suspect(new)


def test_half_of_the_content_is_a_share_between():
    share = Items(ITEMS).overlap("Which city is largest?\nOptions:\n(A) Oslo\n(B) Osaka").share
    assert 0.0 < share < 1.0


def test_at_most_a_twentieth_of_the_items_themselves_is_above():
    items = Items([problem.question for problem in draw("movie_recommendation", 200, 0, 3)])
    others = [problem.question for problem in draw("movie_recommendation", 400, 0, 3)][200:]
    above = np.mean([items.above(items.overlap(question)) for question in others])
    assert 0 <= items.limit <= 1
    assert above < 4 * (1 - LEVEL)


def recall(questions: list[str], count: int) -> tuple[float, float]:
    items = Items(questions)
    groups = BENCHMARK["planted"](questions, items, count)
    return tuple(float(np.mean([items.suspect(each) for each in group])) for group in groups)


@pytest.mark.parametrize("subtask", ["boolean_expressions", "web_of_lies", "sports_understanding"])
def test_every_planted_copy_of_a_miniature_is_found(subtask):
    questions = [problem.question for problem in draw(subtask, 60, 0, 2)]
    assert recall(questions, 50)[0] == 1.0


@pytest.mark.skipif(not PUBLIC.is_dir(), reason="no copy of public BBH beside the repository")
@pytest.mark.parametrize(
    ("subtask", "least"),
    [("ruin_names", 0.95), ("date_understanding", 0.85), ("word_sorting", 0.95), ("navigate", 0)],
)
def test_planted_leaks_of_public_items_are_found(subtask, least):
    questions = [text for text, _ in bbh.read_examples(str(PUBLIC / f"{subtask}.json"))]
    verbatim, reworded = recall(questions, 100)
    assert verbatim == 1.0
    assert reworded >= least
