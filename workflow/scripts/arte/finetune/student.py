"""Fine-tune the student on an arm's training set, whole or by LoRA, loss on completions (§4.1)."""

import argparse
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import torch
from datasets import Dataset
from peft import PeftModel
from transformers import PreTrainedModel
from trl import SFTConfig, SFTTrainer

from arte.core import io, job
from arte.core.errors import cli
from arte.models import folder as models
from arte.models.chat import Rendering
from arte.models.tokenizer import load_tokenizer
from arte.tailor.tables import TRAINING_SET
from arte.training import checkpoints, kept, processes, written
from arte.training import common as training


def examples(rows: pl.DataFrame, rendering: Rendering, *, where: str) -> list[dict[str, list[int]]]:
    """TRAINING_SET as TRL's token ids, with the mask of what is learned: completions and their end.

    A rationale follows its lead after a space.
    """
    completions = [f" {completion}" for completion in rows["completion"]]
    return [
        {"input_ids": ids, "completion_mask": [0] * head + [1] * (len(ids) - head)}
        for ids, head in training.tokenized(
            rendering, rows["prompt"].to_list(), completions, where=where
        )
    ]


def count_clipped(data: list[dict], *, max_length: int | None, where: str) -> dict[str, int]:
    """How many examples lose tokens to `max_length`, and how many are dropped for their prompt.

    Raises ArteError when no example is left to learn from.
    """
    lengths = [(row["completion_mask"].count(0), len(row["input_ids"])) for row in data]
    return training.count_clipped(lengths, max_length, key="finetune.sft.max_length", where=where)


def learner(model: str, cfg: dict) -> dict[str, Any]:
    """The student as SFTTrainer's arguments: all weights in float32, or an adapter on frozen ones.

    `cfg` has `lora` and `dtype`, that of the frozen weights, where an adapter is trained.
    """
    if "lora" in cfg:
        return {
            "model": written.frozen(model, cfg["dtype"]),
            "peft_config": written.lora(cfg["lora"]),
        }
    # merging a LoRA folder leaves its base frozen
    return {"model": models.load_merged(model).requires_grad_(True)}


def sample(data: list[dict[str, list[int]]], max_length: int | None) -> written.Text:
    """The first example of which something is learned, cut to `max_length` as in training."""
    for row in data:
        head = row["completion_mask"].count(0)
        if max_length is None or head < max_length:
            break
    return written.Text(torch.tensor([row["input_ids"][:max_length]]), head)


def finetune(
    rows: pl.DataFrame, *, cfg: dict, model: str, folder: Path, where: str
) -> tuple[PreTrainedModel | PeftModel, written.Probe, dict]:
    """Train with checkpoints in `folder`; return the model, a probe of it and metrics."""
    tokenizer = load_tokenizer(model)
    rendering = Rendering(tokenizer, cfg.get("chat"), where=model)
    if "chat" in cfg:
        job.log(f"{model} is trained {rendering.manner}")
    data = examples(rows, rendering, where=where)
    block = cfg["sft"] | {"completion_only_loss": True}
    args = training.arguments(SFTConfig, block, folder=folder, seed=cfg["seed"])
    counts = count_clipped(data, max_length=args.max_length, where=where)
    job.log(f"{len(data)} examples, {counts}")
    trainer = SFTTrainer(
        args=args,
        train_dataset=Dataset.from_list(data),
        processing_class=tokenizer,
        **learner(model, cfg),
    )
    processes.check(trainer, cfg["launch"], where="config key finetune.launch")
    history = training.fit(trainer, folder)
    metrics = {
        "n_examples": len(data),
        "steps": trainer.state.global_step,
        "final_loss": history[-1]["loss"] if history else None,  # logged less often than it ran
        "history": {key: [line[key] for line in history] for key in ("step", "loss")},
    }
    probe = written.probe(trainer.model, sample(data, args.max_length))
    return trainer.model, probe, metrics | counts


def publish(
    model: PreTrainedModel | PeftModel,
    weights: dict | None,
    probe: written.Probe,
    args: argparse.Namespace,
) -> None:
    """Write the student, and check the folder."""
    dtype = args.cfg.get("dtype", "float32")
    limit = written.rounding(dtype, args.cfg["sft"])
    with training.publishing(args.output) as output:
        written.write(model, weights, base=args.model, folder=output)
        written.check(output, probe, dtype=dtype, limit=limit, block="finetune.lora")


@cli
def main() -> None:
    """Parse the command line and train; checkpoints go when the student is written."""
    flags = ("--cfg", "--train", "--model", "--output", "--output-metrics", "--scratch")
    args = job.parse(__doc__, *flags)
    training.quiet()
    with checkpoints.held(args.scratch):
        run(args)


def run(args: argparse.Namespace) -> None:
    """Train, and write the student and its metrics from the main process."""
    rows = io.read_table(args.train, TRAINING_SET)
    base = models.read_fingerprint(args.model)
    made = kept.made_from("arte/finetune/student.py", args.cfg, rows.to_dicts(), base)
    if kept.restored([args.output], made, args.output_metrics):
        return
    folder = checkpoints.folder_of(args.scratch, cfg=args.cfg, data=args.train, model=args.model)
    model, probe, metrics = finetune(
        rows, cfg=args.cfg, model=args.model, folder=folder, where=args.train
    )
    weights = processes.whole_weights(model)
    if processes.leave():
        publish(model, weights, probe, args)
        kept.finish([args.output], made, metrics, args.output_metrics)
        shutil.rmtree(folder)
        loss = metrics["final_loss"]
        shown = "no loss logged" if loss is None else f"final loss {loss:.4f}"
        job.log(f"{shown} after {metrics['steps']} steps")


if __name__ == "__main__":
    main()
