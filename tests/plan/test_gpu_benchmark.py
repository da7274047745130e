"""benchmarks/gpu.py: its arithmetic and what it writes, by hand and against the plan."""

import json
import os
import runpy
import subprocess
import sys
from dataclasses import replace

import pytest
import yaml
from configs import ROOT

from arte.core.errors import ArteError
from arte.plan.cost import Site, cpu_seconds, device_seconds, gpu_seconds
from arte.plan.shapes import Model, Shape, folder_shape, hub_shape
from arte.plan.work import Training, Work

ROOFLINE = runpy.run_path(str(ROOT / "benchmarks/roofline.py"))
PART = ROOFLINE["Part"]
SHAPES = runpy.run_path(str(ROOT / "benchmarks/gpu.py"))["SHAPES"]
ASSUMED = yaml.safe_load((ROOT / "config/throughput.yaml").read_text())
DEVICES = ASSUMED["devices"]
CARD = {"memory_gb": 80, "tflops": 100, "bandwidth_gbs": 1000}
MODEL = Model("m", Shape(4, 1000, 4000, 8, 8, 125, 50000, tied=True), 1.0)
N = MODEL.shape.parameters
VLLM = {"max_num_seqs": 10, "gpu_memory_utilization": 0.9}
ENGINE = {"backend": "vllm", "dtype": "bfloat16", "max_model_len": 4096, "vllm": VLLM}
DPO = Training({"gradient_checkpointing": True}, rows=2, length=2048, pairs=True, rank=16)
WHOLE = Training({}, rows=1, length=2048)


def asked(**counts):
    return Work(MODEL, 1, engine=ENGINE, **counts)


def parts(gpus=1):
    """Reading at half of the roofline, writing at 0.8, two trainings at 0.25 together."""
    read = asked(requests=20, prompt=8000, read=6000)
    wrote = asked(requests=20, prompt=8000, written=2000)
    rows = 10
    moved = 2 * N + rows * (8000 + 1000) / 20 * MODEL.shape.kv_bytes(2)
    assert moved / 1e12 > 2 * N * rows / 1e14  # bound by memory
    aligned = Work(MODEL, 1, training=DPO, prompt=3e6)
    tuned = Work(MODEL, 1, training=WHOLE, prompt=1e6)
    made = [
        PART("m", "prompts", "read", read, 2 * 2 * N * 6000 / 1e14),
        PART("m", "answers", "write", wrote, 2000 / rows * moved / 1e12 / 0.8),
        PART("m", "DPO", "train", aligned, 3 * 8 * N * 3e6 / 1e14),
        PART("m", "SFT", "train", tuned, (4 * (8 * 3e6 + 6 * 1e6) - 3 * 8 * 3e6) * N / 1e14),
    ]
    return [replace(each, work=replace(each.work, gpus=gpus)) for each in made]


def test_shares_are_those_of_the_roofline_by_hand():
    found = ROOFLINE["shares"](parts(), CARD)
    assert found == {"read_share": 0.5, "write_share": 0.8, "train_share": 0.25}


def test_a_plan_that_goes_by_the_entry_expects_what_was_measured():
    found = ROOFLINE["entry"](parts(), CARD, 30.4)
    line = ROOFLINE["entry_line"]("mine", found, "NVIDIA Mine")
    devices = yaml.safe_load(f"devices:\n{line}")["devices"]
    assert devices == {"mine": found}
    assert found == CARD | {"start_s": 30} | ROOFLINE["shares"](parts(), CARD)
    site = Site("mine", ASSUMED | {"devices": DEVICES | devices})
    both = parts()
    for part in both[:2]:
        start = 30 + 2 * N / 1e9
        assert device_seconds(part.work, site) == pytest.approx(part.seconds + start)
        assert ROOFLINE["planned_seconds"](part, site) == pytest.approx(part.seconds)
    planned = sum(ROOFLINE["planned_seconds"](part, site) for part in both[2:])
    assert planned == pytest.approx(sum(part.seconds for part in both[2:]))


def test_a_core_that_goes_by_the_entry_expects_what_was_measured():
    entry = ROOFLINE["entry"](parts(gpus=0), None, 0.0)
    assert set(entry) == set(DEVICES["cpu"])
    both = parts(gpus=0)
    planned = [cpu_seconds(part.work, entry, 0.0) for part in both]
    assert planned[0] == pytest.approx(both[0].seconds, rel=1e-3)
    assert sum(planned[2:]) == pytest.approx(sum(p.seconds for p in both[2:]), rel=1e-3)


