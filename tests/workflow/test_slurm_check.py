"""What make slurm-check asks; tests/cluster asks a real Slurm."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECK = runpy.run_path(str(ROOT / "slurm/check.py"))
EXAMPLE = CHECK["read"](Path("no such file"))


def test_the_example_asks_for_the_default_partition_and_the_longest_time():
    assert CHECK["requests"](EXAMPLE) == {"jobs without a GPU": ["--time=1440"]}


def test_every_name_of_the_site_is_asked_for():
    names = {"slurm_account": "us", "slurm_partition": "cpu", "gpu_partition": "gpu"}
    asked = CHECK["requests"](EXAMPLE | names | {"gpu_model": "a100", "max_runtime": 60})
    assert asked == {
        "jobs without a GPU": ["--time=60", "--account=us", "--partition=cpu"],
        "jobs with a GPU": ["--time=60", "--account=us", "--partition=gpu", "--gres=gpu:a100:1"],
    }


def test_gpus_are_asked_for_in_the_common_partition_where_they_have_no_other():
    asked = CHECK["requests"](EXAMPLE | {"slurm_partition": "all", "gpu_model": "l40s"})
    assert asked["jobs with a GPU"][1:] == ["--partition=all", "--gres=gpu:l40s:1"]


def test_an_unknown_key_is_refused(tmp_path):
    (tmp_path / "site.yaml").write_text("slurm_partitoin: cpu\n")
    with pytest.raises(SystemExit, match="slurm_partitoin"):
        CHECK["read"](tmp_path / "site.yaml")


def test_a_machine_without_slurm_is_told_in_one_line(tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "slurm/check.py"],
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: sbatch is not found")
