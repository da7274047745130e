"""The miniature tasks' tables; tests/test_mini_tasks.py checks the problems themselves."""

import pytest
from declared import SUBTASKS

from arte.core.errors import ArteError
from arte.data.tables import EXEMPLARS, ITEMS
from arte.mini.bbh import draw, exemplars, items
from arte.mini.bbh_tasks import TECHNIQUES
from arte.nano.corpus import NAIVE_SHARES


def test_a_draw_is_repeatable_distinct_and_extends():
    problems = draw("web_of_lies", 60, seed=3, difficulty=2)
    assert problems == draw("web_of_lies", 60, seed=3, difficulty=2)
    assert problems[:20] == draw("web_of_lies", 20, seed=3, difficulty=2)
    assert len({p.question for p in problems}) == 60
    assert problems != draw("web_of_lies", 60, seed=4, difficulty=2)


def test_a_harder_draw_has_longer_questions():
    words = [
        sum(len(p.question.split()) for p in draw("web_of_lies", 60, seed=0, difficulty=level))
        for level in (1, 2, 3)
    ]
    assert words == sorted(set(words))


def test_tables_fit_their_schemas():
    problems = draw("hyperbaton", 10, seed=0, difficulty=2)
    assert ITEMS.check(items(SUBTASKS["hyperbaton"], problems), "here").height == 10
    assert EXEMPLARS.check(exemplars("hyperbaton", problems[:3]), "here").height == 3


def test_an_unknown_miniature_names_the_config_key():
    with pytest.raises(ArteError, match=r"data\.subtasks"):
        draw("snarks", 1, seed=0, difficulty=2)


def test_more_questions_than_exist_is_an_error():
    with pytest.raises(ArteError, match=r"data\.test_items"):
        draw("sports_understanding", 1601, seed=0, difficulty=2)


def test_naive_shares_are_a_distribution_over_the_techniques():
    assert set(NAIVE_SHARES) == set(TECHNIQUES)
    assert sum(NAIVE_SHARES.values()) == pytest.approx(1)
