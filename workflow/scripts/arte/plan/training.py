"""Jobs that make models: their shape, and the work of training them.

Each function takes a job and what is known before it; it adds the models that the job makes and
returns its work, or None for a download.
"""

from dataclasses import replace
from pathlib import Path
from statistics import fmean

from arte.plan.jobs import Job
from arte.plan.known import Known, Rows
from arte.plan.shapes import ELSEWHERE, Model, folder_shape, gguf_shape, hub_shape, nano_shape
from arte.plan.work import Training, Work

MAX_LENGTH = 1024
"""TRL's default of `max_length`."""

RANK = 8
"""peft's default of `r`."""

FROZEN_BYTES = {"float32": 4.0, "bfloat16": 2.0, "float16": 2.0, "qlora": 0.5}
"""Bytes of a weight that is not trained, by its type, or in four bits."""

WEIGHTS = ".safetensors"
"""A training declares its weights as an output where they are deleted after their last use."""


def fetch_model(job: Job, known: Known) -> None:
    """A hub model; its shape is looked up."""
    folder = Path(job.file("output"))
    shape = hub_shape(job.cfg["id"], known.assumed["models"])
    ratio = known.assumed["lengths"]["chars_per_token"]["hub"]
    known.models[str(folder)] = Model(folder.name, shape, ratio)


def link_model(job: Job, known: Known) -> None:
    """A model that lies on disk; its own config.json has its shape."""
    folder = Path(job.file("output"))
    ratio = known.assumed["lengths"]["chars_per_token"]["hub"]
    known.models[str(folder)] = Model(folder.name, folder_shape(job.cfg["path"]), ratio)


def dequantize_model(job: Job, known: Known) -> None:
    """A GGUF file; its header has the shape. A second model of one file is taken to be links."""
    folder = Path(job.file("output"))
    ratio = known.assumed["lengths"]["chars_per_token"]["hub"]
    shape, linked = gguf_shape(job.cfg["path"]), bool(job.files("like"))
    known.models[str(folder)] = Model(folder.name, shape, ratio, linked=linked)


def name_endpoint(job: Job, known: Known) -> None:
    """A model of a server: its requests and tokens count, its time and memory are the server's."""
    folder = Path(job.file("output"))
    ratio = known.assumed["lengths"]["chars_per_token"]["hub"]
    known.models[str(folder)] = Model(folder.name, ELSEWHERE, ratio)


def train_nano(job: Job, known: Known) -> Work:
    """A nano model's training from scratch, on whole batches of whole sequences.

    A student's or an unseen student's shape is its own, a teacher's that of the student.
    """
    cfg, (kind,) = job.cfg, job.words
    if kind == "teacher":
        model = known.model(job.file("student"))
    else:
        ratio = known.assumed["lengths"]["chars_per_token"]["nano"]
        model = Model("", nano_shape(cfg), ratio, nano=True)
    for folder in job.files("output") + job.options.get("output-panel", []):
        known.models[folder] = replace(model, name=Path(folder).name)
    per_step = cfg["batch_tokens"] // cfg["context"] * cfg["context"]
    tokens = cfg["tokens"] if kind == "unseen" else cfg[f"{kind}_tokens"]
    steps, processes = max(1, tokens // per_step), cfg["processes"]
    batch = Training(
        {}, rows=cfg["batch_tokens"] / cfg["context"] / processes, length=cfg["context"]
    )
    made = known.model(job.file("output"))
    work = Work(made, job.gpus, training=batch, processes=processes)
    work.steps, work.prompt = steps, float(steps * per_step)
    return work


def padded(kinds: list[Rows], batch: int) -> float:
    """Mean length of a sequence after padding to the longest of its batch.

    All rows of one kind are taken to be as long as their mean.
    """
    total, shorter, rows = 0.0, 0.0, sum(kind.count for kind in kinds)
    for kind in sorted(kinds, key=lambda kind: kind.chars):
        share = kind.count / rows
        longest = (shorter + share) ** batch - shorter**batch  # chance that none is longer
        total += longest * kind.chars
        shorter += share
    return total


def _loads_once(launch: dict) -> bool:
    """Whether one process loads weights and hands them to the others."""
    return bool(launch["fsdp"].get("fsdp_cpu_ram_efficient_loading"))


def align(job: Job, known: Known) -> Work:
    """DPO on all pairs; the aligned teacher has the teacher's shape (§3.3)."""
    cfg, kinds = job.cfg, known.kinds(job.file("pairs"))
    model, folder, dpo = known.model(job.file("model")), job.file("output"), cfg["dpo"]
    adapter = cfg["mode"] != "full"
    known.models[folder] = replace(model, name=Path(folder).name, adapter=adapter)
    training = Training(
        dpo,
        rows=2 * dpo["per_device_train_batch_size"],
        length=dpo.get("max_length") or MAX_LENGTH,
        pairs=True,
        rank=cfg["lora"].get("r", RANK) if adapter else None,
        frozen=FROZEN_BYTES["qlora" if cfg["mode"] == "qlora" else cfg["dtype"]],
        loads_once=_loads_once(cfg["launch"]),
    )
    work = Work(model, job.gpus, training=training, processes=cfg["launch"]["num_processes"])
    pairs = sum(kind.count for kind in kinds)
    chats = cfg.get("chat", {})
    kinds = [
        kind._replace(chars=kind.chars + sum(known.template(chats.get(kind.kind), model)))
        for kind in kinds
    ]
    work.learn(pairs, 2 * padded(kinds, dpo["per_device_train_batch_size"]), dpo)
    return work


def finetune(job: Job, known: Known) -> Work:
    """A student on one training set; it has the shape and the name of the one before (§4.1)."""
    kinds, model = known.kinds(job.file("train")), known.model(job.file("model"))
    cfg, sft, adapter = job.cfg, job.cfg["sft"], "lora" in job.cfg
    known.models[job.file("output")] = replace(model, adapter=adapter)
    training = Training(
        sft,
        rows=sft["per_device_train_batch_size"],
        length=sft.get("max_length") or MAX_LENGTH,
        rank=cfg["lora"].get("r", RANK) if adapter else None,
        frozen=FROZEN_BYTES[cfg["dtype"]] if adapter else 0.0,
        loads_once=_loads_once(cfg["launch"]),
        kept=not any(path.endswith(WEIGHTS) for path in job.outputs),
    )
    processes = cfg["launch"]["num_processes"]
    work = Work(model, job.gpus, training=training, processes=processes)
    examples = sum(kind.count for kind in kinds)
    chars = fmean([kind.chars for kind in kinds], [kind.count for kind in kinds])
    work.learn(examples, chars + sum(known.template(cfg.get("chat"), model)), sft)
    return work
