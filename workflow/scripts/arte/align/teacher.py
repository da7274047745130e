"""Align the teacher with the student's preferences: DPO, of an adapter or not (§3.3, App. G)."""

import argparse
import json
import shutil
import statistics
from pathlib import Path
from typing import Any

import polars as pl
from accelerate.utils import patch_environment
from datasets import Dataset
from peft import LoraConfig, PeftModel
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from trl import DPOConfig, DPOTrainer

from arte.align import divergence
from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.models import folder as models
from arte.prefer.tables.pairs import PAIRS
from arte.training import checkpoints, processes
from arte.training import common as training

SEAM = {"rationale": ("", " "), "question": ("\n", "")}
"""What joins prompt and answer, as (end of prompt, start of answer), so that both tokenise apart.

A rationale follows its lead after a space; a question begins a new line, and the newline goes to
the prompt because byte-pair vocabularies merge it with the punctuation before it. It is common to
chosen and rejected, so it cancels in the DPO loss.
"""


def preferences(pairs: pl.DataFrame) -> list[dict[str, str]]:
    """PAIRS as TRL's {prompt, chosen, rejected}, in the table's order."""
    return [
        {
            "prompt": row["prompt"] + SEAM[row["kind"]][0],
            "chosen": SEAM[row["kind"]][1] + row["chosen"],
            "rejected": SEAM[row["kind"]][1] + row["rejected"],
        }
        for row in pairs.iter_rows(named=True)
    ]


def count_clipped(
    rows: list[dict], tokenizer: PreTrainedTokenizerBase, *, max_length: int | None, where: str
) -> dict[str, int]:
    """How many pairs lose tokens to `max_length`, and how many are dropped for their prompt."""
    prompts = [row["prompt"] for row in rows]
    both = zip(
        *(
            training.token_lengths(tokenizer, prompts, [row[key] for row in rows], where=where)
            for key in ("chosen", "rejected")
        ),
        strict=True,
    )
    truncated, dropped = training.clipped([max(pair) for pair in both], max_length)
    if dropped == len(rows):
        raise ArteError(
            expected="prompts shorter than align.dpo.max_length",
            found=f"{dropped} of {len(rows)} prompts fill it",
            where=where,
            remedy="raise align.dpo.max_length",
        )
    return {"n_truncated": truncated, "n_dropped": dropped}


