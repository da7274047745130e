import polars as pl
import pytest

from arte.mini.bbh_tasks import TECHNIQUES
from arte.nano.gates import best_techniques, failures, judge_student, judge_teacher, row

GATES = {
    "questions": 0.9,
    "rationales": 0.7,
    "naive": 0.6,
    "preferring_subtasks": 1,
    "best_techniques": 0,
    "zero_shot": 0.2,
}


def hits(right):
    """`right` of 60 problems."""
    return [True] * right + [False] * (60 - right)


def teacher(*, questions=60, right=45, naive=40):
    rows = [row("hyperbaton", "teacher", "questions", hits(questions))]
    rows.append(row("hyperbaton", "teacher", "naive", hits(naive)))
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
    assert "naive" in teacher(naive=35)[0]
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


def preferences(**best):
    """A student that is right in 55 of 60 by the technique named for a subtask, else in 30."""
    rows = [
        row(subtask, "student", technique, hits(55 if technique == its else 30))
        for subtask, its in best.items()
        for technique in TECHNIQUES
    ]
    return pl.DataFrame([*rows, row("hyperbaton", "student", "zero_shot", hits(0))])


@pytest.mark.parametrize(
    ("best", "techniques"),
    [
        ({"hyperbaton": "steps", "web_of_lies": "direct"}, {"steps", "direct"}),
        ({"hyperbaton": "steps", "web_of_lies": "steps"}, {"steps"}),
        ({"hyperbaton": "steps", "web_of_lies": None}, {"steps"}),
    ],
)
def test_a_student_must_prefer_different_techniques_in_different_subtasks(best, techniques):
    table = preferences(**best)
    assert set(best_techniques(table).values()) == techniques
    few = judge_student(table, GATES | {"best_techniques": 2})
    assert bool(few) == (len(techniques) < 2)


def test_two_techniques_that_share_the_first_place_are_no_best():
    rows = [
        row("hyperbaton", "student", t, hits(right))
        for t, right in zip(TECHNIQUES, (55, 54, 20, 10), strict=True)
    ]
    assert best_techniques(pl.DataFrame(rows)) == {}
