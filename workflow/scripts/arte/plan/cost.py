"""What a job costs: device time, memory of each GPU and of the host, disk.

Device time is core seconds on the CPU and seconds times GPUs asked for on GPUs. Rates are
config/throughput.yaml's; docs/plan.md derives the formulas. All functions are pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from arte.core.errors import ArteError
from arte.plan.commands import Planned
from arte.plan.shapes import ELSEWHERE, Model
from arte.plan.work import Training, Work

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
GB = 1e9
FLOPS_FORWARD = 2
"""Floating-point operations per parameter and token of a forward pass; a backward pass has twice
as many, or as many where weights are frozen (LoRA), for their gradients are not computed."""
ACTIVATION_BYTES = 34
"""Of a layer per token and hidden unit, 16 bit, without attention matrices (arXiv 2205.05198)."""
DISK_PER_TOKEN = 2 * 4.0
"""Bytes: about four characters, in the journal and in a table."""


@dataclass(frozen=True)
class Site:
    """The device of `plan.device`, and all that config/throughput.yaml assumes."""

    device: str
    assumed: dict

    def of(self, work: Work) -> dict:
        """The device that a job runs on: a CPU core where it asks for no GPU.

        Raises ArteError for a device that config/throughput.yaml lacks.
        """
        devices = self.assumed["devices"]
        if self.device not in devices:
            raise ArteError(
                expected=f"a device among {', '.join(devices)}",
                found=repr(self.device),
                where="config key plan.device",
                remedy="choose one, or add yours to config/throughput.yaml",
            )
        return devices[self.device] if work.gpus else devices["cpu"]

    def is_cpu(self, work: Work) -> bool:
        """Whether a job runs on CPU cores."""
        return self.of(work) is self.assumed["devices"]["cpu"]


def training_gpus(work: Work) -> int:
    """GPUs over which a training spreads its memory and work: one for each of its processes."""
    return min(work.processes, work.gpus)


def train_flops(training: Training) -> float:
    """Operations per parameter and token: forward, backward, recomputed and reference passes."""
    backward = 2 * FLOPS_FORWARD if training.rank is None else FLOPS_FORWARD
    recomputed = FLOPS_FORWARD if training.block.get("gradient_checkpointing") else 0
    reference = FLOPS_FORWARD if training.pairs else 0
    return FLOPS_FORWARD + backward + recomputed + reference


def cpu_seconds(work: Work, device: dict, start: float) -> float:
    """Core seconds: rates fall with the number of parameters, and hold for training at 6 flops."""
    scale = work.model.shape.parameters / device["parameters"]
    starts = work.processes * start
    if work.training:
        flops = train_flops(work.training)
        return work.prompt * scale * (flops / 6) / device["train"] + starts
    tokens = work.read / device["read"] + work.written / device["write"]
    return tokens * scale + starts


def gpu_seconds(work: Work, device: dict, gpu: dict) -> float:
    """Seconds of a job on its GPUs, from a roofline of compute and bandwidth.

    Shares and start of the device itself, where it has any, go before those of `gpu`.
    """
    gpu = gpu | device
    n = work.model.shape.parameters
    gpus = training_gpus(work) if work.training else work.gpus
    peak = device["tflops"] * 1e12 * gpus
    if work.training:
        start = gpu["start_s"] + 4 * n / GB / gpu["disk_gbs"]
        return train_flops(work.training) * n * work.prompt / (peak * gpu["train_share"]) + start
    width = BYTES[work.engine["dtype"]]
    start = gpu["start_s"] + width * n / GB / gpu["disk_gbs"]
    read = FLOPS_FORWARD * n * work.read / (peak * gpu["read_share"])
    if not work.written:
        return read + start
    rows = rows_at_once(work, room_bytes(work, device))
    context = (work.prompt + work.written / 2) / work.requests
    moved = width * n + rows * context * work.model.shape.kv_bytes(width)
    step = max(
        moved / (device["bandwidth_gbs"] * 1e9 * gpus * gpu["write_share"]),
        FLOPS_FORWARD * n * rows / (peak * gpu["read_share"]),
    )
    return read + work.written / rows * step + start


def device_seconds(work: Work, site: Site) -> float:
    """Core seconds on the CPU, else GPU seconds: time times the GPUs asked for."""
    device = site.of(work)
    if site.is_cpu(work):
        return cpu_seconds(work, device, site.assumed["cpu"]["start_s"])
    return gpu_seconds(work, device, site.assumed["gpu"]) * work.gpus


def room_bytes(work: Work, device: dict) -> float:
    """Bytes that an engine may use on all its GPUs; no limit is assumed of main memory."""
    if "memory_gb" not in device:
        return float("inf")
    share = work.engine.get("vllm", {}).get("gpu_memory_utilization", 1.0)
    return share * device["memory_gb"] * GB * work.gpus


def least_bytes(work: Work) -> float:
    """What an engine cannot do without: weights, and the cache of one longest sequence."""
    shape, width = work.model.shape, BYTES[work.engine["dtype"]]
    return width * shape.parameters + work.engine["max_model_len"] * shape.kv_bytes(width)


def rows_at_once(work: Work, room: float) -> float:
    """Sequences that an engine writes at the same time: as many as are allowed, asked and fit."""
    engine, shape = work.engine, work.model.shape
    width, mean = BYTES[engine["dtype"]], (work.prompt + work.written) / work.requests
    most = {
        "transformers": lambda: engine["batch_tokens"] / mean,
        "vllm": lambda: engine["vllm"]["max_num_seqs"],
        "openai": lambda: engine["openai"]["concurrency"],
    }[engine["backend"]]()
    fit = (room - width * shape.parameters) / (mean * shape.kv_bytes(width))
    return max(1.0, min(most, fit, work.requests))


def generation_bytes(work: Work, room: float) -> float:
    """Bytes on all GPUs of a job: weights, and the cache of the sequences that run at once."""
    shape, width = work.model.shape, BYTES[work.engine["dtype"]]
    mean = (work.prompt + work.written) / work.requests
    cached = rows_at_once(work, room) * mean * shape.kv_bytes(width)
    return max(least_bytes(work), width * shape.parameters + cached)


def training_bytes(work: Work, training: Training) -> dict[str, float]:
    """Bytes on each GPU at the longest sequence allowed: weights, optimizer, activations.

    Trained weights are float32 and have a gradient and two moments in float32 (of the nano models'
    Muon one, so an upper bound); frozen ones are of align.dtype or finetune.dtype, as is the
    reference of a teacher that is trained whole. Several processes have a share of weights and
    batch each.
    """
    block, shape = training.block, work.model.shape
    n, shards = shape.parameters, max(1, training_gpus(work))
    trained = n if training.rank is None else shape.lora_parameters(training.rank)
    adafactor = block.get("optim") == "adafactor"
    width = 1 if block.get("bf16") else 2  # times 16 bit
    layer = ACTIVATION_BYTES * shape.hidden * width
    if block.get("gradient_checkpointing"):
        kept = shape.layers * 2 * width * shape.hidden + layer
    else:
        kept = shape.layers * layer
    logits = 3 * 4 * shape.vocab  # float32: scores, their softmax, its gradient
    return {
        "weights": (4.0 * trained + training.frozen * n) / shards,
        "optimizer": (4.0 if adafactor else 12.0) * trained / shards,
        "activations": float(training.rows * training.length * (kept + logits)),
    }


def peak_gb(work: Work, site: Site) -> float:
    """Peak memory of each GPU (of the process, on the CPU) in GB, of 1e9 bytes."""
    if work.model.shape == ELSEWHERE:
        return 0.0
    if work.training:
        needed = sum(training_bytes(work, work.training).values())
    else:
        room = room_bytes(work, site.of(work))
        needed = generation_bytes(work, room) / max(1, work.gpus)
    return needed / GB + (site.assumed["gpu"]["overhead_gb"] if work.gpus else 0.0)


def least_gb(work: Work, site: Site) -> float:
    """Memory of each GPU in GB without which a job cannot run.

    An engine takes the share of memory that it is allowed, and makes do with less cache.
    """
    if work.training:
        return peak_gb(work, site)
    return least_bytes(work) / max(1, work.gpus) / GB + site.assumed["gpu"]["overhead_gb"]


def host_gb(work: Work) -> float:
    """GB of main memory that weights take while a job with GPUs loads them.

    An engine loads one copy. A training loads one per process, or one in all with FSDP's loading
    that spares memory.
    """
    n = work.model.shape.parameters
    if not work.training:
        if work.model.shape == ELSEWHERE:
            return 0.0
        return BYTES[work.engine["dtype"]] * n / GB
    whole = 4.0 * n if work.training.rank is None else 0.0
    copies = 1 if work.training.loads_once else work.processes
    return copies * (whole + work.training.frozen * n) / GB


def trained_parameters(work: Work) -> int:
    """Parameters that a training changes, which are what it writes, in float32."""
    rank = work.training.rank if work.training else None
    return work.model.shape.parameters if rank is None else work.model.shape.lora_parameters(rank)


def disk_gb(models: Iterable[Model], planned: list[Planned]) -> dict[str, float]:
    """GB that stay (models, students, texts) and that a training needs for its checkpoints."""
    whole = {model.name: model for model in models if not (model.adapter or model.linked)}.values()
    models = sum(model.shape.parameters * (4 if model.nano else 2) for model in whole)
    written, largest = 0.0, 0
    students = {True: 0, False: 0}  # parameters of those that stay, and of the others
    for one in planned:
        training = one.work.training
        written += one.work.written
        if training and training.block and not training.pairs:
            students[training.kept] += trained_parameters(one.work)
            largest = max(largest, trained_parameters(one.work))
    found = {"models": models, "students (float32)": 4.0 * students[True]}
    if students[False]:
        found["students until all is asked of them, at most"] = 4.0 * students[False]
    found["checkpoints of one training"] = 3.0 * largest * 12  # two kept, one being written
    found["texts"] = written * DISK_PER_TOKEN
    return {what: size / GB for what, size in found.items()}