def summary(history: list[dict], beta: float) -> dict:
    """What training did, from one dict per logging step.

    `moved` says whether the mean reward margin over the last quarter of the log is more than two
    standard errors above 0, its value at the start (audit item 24: a small learning rate with LoRA
    leaves the teacher as it was). Log ratios are of the sampled tokens, policy to reference.
    """
    margins = [line["rewards/margins"] for line in history]
    last = margins[-max(2, len(margins) // 4) :]
    error = statistics.stdev(last) / len(last) ** 0.5 if len(last) > 1 else None
    return {
        "final_loss": history[-1]["loss"] if history else None,  # logged less often than it ran
        "final_margin": statistics.fmean(last) if last else None,
        "final_margin_se": error,
        "moved": error is not None and statistics.fmean(last) > 2 * error,
        "final_log_ratio": {
            key: history[-1][f"rewards/{key}"] / beta if history else None
            for key in ("chosen", "rejected")
        },
        "history": {
            "step": [line["step"] for line in history],
            "loss": [line["loss"] for line in history],
            "margin": margins,
            "accuracy": [line["rewards/accuracies"] for line in history],
        },
    }


def warning(metrics: dict) -> str | None:
    """What to tell where the teacher did not move: it would be the original under another name."""
    if metrics["moved"]:
        return None
    margin, error, kl = (metrics[key] for key in ("final_margin", "final_margin_se", "kl"))
    if margin is None:
        return f"WARNING: no reward margin was logged; KL {kl:.2g} nats per token"
    noise = "from a single step" if error is None else f"with standard error {error:.2g}"
    return (
        f"WARNING: the teacher did not move: reward margin {margin:.2g} {noise} is within noise of "
        f"0 or below it; KL {kl:.2g} nats per token. Raise align.dpo.learning_rate (LoRA needs "
        "about ten times that of full weights) or align.dpo.num_train_epochs; audit item 24"
    )


def policy(model: str, cfg: dict) -> dict[str, Any]:
    """The models as DPOTrainer's arguments, by `cfg["mode"]`.

    lora: a float32 adapter on frozen weights of `cfg["dtype"]`, which without it are the reference.
    qlora: the same on frozen weights of 4 bits. full: all weights are trained, in float32, and a
    copy in `cfg["dtype"]` is the reference.
    """
    if cfg["mode"] == "full":
        trained = models.load_causal_lm(model, "float32").requires_grad_(True)
        # TRL 1.16 shards the reference as it finds it, and does not send it to processes that
        # loaded none to spare memory: their margins were off from the first step
        with patch_environment(fsdp_cpu_ram_efficient_loading="false"):
            return {"model": trained, "ref_model": models.load_causal_lm(model, cfg["dtype"])}
    training.check_keys(LoraConfig, cfg["lora"], reserved={"task_type"})
    quantised = cfg["mode"] == "qlora"
    base = models.load_4bit(model) if quantised else models.load_causal_lm(model, cfg["dtype"])
    return {"model": base, "peft_config": LoraConfig(task_type="CAUSAL_LM", **cfg["lora"])}


def write(
    model: PreTrainedModel | PeftModel, weights: dict | None, *, base: str, output: str
) -> None:
    """Write the aligned teacher: a whole model, or an adapter's folder.

    An adapter finds its base by a relative path, so that both can move. `weights` stand in for the
    model's own where those are spread over processes.
    """
    with training.publishing(output) as folder:
        if isinstance(model, PeftModel):
            model.save_pretrained(folder, state_dict=weights, save_embedding_layers=False)
            (folder / "README.md").unlink()  # PEFT's card holds the path of the base
            models.record_base(folder, base)
        else:
            model.config.use_cache = True  # TRL switches it off for training
            model.save_pretrained(folder, state_dict=weights)
            models.load_tokenizer(base).save_pretrained(folder)


def align(
    pairs: pl.DataFrame, *, cfg: dict, model: str, folder: Path, where: str
) -> tuple[PreTrainedModel | PeftModel, dict]:
    """Train with checkpoints in `folder`; return the aligned model and its metrics.

    Raises ArteError without pairs.
    """
    if not pairs.height:
        raise ArteError(
            expected="at least one preference pair",
            found="0 rows",
            where=where,
            remedy="see the pairs report: all ties? then raise elicit.questions or pairs.ties",
        )
    rows = preferences(pairs)
    tokenizer = models.load_tokenizer(model)
    args = training.arguments(DPOConfig, cfg["dpo"], folder=folder, seed=cfg["seed"])
    counts = count_clipped(rows, tokenizer, max_length=args.max_length, where=where)
    job.log(f"{len(rows)} pairs, {counts}")
    trainer = DPOTrainer(
        args=args,
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
        **policy(model, cfg),
    )
    processes.check(trainer, cfg["launch"], where="config key align.launch")
    history = training.fit(trainer, folder)
    kinds = dict(sorted(pairs["kind"].value_counts().iter_rows()))
    metrics = {"n_pairs": len(rows), "n_pairs_by_kind": kinds, "steps": trainer.state.global_step}
    metrics |= counts | summary(history, args.beta)
    return trainer.model, metrics | divergence.of_trainer(trainer, cfg["seed"])


@cli
def main() -> None:
    """Parse the command line and train; checkpoints go when the adapter is written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cfg", type=json.loads, required=True, help="block align, seed")
    parser.add_argument("--pairs", required=True)
    parser.add_argument("--model", required=True, help="the teacher")
    parser.add_argument("--output", required=True, help="folder of the aligned teacher")
    parser.add_argument("--metrics", required=True)
    parser.add_argument("--scratch", required=True, help="folder of checkpoints")
    args = parser.parse_args()
    training.quiet()
    folder = checkpoints.folder_of(args.scratch, cfg=args.cfg, data=args.pairs, model=args.model)
    pairs = io.read_table(args.pairs, PAIRS)
    model, metrics = align(pairs, cfg=args.cfg, model=args.model, folder=folder, where=args.pairs)
    weights = processes.whole_weights(model)
    if processes.leave():
        write(model, weights, base=args.model, output=args.output)
        io.write_json(metrics, args.metrics)
        shutil.rmtree(folder)
        margin, kl = metrics["final_margin"], metrics["kl"]
        job.log(warning(metrics) or f"the teacher moved: margin {margin:.4f}, KL {kl:.4f} nats")


if __name__ == "__main__":
    main()
