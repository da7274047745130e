"""A nano training that is killed goes on from its last checkpoint, to the same bytes."""

import argparse
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nano_rows
import pytest
import torch
from declared import declares
from nano_rows import CFG, packed
from own_tasks import make_task

from arte.mini import bbh
from arte.nano import checkpoints, loop
from arte.nano import train_nano as nano
from arte.nano.checkpoints import Checkpoint

ROOT = Path(__file__).parents[2]
SUBTASK = "boolean_expressions"
STUDENT = {
    "subtasks": [SUBTASK],
    "seed": 0,
    "difficulty": 1,
    "corpus": "generators",
    "vocab_size": 300,
    "context": 64,
    "batch_tokens": 128,
    "learning_rate": 1e-2,
    "muon_learning_rate": 0.02,
    "processes": 2,
    "architecture": "llama",
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "student_tokens": 128 * 200,
    "panel": {"early": 0.03, "late": 0.9},
}
ALWAYS = """
from arte.nano import checkpoints
from arte.nano.train_nano import main
checkpoints.SECONDS = 0.0
main()
"""


@pytest.fixture(scope="module")
def tokenizer():
    return nano_rows.tokenizer()


def begun(tokenizer):
    torch.manual_seed(0)
    return nano.new_model(CFG, tokenizer)


@pytest.mark.parametrize("stopped", [1, 29, 30, 59])
def test_a_training_goes_on_as_if_it_had_never_stopped(tokenizer, tmp_path, monkeypatch, stopped):
    def train(model, rows, folder):
        checkpoint = Checkpoint(tmp_path / folder)
        return loop.train(model, rows, CFG, 64 * 60, checkpoint=checkpoint, keep=[30])

    whole = begun(tokenizer)
    history = train(whole, packed(tokenizer), "whole")
    monkeypatch.setattr(checkpoints, "SECONDS", 0.0)
    with pytest.raises(ValueError, match="not enough values"):  # the data end
        train(begun(tokenizer), itertools.islice(packed(tokenizer), 2 * stopped), "halves")
    resumed = begun(tokenizer)
    again = train(resumed, packed(tokenizer), "halves")
    assert [(line["step"], line["loss"]) for line in again] == [
        (line["step"], line["loss"]) for line in history
    ]
    weights = resumed.state_dict()
    assert all(torch.equal(weight, weights[name]) for name, weight in whole.state_dict().items())
    early = [Checkpoint(tmp_path / folder).early(30) for folder in ("whole", "halves")]
    assert len({(folder / "model.safetensors").read_bytes() for folder in early}) == 1


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The files of one miniature subtask, as arguments."""
    folder = tmp_path_factory.mktemp("data")
    names = ("items", "validation", "exemplars")
    cfg = declares(SUBTASK) | {"seed": 0, "difficulty": 1, "test_items": 4, "validation_items": 4}
    files = {name: f"{folder}/{name}.parquet" for name in names}
    written = [word for name in names for word in (f"--output-{name}", files[name])]
    arguments = [word for name in names for word in (f"--{name}", files[name])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["bbh", "--cfg", json.dumps(cfg), *written])
        bbh.main()
    return [*arguments, "--prompts", str(ROOT / "resources/prompts")]


def start(folder, data):
    """Two processes that train a student into `folder`, saving after every step."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    panel = [str(folder / name) for name in STUDENT["panel"]]
    arguments = [
        *("--cfg", json.dumps(STUDENT), "--output", folder / "student", "--output-panel", *panel),
        *("--output-metrics", folder / "metrics.json", "--scratch", folder / "scratch"),
    ]
    environment = {"PYTHONPATH": str(ROOT / "workflow/scripts"), "OMP_NUM_THREADS": "1"}
    with open(folder / "log", "a") as log:
        return subprocess.Popen(
            [*command, "--no-python", sys.executable, "-c", ALWAYS, "student", *data, *arguments],
            env=os.environ | environment,
            stderr=log,
        )


def weights(folder):
    return {
        name: (folder / name / "model.safetensors").read_bytes()
        for name in ("student", *STUDENT["panel"])
    }


def test_a_launcher_that_is_killed_leaves_a_checkpoint_and_no_process(tmp_path, data):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        folder.mkdir()
    begun = start(killed, data)
    while not list(killed.glob("scratch/*/weights-6/model.safetensors")):
        assert begun.poll() is None, (killed / "log").read_text()
        time.sleep(0.01)
    begun.send_signal(signal.SIGKILL)
    begun.wait()
    # The folder is free for another at once, since the workers end with their launcher.
    for folder in (killed, whole):
        assert start(folder, data).wait() == 0, (folder / "log").read_text()
    assert "resuming after step" in (killed / "log").read_text()
    assert weights(killed) == weights(whole)
    assert not list(killed.glob("scratch/*"))


@pytest.mark.parametrize("command", ["student", "teacher", "unseen"])
def test_a_training_looks_at_the_prompts_of_its_subtasks_wherever_they_lie(tmp_path, command):
    folder = make_task(tmp_path / "coin_flip")
    shared = str(ROOT / "resources/prompts")
    args = argparse.Namespace(command=command, prompts=[shared, str(folder)])
    found = checkpoints.prompt_files(args, ["navigate", "coin_flip"])
    assert {folder / "task.yaml", Path(shared, "navigate/task.yaml")} <= set(found)
    assert ((folder / "steps.md") in found) == (command != "unseen")
    assert all(path.is_file() for path in found)
