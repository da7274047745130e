"""Trainings of two CPU processes (gloo), started by the rules' own command, against one process."""

import json
import os
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import align.test_teacher as test_align
import cpu_processes
import finetune.test_student as test_finetune
import pytest
import tiny
import torch
from safetensors.torch import load_file

from arte.core import io
from arte.core.errors import ArteError
from arte.models import folder as models
from arte.prefer.tables.pairs import PAIRS
from arte.tailor.tables import TRAINING_SET
from arte.training import kept, processes

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "workflow/scripts"
LAUNCH = runpy.run_path(str(ROOT / "workflow/rules/core/launch.smk"))["launcher"]
ONE = {"num_processes": 1, "fsdp": {}}
TWO = {"num_processes": 2, "fsdp": {}}
SHARDED = {
    "num_processes": 2,
    "fsdp": {
        "fsdp_version": 2,
        "fsdp_auto_wrap_policy": "TRANSFORMER_BASED_WRAP",
        "fsdp_reshard_after_forward": True,
        "fsdp_cpu_ram_efficient_loading": True,
        "fsdp_state_dict_type": "SHARDED_STATE_DICT",
    },
}
CLOSE = 1e-5
"""Sums of float32 in another order, over twelve steps: losses, margins and weights of order 1."""


class Training:
    """One kind of training in one folder, run as often and as widely as a test asks."""

    def __init__(self, folder, module, block, cfg, data):
        self.folder, self.module, self.block, self.cfg = folder, module, block, cfg
        self.model, self.data = tiny.save(folder / "models" / "base"), data

    def arguments(self, name, launch):
        """The command line of a run in which the processes of `launch` share the same batch."""
        size = self.cfg[self.block]["per_device_train_batch_size"] // launch["num_processes"]
        block = self.cfg[self.block] | {"per_device_train_batch_size": size}
        cfg = self.cfg | {self.block: block, "launch": launch}
        return [
            *("--cfg", json.dumps(cfg), "--model", self.model, *self.data),
            *(
                "--output",
                self.folder / "models" / name,
                "--output-metrics",
                self.folder / f"{name}.json",
            ),
            *("--scratch", self.folder / "scratch"),
        ]

    def run(self, name, launch, sigterm_at=None):
        """Exit codes of forked processes, and what they said."""
        command, log = shlex.split(LAUNCH(launch)), self.folder / f"{name}.log"
        arguments = self.arguments(name, launch)
        codes = cpu_processes.run(command, self.module, arguments, log, sigterm_at)
        return codes, log.read_text()

    def finished(self, name, launch):
        """The folder and metrics of a training that must end well."""
        codes, told = self.run(name, launch)
        assert set(codes) == {0}, told
        return self.result(name)

    def result(self, name):
        return self.folder / "models" / name, io.read_json(self.folder / f"{name}.json")


@pytest.fixture(scope="module")
def dpo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dpo")
    io.write_table(test_align.pair_table(), folder / "pairs.parquet", PAIRS, {})
    data = ["--pairs", folder / "pairs.parquet"]
    return Training(folder, "align.teacher", "dpo", test_align.CFG, data)


@pytest.fixture(scope="module")
def sft(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sft")
    io.write_table(test_finetune.training_set(), folder / "train.parquet", TRAINING_SET, {})
    data = ["--train", folder / "train.parquet"]
    return Training(folder, "finetune.student", "sft", test_finetune.CFG, data)


@pytest.fixture(scope="module")
def one(dpo):
    """DPO by one process."""
    return dpo.finished("one", ONE)


@pytest.fixture(scope="module")
def sharded(dpo):
    """DPO by two processes, each with half of every weight."""
    return dpo.finished("sharded", SHARDED)


def assert_alike(found, expected):
    """The same steps, margins and weights, but for rounding; the same files."""
    (folder, metrics), (expected_folder, expected_metrics) = found, expected
    assert metrics.keys() == expected_metrics.keys()
    for key, curve in expected_metrics["history"].items():
        assert metrics["history"][key] == pytest.approx(curve, abs=CLOSE), key
    names = sorted(path.name for path in expected_folder.iterdir())
    assert sorted(path.name for path in folder.iterdir()) == names
    for name in names:
        if name.endswith(".safetensors"):
            weights, expected_weights = load_file(folder / name), load_file(expected_folder / name)
            assert weights.keys() == expected_weights.keys()
            for key, weight in expected_weights.items():
                torch.testing.assert_close(weights[key], weight, rtol=0, atol=CLOSE)
        elif name not in (models.FINGERPRINT, kept.RECORD):
            assert (folder / name).read_bytes() == (expected_folder / name).read_bytes(), name


def test_two_processes_take_the_steps_of_one(dpo, one):
    """Started by the rule's command itself."""
    command = [
        *shlex.split(LAUNCH(TWO))[1:],
        "-m",
        "arte.align.teacher",
        *dpo.arguments("two", TWO),
    ]
    environment = os.environ | {"PYTHONPATH": str(SCRIPTS), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, *map(str, command)], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    found = dpo.result("two")
    assert_alike(found, one)
    assert found[1]["kl"] == pytest.approx(one[1]["kl"], rel=1e-3)


def test_sharded_weights_take_the_same_steps_and_become_the_same_adapter(one, sharded):
    assert_alike(sharded, one)
    assert sharded[1]["kl"] == pytest.approx(one[1]["kl"], rel=1e-3)


def test_sigterm_to_one_process_saves_all_and_the_next_run_ends_in_the_same_bytes(dpo, sharded):
    codes, told = dpo.run("resumed", SHARDED, sigterm_at=(1, 5))
    assert codes == [143, 143]
    assert "SIGTERM: step 6 is saved" in told
    assert not (dpo.folder / "models" / "resumed").exists()
    folder, metrics = dpo.finished("resumed", SHARDED)
    assert models.read_fingerprint(folder) == models.read_fingerprint(sharded[0])
    assert metrics == sharded[1]


def test_a_sharded_student_is_written_whole(sft):
    assert_alike(sft.finished("sharded", SHARDED), sft.finished("one", ONE))


def test_a_sharded_teacher_has_a_reference_that_is_whole_in_every_process(dpo):
    """A reference that only one process has read shows as a margin other than 0 at the start."""
    changes = {"mode": "full", "dpo": test_align.CFG["dpo"] | {"learning_rate": 0.005}}
    full = Training(dpo.folder, "align.teacher", "dpo", test_align.CFG | changes, dpo.data)
    found = full.finished("full-sharded", SHARDED)
    assert found[1]["history"]["margin"][0] == 0
    assert_alike(found, full.finished("full-one", ONE))


@pytest.mark.parametrize("launch", [TWO, SHARDED | {"num_processes": 1}])
def test_another_spread_than_the_configs_is_refused(monkeypatch, tmp_path, launch):
    student = tiny.save(tmp_path / "student")
    with pytest.raises(ArteError, match=r"(?s)1 processes, sharding weights: False.*launch"):
        test_finetune.run(
            monkeypatch, tmp_path, student, cfg=test_finetune.CFG | {"launch": launch}
        )


def test_a_process_alone_decides_alone_and_finds_its_weights_whole(tmp_path):
    assert processes.anywhere(True, False) == [True, False]
    model = models.load_causal_lm(tiny.save(tmp_path / "model"), "float32")
    assert processes.whole_weights(model) is None
