"""What a plan's work costs: device time, memory of each GPU, disk.

Device time is core seconds on the CPU and seconds times GPUs asked for on GPUs. Rates are
config/throughput.yaml's; docs/plan.md derives the formulas. All functions are pure.
"""

from dataclasses import dataclass

from arte.core.errors import ArteError
from arte.plan.work import Work

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
class Shape:
    """A decoder's dimensions, as its config.json names them."""

    layers: int
    hidden: int
    ffn: int
    heads: int
    kv_heads: int
    head_dim: int
    vocab: int
    tied: bool
    gated: bool = True

    @property
    def projections(self) -> list[tuple[int, int]]:
        """(in, out) of a layer's linear maps: q, k, v, o, gate (where there is one), up, down."""
        q, kv = self.heads * self.head_dim, self.kv_heads * self.head_dim
        attention = [(self.hidden, q), (self.hidden, kv), (self.hidden, kv), (q, self.hidden)]
        inner = [(self.hidden, self.ffn)] * (2 if self.gated else 1)
        return [*attention, *inner, (self.ffn, self.hidden)]

    @property
    def parameters(self) -> int:
        """Weights, with two norms per layer and one at the end, without biases."""
        layer = sum(a * b for a, b in self.projections) + 2 * self.hidden
        embeddings = self.vocab * self.hidden * (1 if self.tied else 2)
        return self.layers * layer + embeddings + self.hidden

    def lora_parameters(self, r: int) -> int:
        """Weights of rank-`r` adapters on all linear maps of the layers."""
        return self.layers * sum(r * (a + b) for a, b in self.projections)

    def kv_bytes(self, width: int) -> int:
        """Bytes of keys and values per token, at `width` bytes per number."""
        return 2 * self.layers * self.kv_heads * self.head_dim * width


def shape_of(config: dict, name: str, shapes: dict) -> Shape:
    """A model's Shape; aligned_teacher has the teacher's. Raises ArteError for an unknown model."""
    model = config["models"][base_name(config, name)]
    if model["source"] == "nano":
        nano = config["nano"] | config["nano"]["unseen"].get(name, {})
        return Shape(
            layers=nano["num_hidden_layers"],
            hidden=nano["hidden_size"],
            ffn=3 * nano["hidden_size"],
            heads=nano["num_attention_heads"],
            kv_heads=nano["num_attention_heads"],
            head_dim=nano["hidden_size"] // nano["num_attention_heads"],
            vocab=nano["vocab_size"],
            tied=True,
            gated=nano["architecture"] != "gpt_neox",
        )
    if model["id"] not in shapes:
        raise ArteError(
            expected=f"the shape of every model, as for {', '.join(shapes)}",
            found=f"none of {model['id']}",
            where="config/throughput.yaml, block models",
            remedy="add it from the model's config.json",
        )
    return Shape(**shapes[model["id"]])


def base_name(config: dict, name: str) -> str:
    """The entry of `models` behind a name: that of the teacher for aligned_teacher."""
    return config["roles"]["teacher"] if name == "aligned_teacher" else name


def gpus_of(config: dict, name: str) -> int:
    """GPUs that a job with this model asks for; 0 for a nano model."""
    return config["models"][base_name(config, name)].get("gpus", 0)


FROZEN_BYTES = {"float32": 4.0, "bfloat16": 2.0, "float16": 2.0, "qlora": 0.5}
"""Bytes of a weight that is not trained, by align.dtype, or in four bits."""


def training_gpus(config: dict, name: str) -> int:
    """GPUs over which a training spreads its memory and work: one for each of its processes."""
    block = "align" if name == config["roles"]["teacher"] else "finetune"
    return min(config[block]["launch"]["num_processes"], gpus_of(config, name))


def train_flops(work: Work, block: dict) -> float:
    """Operations per parameter and token: forward, backward, recomputed and reference passes."""
    is_dpo = work.stage == "align_teacher"
    backward = FLOPS_FORWARD if is_dpo else 2 * FLOPS_FORWARD
    recomputed = FLOPS_FORWARD if block.get("gradient_checkpointing") else 0
    reference = FLOPS_FORWARD if is_dpo else 0
    return FLOPS_FORWARD + backward + recomputed + reference


def block_of(work: Work, config: dict) -> dict:
    """The arguments of a training: TRL's for DPO and fine-tuning, none for a nano model's own."""
    blocks = {
        "align_teacher": config["align"]["dpo"],
        "finetune_student": config["finetune"]["sft"],
    }
    return blocks.get(work.stage, {})


