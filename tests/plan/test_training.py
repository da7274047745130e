"""arte.plan.training: padding, and the shapes that models hand on."""

import pytest
from dry_jobs import nothing_known, preset_jobs

from arte.plan.commands import plan
from arte.plan.known import Rows
from arte.plan.training import padded


@pytest.mark.parametrize(
    ("batch", "length"),
    [(1, 0.75 * 10 + 0.25 * 90), (2, 0.75**2 * 10 + (1 - 0.75**2) * 90), (100, 90)],
)
def test_sequences_are_padded_to_the_longest_of_their_batch(batch, length):
    assert padded([Rows(5, 90), Rows(15, 10)], batch) == pytest.approx(length)


def test_aligned_teachers_and_students_have_the_shape_that_they_came_from():
    known = nothing_known()
    plan(preset_jobs("smoke"), known)
    results = "results/smoke"
    base = known.model(f"{results}/models/nano_student")
    for folder in ("models/aligned_teacher", "round2/models/aligned_teacher"):
        aligned = known.model(f"{results}/{folder}")
        assert (aligned.name, aligned.shape, aligned.adapter) == (
            "aligned_teacher",
            base.shape,
            True,
        )
    assert known.model(f"{results}/students/nano_student/arte/0") == base
    assert known.model(f"{results}/students/nano_neox/arte/0").name == "nano_neox"
    assert known.model(f"{results}/models/nano_panel_1").shape == base.shape
