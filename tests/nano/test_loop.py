import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import nano_rows
import pytest
import torch
from nano_rows import CFG, packed

from arte.nano import loop as nano_training
from arte.nano import train_nano as nano
from arte.nano.checkpoints import Checkpoint

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tokenizer():
    return nano_rows.tokenizer()


@pytest.mark.parametrize("architecture", ["llama", "gpt_neox"])
def test_muon_trains_the_hidden_matrices_and_adamw_all_else(tokenizer, architecture):
    model = nano.new_model({**CFG, "architecture": architecture}, tokenizer)
    muon, adamw = (
        [weight for group in optimizer.param_groups for weight in group["params"]]
        for optimizer in nano_training.optimizers(model, CFG)
    )
    names = {id(weight): name for name, weight in model.named_parameters()}
    assert {id(weight) for weight in [*muon, *adamw]} == set(names)
    assert len(muon) + len(adamw) == len(names)
    assert all("layers." in names[id(weight)] and weight.ndim == 2 for weight in muon)
    assert any("embed" in names[id(weight)] for weight in adamw)


def test_training_lowers_the_loss_and_repeats_to_the_bit(tokenizer, tmp_path):
    def trained(directory):
        torch.manual_seed(0)
        model = nano.new_model(CFG, tokenizer)
        checkpoint = Checkpoint(directory)
        history = nano_training.train(
            model, packed(tokenizer), CFG, 64 * 60, checkpoint=checkpoint, keep=[30]
        )
        return history, model.state_dict()

    (history, weights), (again, same) = trained(tmp_path / "a"), trained(tmp_path / "b")
    assert [line["step"] for line in history] == [60]
    assert history[-1]["loss"] < 2 < torch.log(torch.tensor(300.0))
    assert [line["loss"] for line in again] == [line["loss"] for line in history]
    assert all(torch.equal(weights[name], same[name]) for name in weights)
    assert (Checkpoint(tmp_path / "a").early(30) / "model.safetensors").exists()


@pytest.mark.parametrize("unlearned", [2, 4])
def test_rows_in_which_nothing_is_learned_end_no_training(tokenizer, tmp_path, unlearned):
    """One batch of nothing else, or two."""
    length = CFG["context"]
    empty = [([5] * length, [nano_training.IGNORE] * length)] * unlearned
    model = nano.new_model(CFG, tokenizer)
    rows = itertools.chain(empty, packed(tokenizer))
    history = nano_training.train(model, rows, CFG, 64 * 20, checkpoint=Checkpoint(tmp_path))
    assert 0 < history[-1]["loss"] < 10
    assert all(torch.isfinite(weight).all() for weight in model.parameters())


@pytest.mark.parametrize("steps", [1, 2, 40, 1000])
def test_the_learning_rate_warms_up_and_then_falls_to_a_fiftieth(steps):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule, rates = nano_training.schedule(optimizer, steps), []
    for _ in range(steps):
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    top = rates.index(max(rates))
    assert max(rates) == 1
    assert rates == sorted(rates[: top + 1]) + sorted(rates[top + 1 :], reverse=True)
    assert steps < 40 or rates[-1] == pytest.approx(0.02, abs=0.03)


def test_two_processes_train_as_one_does(tmp_path):
    """Weights differ by rounding alone (bfloat16): the gradient is that of the whole batch."""
    script = "import nano_rows; nano_rows.train_and_print()"
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]
    paths = os.pathsep.join([str(ROOT / "tests/helpers"), str(ROOT / "workflow/scripts")])
    norms = []
    for processes in ("1", "2"):
        scratch = tmp_path / processes
        done = subprocess.run(
            [*command, processes, "--no-python", sys.executable, "-c", script, scratch],
            env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        assert len(found) == int(processes)
        assert len({each["weights"] for each in found}) == 1
        norms.append(found[0]["weights"])
    assert norms[0] == pytest.approx(norms[1], rel=2e-3)


def test_bfloat16_is_not_emulated_where_its_instructions_are_forbidden():
    code = "from arte.nano.loop import native_bfloat16 as able; print(able())"
    environment = os.environ | {"ONEDNN_MAX_CPU_ISA": "AVX2", "PYTHONPATH": "workflow/scripts"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