def cpu_seconds(work: Work, shape: Shape, device: dict, start: float, flops: float) -> float:
    """Core seconds: rates fall with the number of parameters, and hold for training at 6 flops."""
    scale = shape.parameters / device["parameters"]
    starts = work.jobs * work.processes * start
    if work.kind == "train":
        return work.prompt * scale * (flops / 6) / device["train"] + starts
    tokens = work.read / device["read"] + work.written / device["write"]
    return tokens * scale + starts


def gpu_seconds(
    work: Work, shape: Shape, device: dict, gpu: dict, *, config: dict, gpus: int, flops: float
) -> float:
    """Seconds of one job after another on `gpus` GPUs, from a roofline of compute and bandwidth."""
    n, peak = shape.parameters, device["tflops"] * 1e12 * gpus
    width = BYTES[config["engine"]["dtype"]]
    if work.kind == "train":
        starts = work.jobs * (gpu["start_s"] + 4 * n / GB / gpu["disk_gbs"])
        return flops * n * work.prompt / (peak * gpu["train_share"]) + starts
    starts = work.jobs * (gpu["start_s"] + width * n / GB / gpu["disk_gbs"])
    read = FLOPS_FORWARD * n * work.read / (peak * gpu["read_share"])
    if not work.written:
        return read + starts
    rows = rows_at_once(work, shape, config, room_bytes(config, device, gpus))
    context = (work.prompt + work.written / 2) / work.requests
    moved = width * n + rows * context * shape.kv_bytes(width)
    step = max(
        moved / (device["bandwidth_gbs"] * 1e9 * gpus * gpu["write_share"]),
        FLOPS_FORWARD * n * rows / (peak * gpu["read_share"]),
    )
    return read + work.written / rows * step + starts


def device_seconds(work: Work, config: dict, assumed: dict) -> float:
    """Core seconds of a nano model or on plan.device cpu, else GPU seconds (times GPUs asked)."""
    shape = shape_of(config, work.model, assumed["models"])
    block = block_of(work, config)
    flops = train_flops(work, block) if work.kind == "train" else 0.0
    device = device_of(config, work.model, assumed)
    if device is assumed["devices"]["cpu"]:
        return cpu_seconds(work, shape, device, assumed["cpu"]["start_s"], flops)
    asked = gpus_of(config, work.model)
    used = training_gpus(config, work.model) if work.kind == "train" else asked
    seconds = gpu_seconds(
        work, shape, device, assumed["gpu"], config=config, gpus=used, flops=flops
    )
    return seconds * asked


def device_of(config: dict, name: str, assumed: dict) -> dict:
    """The device that a model's jobs run on: a CPU core where they ask for no GPU."""
    devices, chosen = assumed["devices"], config["plan"]["device"]
    if chosen not in devices:
        raise ArteError(
            expected=f"a device among {', '.join(devices)}",
            found=repr(chosen),
            where="config key plan.device",
            remedy="choose one, or add yours to config/throughput.yaml",
        )
    return devices[chosen] if gpus_of(config, name) else devices["cpu"]


def room_bytes(config: dict, device: dict, gpus: int) -> float:
    """Bytes that an engine may use on all its GPUs; no limit is assumed of main memory."""
    share = config["engine"]["vllm"]["gpu_memory_utilization"]
    return share * device["memory_gb"] * GB * gpus if "memory_gb" in device else float("inf")


def least_bytes(shape: Shape, config: dict) -> float:
    """What an engine cannot do without: weights, and the cache of one longest sequence."""
    width = BYTES[config["engine"]["dtype"]]
    return width * shape.parameters + config["engine"]["max_model_len"] * shape.kv_bytes(width)


def rows_at_once(work: Work, shape: Shape, config: dict, room: float) -> float:
    """Sequences that an engine writes at the same time: as many as are allowed, asked and fit."""
    engine = config["engine"]
    width, mean = BYTES[engine["dtype"]], (work.prompt + work.written) / work.requests
    most = engine["vllm"]["max_num_seqs"]
    if engine["backend"] == "transformers":
        most = engine["batch_tokens"] / mean
    fit = (room - width * shape.parameters) / (mean * shape.kv_bytes(width))
    return max(1.0, min(most, fit, work.requests / work.jobs))


