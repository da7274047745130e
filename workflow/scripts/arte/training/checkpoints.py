"""Checkpoints of a training: where they lie, when they are written, and which are whole."""

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from accelerate import PartialState
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from arte.core import io, job
from arte.core.lock import sole_writer
from arte.models import folder as models
from arte.training import processes

MARKER = "complete"
"""Written last into a checkpoint, so that its existence means that the checkpoint is whole."""

SECONDS = 60.0
"""Between two checkpoints, where the config does not say when; a killed job repeats no more."""

REST = 19.0
"""Seconds of training at least for every second of saving: saving takes 5 % of the time at most."""


def folder_of(scratch: str | os.PathLike, *, cfg: dict, data: str, model: str) -> Path:
    """Where checkpoints of exactly this training live: config, data file and base model."""
    key = io.digest([cfg, io.file_sha256(data), models.read_fingerprint(model)])
    return Path(scratch) / key


@contextlib.contextmanager
def held(scratch: str | os.PathLike) -> Iterator[None]:
    """Keep other runs from this training's checkpoints and output, from its main process.

    Raises ArteError if another run has them. Other processes of the training only read, and wait
    for the main one before they do.
    """
    with sole_writer(scratch) if job.is_main() else contextlib.nullcontext():
        yield


def last(folder: Path) -> Path | None:
    """The newest whole checkpoint below `folder`; broken ones (a killed job's) are deleted."""
    with PartialState().main_process_first():
        checkpoints = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name[11:]))
        for broken in [path for path in checkpoints if not (path / MARKER).exists()]:
            job.log(f"deleting the unfinished {broken}")
            shutil.rmtree(broken)
    return next((path for path in reversed(checkpoints) if path.exists()), None)


class Saver(TrainerCallback):
    """Saves by the clock unless the config has `save_steps` or `save_strategy`, and on SIGTERM.

    When a checkpoint is written does not show in the result: a resumed training ends in the same
    weights. On SIGTERM (a cancelled or pre-empted job, or its time limit) the step at hand ends,
    its checkpoint is written, and the process exits with 143 as if the signal had killed it.
    """

    def __init__(self) -> None:
        self.asked = self.stopping = False
        self.began = self.ended = time.monotonic()

    def _ask(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked = True

    def on_train_begin(
        self, _args: TrainingArguments, _state: TrainerState, _control: TrainerControl, **_: Any
    ) -> None:
        """From now on SIGTERM no longer ends the process at once."""
        self.previous = signal.signal(signal.SIGTERM, self._ask)

    def on_step_end(
        self, args: TrainingArguments, _state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        """Ask for a checkpoint where one is due."""
        now, cost = time.monotonic(), self.ended - self.began
        due = args.save_strategy == "no" and now - self.ended >= max(SECONDS, REST * cost)
        due, self.stopping = processes.anywhere(due, self.asked)
        control.should_save |= due or self.stopping
        if control.should_save:
            self.began = now

    def on_save(
        self, args: TrainingArguments, state: TrainerState, _control: TrainerControl, **_: Any
    ) -> None:
        """Mark the checkpoint just written as whole; exit if that was the wish."""
        everyone = PartialState()
        everyone.wait_for_everyone()
        if state.is_world_process_zero:
            io.write_text("", Path(args.output_dir) / f"checkpoint-{state.global_step}" / MARKER)
        everyone.wait_for_everyone()
        self.ended = time.monotonic()
        if self.stopping:
            job.log(f"SIGTERM: step {state.global_step} is saved, the next run goes on from there")
            sys.exit(128 + signal.SIGTERM)

    def on_train_end(
        self, _args: TrainingArguments, _state: TrainerState, _control: TrainerControl, **_: Any
    ) -> None:
        """SIGTERM is again what it was, and one that came after the last step takes effect."""
        signal.signal(signal.SIGTERM, self.previous)
        if self.asked:
            signal.raise_signal(signal.SIGTERM)
