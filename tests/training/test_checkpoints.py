"""When checkpoints are written, on a tiny student that is really trained and really signalled."""

import os
import signal
from types import SimpleNamespace

import pytest
import tiny
from finetune.test_student import CFG, run, training_set
from transformers import TrainerControl

from arte.core import io, lock
from arte.core.errors import ArteError
from arte.models import folder as models
from arte.tailor.tables import TRAINING_SET
from arte.training import checkpoints
from arte.training import common as training

BY_CLOCK = CFG | {"sft": {k: v for k, v in CFG["sft"].items() if k != "save_steps"}}


@pytest.fixture
def student(tmp_path):
    return tiny.save(tmp_path / "models" / "student")


@pytest.fixture
def saved(monkeypatch):
    """The steps at which checkpoints are written."""
    steps = []
    on_save = checkpoints.Saver.on_save

    def spy(self, args, state, control, **others):
        steps.append(state.global_step)
        on_save(self, args, state, control, **others)

    monkeypatch.setattr(checkpoints.Saver, "on_save", spy)
    return steps


def signalled_at(monkeypatch, step):
    """Send this process SIGTERM while it logs that step."""
    log = training.Watch.on_log

    def kills(self, args, state, control, logs, **others):
        log(self, args, state, control, logs, **others)
        if state.global_step == step and "loss" in logs:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(training.Watch, "on_log", kills)


def test_a_training_of_seconds_writes_no_checkpoint(monkeypatch, tmp_path, student, saved):
    run(monkeypatch, tmp_path, student, cfg=BY_CLOCK)
    assert saved == []


def test_the_clock_does_not_show_in_the_result(monkeypatch, tmp_path, student, saved):
    first, _ = run(monkeypatch, tmp_path, student, cfg=BY_CLOCK, name="seldom")
    monkeypatch.setattr(checkpoints, "SECONDS", 0.0)
    monkeypatch.setattr(checkpoints, "REST", 0.0)
    second, _ = run(monkeypatch, tmp_path, student, cfg=BY_CLOCK, name="often")
    assert saved == list(range(1, 19))
    assert models.read_fingerprint(first) == models.read_fingerprint(second)


def test_the_config_may_say_when(monkeypatch, tmp_path, student, saved):
    run(monkeypatch, tmp_path, student)
    assert saved == [6, 12, 18]


@pytest.mark.parametrize(
    ("cost", "since", "due"),
    [(0.1, 59, False), (0.1, 61, True), (10, 189, False), (10, 191, True)],
)
def test_a_slow_checkpoint_is_written_less_often(monkeypatch, cost, since, due):
    saver, control = checkpoints.Saver(), TrainerControl()
    saver.began, saver.ended = 0.0, cost
    monkeypatch.setattr(checkpoints.time, "monotonic", lambda: cost + since)
    saver.on_step_end(SimpleNamespace(save_strategy="no"), None, control)
    assert control.should_save is due


@pytest.mark.parametrize("step", [4, 17])
def test_sigterm_saves_and_exits_and_the_next_run_goes_on(
    monkeypatch, tmp_path, student, saved, capsys, step
):
    straight, metrics = run(monkeypatch, tmp_path, student, cfg=BY_CLOCK, name="straight")
    with monkeypatch.context() as patch:
        signalled_at(patch, step)
        with pytest.raises(SystemExit) as stopped:
            run(patch, tmp_path, student, cfg=BY_CLOCK)
    assert stopped.value.code == 143
    assert saved == [step + 1]
    resumed, resumed_metrics = run(monkeypatch, tmp_path, student, cfg=BY_CLOCK)
    told = capsys.readouterr().err
    assert f"SIGTERM: step {step + 1} is saved" in told
    assert f"checkpoint-{step + 1}\n" in told
    assert models.read_fingerprint(resumed) == models.read_fingerprint(straight)
    assert resumed_metrics == metrics


def test_sigterm_ends_the_process_again_after_training(monkeypatch, tmp_path, student):
    before = signal.getsignal(signal.SIGTERM)
    run(monkeypatch, tmp_path, student, cfg=BY_CLOCK)
    assert signal.getsignal(signal.SIGTERM) == before


def test_sigterm_after_the_last_step_is_not_lost(monkeypatch, tmp_path, student):
    signalled_at(monkeypatch, 18)
    caught = []
    before = signal.signal(signal.SIGTERM, lambda *_: caught.append(True))
    try:
        run(monkeypatch, tmp_path, student, cfg=BY_CLOCK)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert caught == [True]


def test_other_data_never_resumes_from_this_datas_checkpoints(tmp_path, student):
    folders = set()
    for n in (11, 12):
        table = tmp_path / f"{n}.parquet"
        io.write_table(training_set(n), table, TRAINING_SET, {})
        folders.add(checkpoints.folder_of(tmp_path, cfg=CFG, data=str(table), model=str(student)))
    assert len(folders) == 2


def test_the_newest_whole_checkpoint_counts_and_broken_ones_go(tmp_path):
    for step in (2, 10, 11):
        (tmp_path / f"checkpoint-{step}").mkdir()
    for step in (2, 10):
        (tmp_path / f"checkpoint-{step}" / checkpoints.MARKER).touch()
    assert checkpoints.last(tmp_path).name == "checkpoint-10"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-10", "checkpoint-2"]
    assert checkpoints.last(tmp_path / "nowhere") is None


def test_a_training_whose_folder_another_run_holds_does_not_begin(
    monkeypatch, tmp_path, student, saved
):
    monkeypatch.setattr(lock, "PATIENCE", 0.0)
    with lock.sole_writer(tmp_path / "scratch"), pytest.raises(ArteError) as error:
        run(monkeypatch, tmp_path, student, cfg=CFG)
    assert error.value.where == str(tmp_path / "scratch")
    assert not (tmp_path / "students").exists()
