"""Fine-tune the student on an arm's training set: full weights, loss on completions (§4.1)."""

import argparse
import shutil
from pathlib import Path

import polars as pl
from datasets import Dataset
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from trl import SFTConfig, SFTTrainer

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.models import folder as models
from arte.models.tokenizer import copy_tokenizer, load_tokenizer
from arte.tailor.tables import TRAINING_SET
from arte.training import checkpoints, kept, processes
from arte.training import common as training


def examples(rows: pl.DataFrame) -> list[dict[str, str]]:
    """TRAINING_SET as TRL's {prompt, completion}; the rationale follows its lead after a space."""
    return [
        {"prompt": prompt, "completion": f" {completion}"}
        for prompt, completion in rows.select("prompt", "completion").iter_rows()
    ]


def count_clipped(
    data: list[dict], tokenizer: PreTrainedTokenizerBase, *, max_length: int | None, where: str
) -> dict[str, int]:
    """How many examples lose tokens to `max_length`, and how many are dropped for their prompt.

    Raises ArteError when no example is left to learn from.
    """
    prompts, completions = ([row[key] for row in data] for key in ("prompt", "completion"))
    lengths = training.token_lengths(tokenizer, prompts, completions, where=where)
    truncated, dropped = training.clipped(lengths, max_length)
    if dropped == len(data):
        raise ArteError(
            expected="at least one example whose prompt is shorter than finetune.sft.max_length",
            found=f"{len(data)} examples, {dropped} too long",
            where=where,
            remedy="raise finetune.sft.max_length, or see the arm's report for what was dropped",
        )
    return {"n_truncated": truncated, "n_dropped": dropped}


def finetune(
    rows: pl.DataFrame, *, cfg: dict, model: str, folder: Path, where: str
) -> tuple[PreTrainedModel, dict]:
    """Train with checkpoints in `folder`; return the model and metrics."""
    data = examples(rows)
    tokenizer = load_tokenizer(model)
    block = cfg["sft"] | {"completion_only_loss": True}
    args = training.arguments(SFTConfig, block, folder=folder, seed=cfg["seed"])
    counts = count_clipped(data, tokenizer, max_length=args.max_length, where=where)
    job.log(f"{len(data)} examples, {counts}")
    student = models.load_merged(model)
    student.requires_grad_(True)  # merging a LoRA folder leaves its base frozen
    trainer = SFTTrainer(
        model=student,
        args=args,
        train_dataset=Dataset.from_list(data),
        processing_class=tokenizer,
    )
    processes.check(trainer, cfg["launch"], where="config key finetune.launch")
    history = training.fit(trainer, folder)
    student.config.use_cache = True  # TRL switches it off for training, and it would be saved
    metrics = {
        "n_examples": len(data),
        "steps": trainer.state.global_step,
        "final_loss": history[-1]["loss"] if history else None,  # logged less often than it ran
        "history": {key: [line[key] for line in history] for key in ("step", "loss")},
    }
    return student, metrics | counts


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
    model, metrics = finetune(rows, cfg=args.cfg, model=args.model, folder=folder, where=args.train)
    weights = processes.whole_weights(model)
    if processes.leave():
        with training.publishing(args.output) as output:
            model.save_pretrained(output, state_dict=weights)
            copy_tokenizer(args.model, output)
        kept.finish([args.output], made, metrics, args.output_metrics)
        shutil.rmtree(folder)
        loss = metrics["final_loss"]
        shown = "no loss logged" if loss is None else f"final loss {loss:.4f}"
        job.log(f"{shown} after {metrics['steps']} steps")


if __name__ == "__main__":
    main()
