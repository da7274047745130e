"""arte.plan.jobs: what a job is to do, from its command line."""

import random

import pytest
from dry_jobs import preset_jobs

from arte.core.errors import ArteError
from arte.plan.jobs import Job, depths, needs, ordered, parse

COMMAND = r"""
    torchrun -m torch.distributed.run -m arte.nano.train_nano student --cfg '{"a b":[1]}' \
        --panel one 'two three' --flag --output out 2>logs/x.log
"""


def test_a_command_line_is_read_as_the_command_reads_it():
    job = parse("train_3", COMMAND, gpus=2)
    assert (job.module, job.words, job.gpus) == ("arte.nano.train_nano", ("student",), 2)
    assert job.cfg == {"a b": [1]}
    assert job.files("panel") == ["one", "two three"]
    assert (job.file("output"), job.files("flag")) == ("out", [])
    assert job.stage == "train"


def test_a_command_of_no_module_of_arte_is_no_job():
    assert parse("x", "cp a b") is None


def test_a_renamed_option_is_said_with_the_place_to_adapt():
    with pytest.raises(ArteError, match=r"(?s)--items in the command line.*--output.*arte/plan"):
        parse("x", "python -m arte.mini.bbh --output a").files("items")


def test_jobs_come_after_those_whose_files_they_read():
    jobs = list(preset_jobs("smoke"))
    random.Random(0).shuffle(jobs)
    for i, earlier in enumerate(needs(ordered(jobs))):
        assert all(j < i for j in earlier)


def test_depth_counts_the_jobs_of_the_longest_chain_before():
    a = Job("a", "m", (), {}, outputs=("a",))
    b = Job("b", "m", (), {}, inputs=("a", "elsewhere"), outputs=("b",))
    c = Job("c", "m", (), {}, inputs=("a", "b"), outputs=("c",))
    assert depths([a, b, c]) == [0, 1, 2]


def test_every_job_of_a_dry_run_has_its_command_gpus_and_benchmark():
    jobs = preset_jobs("paper")
    assert {job.gpus for job in jobs if job.stage == "align_teacher"} == {8}
    assert {job.gpus for job in jobs if job.stage == "finetune_student"} == {1}
    assert all(job.module.startswith("arte.") and job.benchmark for job in jobs)
