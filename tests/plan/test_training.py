"""arte.plan.training: padding, and the shapes that models hand on."""

import pytest
from dry_jobs import nothing_known, preset_jobs, preset_plan, stage

from arte.plan.commands import plan
from arte.plan.cost import disk_gb, training_bytes
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


def test_the_students_of_one_gpu_are_adapters_on_frozen_bfloat16_and_take_less_than_10_gb():
    students = stage("single-gpu", "finetune_student")
    work = students["qwen2_5_1_5b"][0].work
    needed, n = training_bytes(work, work.training), work.model.shape.parameters
    adapter = work.model.shape.lora_parameters(16)
    assert needed["weights"] == 2 * n + 4 * adapter
    assert needed["optimizer"] == 12 * adapter
    found = disk_gb([], preset_plan("single-gpu").planned)
    assert sum(map(len, students.values())) == 72
    assert 4 < found["students (float32)"] < 10