def generation_bytes(work: Work, shape: Shape, config: dict, room: float) -> float:
    """Bytes on all GPUs of a job: weights, and the cache of the sequences that run at once."""
    width, mean = BYTES[config["engine"]["dtype"]], (work.prompt + work.written) / work.requests
    cached = rows_at_once(work, shape, config, room) * mean * shape.kv_bytes(width)
    return max(least_bytes(shape, config), width * shape.parameters + cached)


def training_bytes(work: Work, shape: Shape, config: dict, gpus: int) -> dict[str, float]:
    """Bytes on each GPU at the longest sequence allowed: weights, optimiser, activations.

    Trained weights are float32 and have a gradient and two moments in float32 (of the nano models'
    Muon one, so an upper bound); frozen ones are of align.dtype, as is the reference of a teacher
    that is trained whole. Several processes have a share of weights and batch each.
    """
    block, is_dpo = block_of(work, config), work.stage == "align_teacher"
    n, shards = shape.parameters, max(1, gpus)
    adapter = is_dpo and config["align"]["mode"] != "full"
    trained = shape.lora_parameters(config["align"]["lora"]["r"]) if adapter else n
    frozen = FROZEN_BYTES[
        "qlora" if config["align"]["mode"] == "qlora" else config["align"]["dtype"]
    ]
    adafactor = block.get("optim") == "adafactor"
    if block:
        rows = block.get("per_device_train_batch_size", 1) * (2 if is_dpo else 1)
        tokens = rows * (block.get("max_length") or config["engine"]["max_model_len"])
    else:
        tokens = config["nano"]["batch_tokens"] / work.processes
    width = 1 if block.get("bf16") else 2  # times 16 bit
    layer = ACTIVATION_BYTES * shape.hidden * width
    if block.get("gradient_checkpointing"):
        kept = shape.layers * 2 * width * shape.hidden + layer
    else:
        kept = shape.layers * layer
    logits = 3 * 4 * shape.vocab  # float32: scores, their softmax, its gradient
    return {
        "weights": (4.0 * trained + (frozen * n if is_dpo else 0.0)) / shards,
        "optimiser": (4.0 if adafactor else 12.0) * trained / shards,
        "activations": float(tokens * (kept + logits)),
    }


def peak_gb(work: Work, config: dict, assumed: dict) -> float:
    """Peak memory of each GPU (of the process, on the CPU) in GB, of 1e9 bytes."""
    shape = shape_of(config, work.model, assumed["models"])
    asked = gpus_of(config, work.model)
    device = device_of(config, work.model, assumed)
    if work.kind == "train":
        needed = sum(
            training_bytes(work, shape, config, training_gpus(config, work.model)).values()
        )
    else:
        room = room_bytes(config, device, asked)
        needed = generation_bytes(work, shape, config, room) / max(1, asked)
    return needed / GB + (assumed["gpu"]["overhead_gb"] if asked else 0.0)


def least_gb(work: Work, config: dict, assumed: dict) -> float:
    """Memory of each GPU in GB without which a job cannot run.

    An engine takes the share of memory that it is allowed, and makes do with less cache.
    """
    if work.kind == "train":
        return peak_gb(work, config, assumed)
    shape = shape_of(config, work.model, assumed["models"])
    weights = least_bytes(shape, config) / max(1, gpus_of(config, work.model))
    return weights / GB + assumed["gpu"]["overhead_gb"]


def disk_gb(work: list[Work], config: dict, assumed: dict) -> dict[str, float]:
    """GB that stay (models, students, texts) and that a training needs for its checkpoints."""

    def parameters(name: str) -> int:
        return shape_of(config, name, assumed["models"]).parameters

    roles = config["roles"]
    used = {roles["teacher"], roles["student"], *roles["panel"], *roles["unseen"]}
    nano = {name for name in used if config["models"][name]["source"] == "nano"}
    students = {w.model: w.jobs for w in work if w.stage == "finetune_student"}
    largest = max(parameters(name) for name in {roles["student"], *roles["unseen"]})
    return {
        "models": sum(parameters(name) * (4 if name in nano else 2) for name in used) / GB,
        "students (float32)": sum(n * parameters(name) * 4 for name, n in students.items()) / GB,
        "checkpoints of one training": 3 * largest * 12 / GB,  # two kept, one being written
        "texts": sum(w.written for w in work) * DISK_PER_TOKEN / GB,
    }
