import polars as pl

from arte.mini.bbh_tasks import TECHNIQUES
from arte.nano.gates import failures, judge_student, judge_teacher, row

GATES = {"questions": 0.9, "rationales": 0.7, "preferring_subtasks": 1, "zero_shot": 0.2}


def hits(right):
    """`right` of 60 problems."""
    return [True] * right + [False] * (60 - right)


def teacher(*, questions=60, right=45):
    rows = [row("hyperbaton", "teacher", "questions", hits(questions))]
    rows += [row("hyperbaton", "teacher", technique, hits(right)) for technique in TECHNIQUES]
    return judge_teacher(pl.DataFrame(rows), GATES)


def student(*, best=55, worst=25, zero=3):
    rows = [row("hyperbaton", "student", technique, hits(worst)) for technique in TECHNIQUES[1:]]
    rows.append(row("hyperbaton", "student", TECHNIQUES[0], hits(best)))
    rows.append(row("hyperbaton", "student", "zero_shot", hits(zero)))
    return judge_student(pl.DataFrame(rows), GATES)


def test_models_that_learned_pass():
    assert teacher() == student() == []


def test_each_gate_is_named_when_it_fails():
    assert "questions" in teacher(questions=50)[0]
    assert "best technique" in teacher(right=40)[0]
    assert "preferred" in student(best=30)[0]
    assert "zero-shot" in student(zero=30)[0]


def test_a_preference_within_the_intervals_does_not_count():
    assert student(best=36, worst=30)
    assert not student(best=50, worst=30)


def test_a_benchmark_outside_bbh_is_measured_but_not_gated():
    rows = [
        row(subtask, "teacher", technique, hits(right))
        for subtask, right in (("hyperbaton", 55), ("arc_easy", 15))
        for technique in TECHNIQUES
    ]
    cfg = {"gates": GATES, "gated": ["hyperbaton"]}
    assert failures("teacher", pl.DataFrame(rows), cfg) == []
    assert "arc_easy" in failures("teacher", pl.DataFrame(rows), cfg | {"gated": ["arc_easy"]})[0]