def test_entries_of_the_file_have_the_keys_that_are_written():
    known = {*ROOFLINE["PEAKS"], "read_share", "write_share", "train_share", "start_s"}
    assert all(set(device) <= known for name, device in DEVICES.items() if name != "cpu")
    assert known - {*ROOFLINE["PEAKS"]} < set(ASSUMED["gpu"])


def test_the_roofline_does_not_change_with_what_was_measured():
    part = parts()[0]
    entry = ROOFLINE["entry"](parts(), CARD, 30.0)
    assert ROOFLINE["least_seconds"](part, entry) == ROOFLINE["least_seconds"](part, CARD)
    assert gpu_seconds(part.work, entry, ASSUMED["gpu"]) != gpu_seconds(
        part.work, CARD, ASSUMED["gpu"]
    )


def test_answers_are_what_is_left_of_a_job_without_its_prompts():
    prompts = PART("m", "prompts", "read", asked(requests=20, prompt=8000, read=6000), 3.0)
    whole = PART("m", "all", "read", asked(requests=20, prompt=8000, read=4000, written=500), 10.0)
    found = ROOFLINE["answers"](whole, prompts)
    assert (found.kind, found.tokens, found.seconds) == ("write", 500, 10.0 - 2.0)
    with pytest.raises(ArteError, match=r"1\.0 s with answers"):
        ROOFLINE["answers"](replace(whole, seconds=1.0), prompts)


def test_a_training_is_timed_from_its_first_step_to_its_last():
    log = [(3.0, "6 pairs"), (10.0, "step 1 of 3: loss 1"), (12.0, "step 2 of 3: loss 1")]
    log += [(12.5, "step by step"), (14.0, "step 3 of 3: loss 1"), (20.0, "the teacher moved")]
    lines = [*((at, f"2026-01-01 00:00:00 {text}") for at, text in log), (21.0, "")]
    assert ROOFLINE["trained"](lines) == (2, 4.0, 8.0)
    with pytest.raises(ValueError, match="1 training steps"):
        ROOFLINE["trained"](lines[:2])


@pytest.mark.parametrize(
    ("card", "device"),
    [
        ("NVIDIA A100-SXM4-80GB", "a100-80"),
        ("NVIDIA A100-SXM4-40GB", "a100-40"),
        ("NVIDIA H100 80GB HBM3", "h100-80"),
        ("NVIDIA H200", "h200-141"),
        ("NVIDIA L40S", "l40s-48"),
        ("NVIDIA GeForce RTX 4090", "rtx4090-24"),
    ],
)
def test_a_card_is_known_by_its_name(card, device):
    assert ROOFLINE["device_of"](card, DEVICES, {}) == (device, DEVICES[device])


@pytest.mark.parametrize("card", ["NVIDIA H100 PCIe", "NVIDIA H200 NVL", "NVIDIA RTX 4090 D", "?"])
def test_other_cards_are_asked_for_their_peaks(card):
    with pytest.raises(ArteError, match="--tflops"):
        ROOFLINE["device_of"](card, DEVICES, {"tflops": 756.0})
    name, peaks = ROOFLINE["device_of"](card, DEVICES, CARD | {"name": "mine"})
    assert (name, peaks) == ("mine", CARD)


def test_the_table_has_a_row_of_equal_width_for_each_part():
    rows = ROOFLINE["table"](parts(), Site("a100-80", ASSUMED), CARD)
    assert len(rows) == 2 + 4
    assert {row.count("|") for row in rows} == {9}
    assert "| 0.50 |" in rows[2]


@pytest.mark.parametrize(
    ("name", "published"),
    [("gemma-2b", "google/gemma-2b"), ("qwen2.5-7b", "Qwen/Qwen2.5-7B-Instruct")],
)
def test_the_shapes_are_those_of_the_published_models(name, published, tmp_path):
    _, shape = SHAPES["full"][name]
    (tmp_path / "config.json").write_text(json.dumps(shape))
    assert folder_shape(str(tmp_path)) == hub_shape(published, ASSUMED["models"])


def test_the_command_says_how_it_is_used():
    command = [sys.executable, "benchmarks/gpu.py", "--help"]
    environment = os.environ | {"PYTHONPATH": "workflow/scripts"}
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert "--size {full,tiny}" in done.stdout
