import polars as pl

from arte.gates import judge, row
from arte.mini_tasks import TECHNIQUES

GATES = {"questions": 0.9, "rationales": 0.7, "preferring_subtasks": 1, "zero_shot": 0.2}


def table(*, questions=60, teacher=45, best=55, worst=25, zero=3):
    """Gate measures of one subtask, each out of 60; all pass by default."""

    def hits(right):
        return [True] * right + [False] * (60 - right)

    rows = [row("hyperbaton", "teacher", "questions", hits(questions))]
    rows += [row("hyperbaton", "teacher", technique, hits(teacher)) for technique in TECHNIQUES]
    rows += [row("hyperbaton", "student", technique, hits(worst)) for technique in TECHNIQUES[1:]]
    rows.append(row("hyperbaton", "student", TECHNIQUES[0], hits(best)))
    rows.append(row("hyperbaton", "student", "zero_shot", hits(zero)))
    return pl.DataFrame(rows)


def test_models_that_learned_pass():
    assert judge(table(), GATES) == []


def test_each_gate_is_named_when_it_fails():
    assert "questions" in judge(table(questions=50), GATES)[0]
    assert "best technique" in judge(table(teacher=40), GATES)[0]
    assert "prefers" in judge(table(best=30), GATES)[0]
    assert "zero-shot" in judge(table(zero=30), GATES)[0]


def test_a_preference_within_the_intervals_does_not_count():
    assert judge(table(best=36, worst=30), GATES)
    assert not judge(table(best=50, worst=30), GATES)
