"""What aligning and fine-tuning share: TRL arguments, resuming, and checks before and after."""

import contextlib
import dataclasses
import math
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets
import torch
from torch.optim.lr_scheduler import LambdaLR, LRScheduler
from transformers import (
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from transformers.utils.logging import disable_progress_bar

from arte.core import job
from arte.core.errors import ArteError
from arte.models import folder as models
from arte.models.chat import Rendering
from arte.training import checkpoints

DEFAULTS = {
    "bf16": False,  # autocast; trained weights are float32 whatever this says
    "ddp_find_unused_parameters": False,  # there are none
    "gradient_checkpointing": False,
    "logging_steps": 1,
    "save_total_limit": 2,  # the marker of the newest is written after the oldest is deleted
}
"""Where these differ from TRL's defaults; the config block may override them."""


def quiet() -> None:
    """Keep progress bars out of log files."""
    datasets.disable_progress_bars()
    disable_progress_bar()


def arguments(kind: type[TrainingArguments], block: dict, *, folder: Path, seed: int) -> Any:
    """`kind` (DPOConfig, SFTConfig) of a config block whose keys are its argument names.

    Without `save_steps` or `save_strategy`, arte.training.checkpoints saves by the clock. Raises
    ArteError for a key that TRL does not know, or that the pipeline itself sets.
    """
    ours = {
        "output_dir": str(folder),
        "seed": seed,
        "data_seed": seed,
        "report_to": "none",
        "disable_tqdm": True,
        "logging_nan_inf_filter": False,  # it would print the last finite loss instead
        "use_cpu": not torch.cuda.is_available(),
        "dataloader_pin_memory": torch.cuda.is_available(),
    }
    check_keys(kind, block, reserved=set(ours))
    saving = {} if {"save_steps", "save_strategy"} & set(block) else {"save_strategy": "no"}
    return kind(**DEFAULTS | saving | block | ours)


def check_keys(kind: type, block: dict, *, reserved: set[str]) -> None:
    """Raise ArteError where a key of `block` is reserved, or no argument of dataclass `kind`."""
    known = {field.name for field in dataclasses.fields(kind)} - reserved
    unknown = sorted(set(block) - known)
    if unknown:
        raise ArteError(
            expected=f"argument names of {kind.__name__} that the pipeline does not set itself",
            found=", ".join(unknown),
            where=f"the config block that becomes {kind.__name__}",
            remedy=f"fix or remove the key (set by the pipeline: {', '.join(sorted(reserved))})",
        )


def tokenized(
    rendering: Rendering, prompts: list[str], answers: list[str], *, where: str
) -> list[tuple[list[int], int]]:
    """Token ids of each prompt and answer with its end token, and how many are the prompt's.

    Where a token spans the seam, the model would be trained on another context than it sees when it
    generates: that raises ArteError.
    """
    heads, wholes = rendering.ids(prompts), rendering.finished(prompts, answers)
    for prompt, answer, head, whole in zip(prompts, answers, heads, wholes, strict=True):
        if whole[: len(head)] != head:
            raise ArteError(
                expected="prompts that end on a token boundary",
                found=f"a token across {prompt[-20:]!r} | {answer[:20]!r}",
                where=where,
                remedy="end the prompt template differently, or use another tokenizer",
            )
    return [(whole, len(head)) for head, whole in zip(heads, wholes, strict=True)]


def count_clipped(
    lengths: list[tuple[int, int]], max_length: int | None, *, key: str, where: str
) -> dict[str, int]:
    """How many sequences TRL truncates to `max_length`, and how many it drops for their prompt.

    lengths: tokens of each prompt, and of the whole. Raises ArteError where nothing is left to
    learn from; `key` is the config key of `max_length`.
    """
    limit = math.inf if max_length is None else max_length
    dropped = sum(head >= limit for head, _ in lengths)
    if dropped == len(lengths):
        raise ArteError(
            expected=f"at least one example whose prompt is shorter than {key}",
            found=f"{len(lengths)} examples, {dropped} too long",
            where=where,
            remedy=f"raise {key}, or see the report of pairs or of the arm for what was dropped",
        )
    truncated = sum(whole > limit for _, whole in lengths) - dropped
    return {"n_truncated": truncated, "n_dropped": dropped}


class Watch(TrainerCallback):
    """Log one line per logging step; stop where nothing is learned or a loss is not finite."""

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        _control: TrainerControl,
        lr_scheduler: LRScheduler,
        **_others: Any,
    ) -> None:
        """Raise ArteError if the learning rate is 0 at every step: one step of warm-up is."""
        if not isinstance(lr_scheduler, LambdaLR):
            return
        steps = range(state.max_steps)
        if not any(factor(step) for factor in lr_scheduler.lr_lambdas for step in steps):
            raise ArteError(
                expected="a training that changes the weights",
                found=f"a learning rate of 0 at each of {state.max_steps} steps, of which "
                f"{args.get_warmup_steps(state.max_steps)} are warm-up",
                where=f"the configuration of {type(args).__name__}",
                remedy="set warmup_steps to 0, or train longer: num_train_epochs, smaller batches",
            )

    def on_log(
        self,
        _args: TrainingArguments,
        state: TrainerState,
        _control: TrainerControl,
        logs: dict[str, float],
        **_others: Any,
    ) -> None:
        """Raise ArteError at a loss or gradient that is not finite."""
        shown = {key: logs[key] for key in ("loss", "grad_norm", "rewards/margins") if key in logs}
        if shown:  # the last call is about the run as a whole
            text = ", ".join(f"{key} {value:.4g}" for key, value in shown.items())
            job.log(f"step {state.global_step} of {state.max_steps}: {text}")
        if not all(math.isfinite(value) for value in shown.values()):
            raise ArteError(
                expected="a finite loss and gradient",
                found=str(shown),
                where=f"training step {state.global_step}",
                remedy="lower learning_rate, or switch bf16 off",
            )


def master_weights(model: torch.nn.Module) -> None:
    """Make trained parameters float32 where they are not: bfloat16 loses steps as small as 1e-6.

    TRL makes the adapter of a 4-bit model bfloat16.
    """
    for parameter in model.parameters():
        if parameter.requires_grad and parameter.dtype != torch.float32:
            parameter.data = parameter.data.float()


def fit(trainer: Trainer, folder: Path) -> list[dict]:
    """Train, resuming from the newest whole checkpoint in `folder`; return the log's lines."""
    master_weights(trainer.model)
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(Watch())
    trainer.add_callback(checkpoints.Saver())
    checkpoint = checkpoints.last(folder)
    if checkpoint:
        job.log(f"resuming from {checkpoint}")
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    return [line for line in trainer.state.log_history if "loss" in line]


@contextlib.contextmanager
def publishing(output: str | os.PathLike) -> Iterator[Path]:
    """Yield a folder beside `output`; on success fingerprint it and put it in `output`'s place."""
    output = Path(output)
    temporary = output.with_name(f".{output.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        models.readable(temporary)
        models.write_fingerprint(temporary)
        if output.exists():
            shutil.rmtree(output)
        os.replace(temporary, output)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
