"""The last checkpoint of a nano training: what a killed job goes on from."""

import argparse
import shutil
import time
from pathlib import Path

import torch

from arte.core import io
from arte.core.prompts import Prompts
from arte.core.tasks import FILE
from arte.mini.problem import TECHNIQUES
from arte.models import folder as models

SECONDS = 15.0
"""Between two checkpoints; a killed job repeats no more. One of these models takes a blink."""


class Checkpoint:
    """The state of one training in a folder of its own, and early weights that it is to keep."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._state = folder, folder / "state.pt"
        self._saved = time.monotonic()

    def load(self) -> dict | None:
        """The state that was saved last; None where there is none."""
        if not self._state.exists():
            return None
        return torch.load(self._state, weights_only=True)

    def due(self) -> bool:
        """Whether SECONDS have passed since the last one, or since the start."""
        return time.monotonic() - self._saved >= SECONDS

    def save(self, state: dict) -> None:
        """Replace the state as a whole."""
        with io.replacing(self._state) as temporary:
            torch.save(state, temporary)
        self._saved = time.monotonic()

    def early(self, step: int) -> Path:
        """The folder of the weights that were kept at `step`."""
        return self.folder / f"weights-{step}"

    def remove(self) -> None:
        """Delete the folder: the training is done."""
        shutil.rmtree(self.folder, ignore_errors=True)


def prompt_files(args: argparse.Namespace, subtasks: list[str]) -> list[Path]:
    """The prompt files that shape the documents of a training; an unseen student only answers."""
    answers = args.command == "unseen"
    shared = ("student",) if answers else ("naive", "question", "rationale", "student")
    own = [FILE] if answers else [FILE, *(f"{name}.md" for name in TECHNIQUES)]
    prompts = Prompts(args.prompts)
    return [prompts.folder / f"{name}.md" for name in shared] + [
        prompts.folder_of(subtask) / name for subtask in sorted(subtasks) for name in own
    ]


def of(args: argparse.Namespace, cfg: dict) -> Checkpoint:
    """Where exactly this training saves: the same command, config, data, prompts and student."""
    files = [*args.items, *args.validation, *args.exemplars]
    read = [io.file_sha256(path) for path in (*files, *prompt_files(args, cfg["subtasks"]))]
    start = models.read_fingerprint(args.student) if args.command != "student" else None
    return Checkpoint(Path(args.scratch) / io.digest([args.command, cfg, read, start]))
