"""Align the teacher with the student's preferences: DPO, of an adapter or not (§3.3, App. G)."""

import argparse
import shutil
import statistics
from functools import partial
from pathlib import Path
from typing import Any

from accelerate.utils import patch_environment
from datasets import Dataset
from peft import PeftModel
from transformers import PreTrainedModel
from trl import DPOConfig, DPOTrainer

from arte.align import divergence, preferences
from arte.core import io, job
from arte.core.errors import cli
from arte.models import folder as models
from arte.models.tokenizer import load_tokenizer
from arte.prefer.tables.pairs import PAIRS
from arte.training import checkpoints, kept, processes, written
from arte.training import common as training


class Trainer(DPOTrainer):
    """DPO on pairs that are token ids already: TRL tokenizes texts in its own way."""

    def _prepare_dataset(
        self, dataset: Dataset, _tokenizer: Any, args: DPOConfig, _name: str
    ) -> Dataset:
        if args.max_length is None or args.truncation_mode != "keep_start":
            return dataset
        return dataset.filter(lambda row: len(row["prompt_ids"]) < args.max_length)


def summary(history: list[dict], beta: float) -> dict:
    """What training did, from one dict per logging step.

    The margin is that of the last quarter of the log. Log ratios are of the sampled tokens, policy
    to reference.
    """
    margins = [line["rewards/margins"] for line in history]
    last = margins[-max(2, len(margins) // 4) :]
    error = statistics.stdev(last) / len(last) ** 0.5 if len(last) > 1 else None
    return {
        "final_loss": history[-1]["loss"] if history else None,  # logged less often than it ran
        "final_margin": statistics.fmean(last) if last else None,
        "final_margin_se": error,
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
    """What to say where the teacher did not move: it is the original under another name."""
    if metrics["moved"]:
        return None
    return (
        f"WARNING: the teacher did not move: KL {metrics['kl']:.2g} nats per token, less than "
        f"{divergence.MOVED:g}; reward margin {_shown(metrics['final_margin'])}. Its texts are the "
        "original's. Raise align.dpo.learning_rate (LoRA needs about ten times that of full "
        "weights) or align.dpo.num_train_epochs"
    )


def _shown(margin: float | None) -> str:
    """A reward margin; there is none where losses were logged less often than the training ran."""
    return "not logged" if margin is None else f"{margin:.4f}"


def policy(model: str, cfg: dict) -> dict[str, Any]:
    """The models as DPOTrainer's arguments, by `cfg["mode"]`.

    lora: a float32 adapter on frozen weights of `cfg["dtype"]`, which without it are the reference.
    qlora: the same on frozen weights of 4 bits. full: all weights are trained, in float32, and a
    copy in `cfg["dtype"]` is the reference. From the second round on the teacher is an adapter.
    """
    frozen = partial(written.frozen, model, cfg["dtype"])
    if cfg["mode"] == "full":
        trained = models.load_merged(model).requires_grad_(True)
        # TRL 1.16 shards the reference as it finds it, and does not send it to processes that
        # loaded none to spare memory: their margins were off from the first step
        with patch_environment(fsdp_cpu_ram_efficient_loading="false"):
            return {"model": trained, "ref_model": frozen()}
    base = models.load_4bit(model) if cfg["mode"] == "qlora" else frozen()
    return {"model": base, "peft_config": written.lora(cfg["lora"])}


def check_written(folder: Path, probe: written.Probe, cfg: dict) -> None:
    """Raise ArteError where the written teacher, loaded again, is another than the trained one."""
    dtype = {"full": "float32", "qlora": "bfloat16"}.get(cfg["mode"], cfg["dtype"])
    limit = 0.5 if cfg["mode"] == "qlora" else written.rounding(dtype, cfg["dpo"])
    written.check(folder, probe, dtype=dtype, limit=limit, block="align.lora")


def publish(
    model: PreTrainedModel | PeftModel,
    weights: dict | None,
    probe: written.Probe,
    *,
    cfg: dict,
    rows: list[preferences.Row],
    base: str,
    output: str,
) -> dict:
    """Write the aligned teacher, check the folder, and measure it as it will generate."""
    max_length = cfg["dpo"].get("max_length", DPOConfig.max_length)
    texts = divergence.sample(rows, max_length=max_length, seed=cfg["seed"])
    with training.publishing(output) as folder:
        written.write(model, weights, base=base, folder=folder)
        check_written(folder, probe, cfg)
        found = divergence.of_folders(folder, base, texts, engine=cfg["engine"])
        divergence.check(found, cfg["engine"])
    return found


def align(
    rows: list[preferences.Row], *, cfg: dict, model: str, folder: Path, where: str
) -> tuple[PreTrainedModel | PeftModel, written.Probe, dict]:
    """Train with checkpoints in `folder`; return the model, a probe of it and its metrics."""
    args = training.arguments(DPOConfig, cfg["dpo"], folder=folder, seed=cfg["seed"])
    counts = preferences.count_clipped(rows, max_length=args.max_length, where=where)
    job.log(f"{len(rows)} pairs, {counts}")
    trainer = Trainer(
        args=args,
        train_dataset=Dataset.from_list(rows),
        processing_class=load_tokenizer(model),
        **policy(model, cfg),
    )
    processes.check(trainer, cfg["launch"], where="config key align.launch")
    history = training.fit(trainer, folder)
    metrics = {"n_pairs": len(rows), "steps": trainer.state.global_step}
    text, _ = divergence.sample(rows, max_length=args.max_length, seed=cfg["seed"])[0]
    probe = written.probe(trainer.model, text)
    return trainer.model, probe, metrics | counts | summary(history, args.beta)


@cli
def main() -> None:
    """Parse the command line and train; checkpoints go when the adapter is written."""
    flags = ("--cfg", "--pairs", "--model", "--output", "--output-metrics", "--scratch")
    args = job.parse(__doc__, *flags)
    training.quiet()
    with checkpoints.held(args.scratch):
        run(args)


def run(args: argparse.Namespace) -> None:
    """Align, and write the adapter and its metrics from the main process."""
    pairs = io.read_table(args.pairs, PAIRS)
    base = models.read_fingerprint(args.model)
    made = kept.made_from("arte/align/teacher.py", args.cfg, pairs.to_dicts(), base)
    if kept.restored([args.output], made, args.output_metrics):
        return
    trained_by = {key: value for key, value in args.cfg.items() if key != "engine"}
    folder = checkpoints.folder_of(args.scratch, cfg=trained_by, data=args.pairs, model=args.model)
    rows = preferences.of_pairs(pairs, cfg=args.cfg, model=args.model, where=args.pairs)
    model, probe, metrics = align(
        rows, cfg=args.cfg, model=args.model, folder=folder, where=args.pairs
    )
    metrics["n_pairs_by_kind"] = dict(sorted(pairs["kind"].value_counts().iter_rows()))
    weights = processes.whole_weights(model)
    if processes.leave():
        metrics |= publish(
            model, weights, probe, cfg=args.cfg, rows=rows, base=args.model, output=args.output
        )
        kept.finish([args.output], made, metrics, args.output_metrics)
        shutil.rmtree(folder)
        margin, kl = _shown(metrics["final_margin"]), metrics["kl"]
        job.log(warning(metrics) or f"the teacher moved: margin {margin}, KL {kl:.4f} nats")


if __name__ == "__main__":
    main()
