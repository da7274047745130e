"""LoRA adapters: how two become one, and how one runs without loss.

The update that an adapter learned is often smaller than what its base's type can tell apart. Merged
into bfloat16 weights it is rounded away. Added to a bfloat16 output it is rounded away as well:
that output is a bfloat16 number already, and half its last place is more than the update. so the
update must be added before anything is rounded (`fuse`).
"""

import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

from arte.core.errors import ArteError
from arte.core.io import digest, read_json, write_json

if TYPE_CHECKING:
    from transformers import PreTrainedModel

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
FREE = {
    "auto_mapping",
    "base_model_name_or_path",
    "exclude_modules",
    "fan_in_fan_out",
    "inference_mode",
    "init_lora_weights",
    "layers_pattern",
    "layers_to_transform",
    "lora_alpha",
    "lora_dropout",
    "peft_version",
    "r",
    "revision",
    "target_modules",
    "task_type",
    "use_rslora",
}
"""Settings that a plain LoRA (B A times one scale, and nothing else) may have at any value."""
LINEAR = (".lora_A.weight", ".lora_B.weight")
"""How the names of a linear layer's factors end."""
SPARE_BITS = {torch.bfloat16: 16, torch.float16: 13}
"""Bits of a float32's fraction that a type lacks."""
RECAST = ("pissa", "olora", "corda", "loftq")
"""Initialisations that change the base's weights, so that the update is not B A."""


class OneProduct(nn.Module):
    """y = W x + b + s B (A x) as one product, [W, s B] [x, A x], which is rounded once.

    `base` is a linear layer, or a transposed one (GPT-2's Conv1D); A (r, in), B (out, r).
    """

    def __init__(self, base: nn.Module, a: torch.Tensor, b: torch.Tensor, *, flip: bool) -> None:
        super().__init__()
        weight = base.weight.T if flip else base.weight
        kind = {"dtype": weight.dtype, "device": weight.device}
        self.register_buffer("down", a.detach().to(**kind))
        self.register_buffer("both", torch.cat([weight.detach(), b.detach().to(**kind)], dim=1))
        self.bias = base.bias

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Outputs (…, out) of inputs (…, in)."""
        both = torch.cat([x, functional.linear(x, self.down)], dim=-1)
        return functional.linear(both, self.both, self.bias)


def fuse(model: "PreTrainedModel") -> "PreTrainedModel":
    """Make each plain LoRA layer of a loaded model one product; other kinds stay as PEFT has them.

    In place. The base's weights and rank columns more take the place of the base's weights.
    """
    from peft.tuners.lora import Linear

    for name, layer in list(model.named_modules()):
        if type(layer) is not Linear or not _is_plain(layer):
            continue
        [key] = layer.active_adapters
        b = layer.lora_B[key].weight * layer.scaling[key]
        base, a = layer.get_base_layer(), layer.lora_A[key].weight
        model.set_submodule(name, OneProduct(base, a, b, flip=layer.fan_in_fan_out))
    return model


def _is_plain(layer: nn.Module) -> bool:
    """Whether a LoRA layer of PEFT is its base and s B A, of weights that torch can concatenate."""
    keys = layer.active_adapters
    if len(keys) != 1 or layer.merged or keys[0] in layer.lora_variant:
        return False
    weight = layer.get_base_layer().weight
    return weight.is_floating_point() and layer.lora_B[keys[0]].bias is None


def join(adapter_dir: Path, first_dir: Path) -> None:
    """Make an adapter that was trained on top of the adapter in `first_dir` hold both.

    W + s₁ B₁ A₁ + s₂ B₂ A₂ is W + [s₁ B₁, s₂ B₂] [A₁; A₂]: exact, of rank r₁ + r₂. Merging the
    first into the base would round it. Raises ArteError where either is no plain LoRA.
    """
    from safetensors.torch import load_file, save_file

    both = (first_dir, adapter_dir)
    for folder in both:
        check_plain(folder, "training one on top of another")
    configs = [read_json(folder / CONFIG) for folder in both]
    parts = [load_file(folder / WEIGHTS) for folder in both]
    ranks, joined = [config["r"] for config in configs], {}
    for name in sorted({*parts[0], *parts[1]}):
        shown = next(part[name] for part in parts if name in part)
        axis = 0 if ".lora_A." in name else 1
        pieces = []
        for part, config in zip(parts, configs, strict=True):
            shape = list(shown.shape)
            shape[axis] = config["r"]
            piece = part[name] if name in part else torch.zeros(shape, dtype=shown.dtype)
            pieces.append(piece * scale(config) if axis else piece)
        joined[name] = torch.cat(pieces, dim=axis)
    save_file(joined, adapter_dir / WEIGHTS, metadata={"format": "pt"})
    targets = [config["target_modules"] for config in configs]
    configs[1]["target_modules"] = (
        targets[1] if targets[0] == targets[1] else sorted(_modules(joined))
    )
    joint = {"r": sum(ranks), "lora_alpha": sum(ranks), "use_rslora": False}
    write_json(configs[1] | joint, adapter_dir / CONFIG)


def scale(config: dict) -> float:
    """What a LoRA of this configuration multiplies B A by."""
    return config["lora_alpha"] / config["r"] ** (0.5 if config["use_rslora"] else 1)


def _modules(weights: dict[str, torch.Tensor]) -> set[str]:
    """Full names of the modules that adapter weights belong to."""
    prefix = "base_model.model."
    return {name.removeprefix(prefix).split(".lora_")[0] for name in weights}


def check_plain(adapter_dir: Path, purpose: str) -> None:
    """Raise ArteError where an adapter is more than s B A on some weights; `purpose` needs that."""
    from peft import LoraConfig
    from safetensors import safe_open

    config, default = read_json(adapter_dir / CONFIG), LoraConfig().to_dict()
    odd = {
        key: value
        for key, value in config.items()
        if key not in FREE and (value or None) != (default.get(key) or None)
    }
    start = str(config.get("init_lora_weights")).lower()
    if start.startswith(RECAST):
        odd["init_lora_weights"] = start
    with safe_open(adapter_dir / WEIGHTS, framework="pt") as weights:
        names = (name for name in weights.keys() if not name.endswith(LINEAR))  # noqa: SIM118
        odd |= dict.fromkeys(itertools.islice(names, 1), "not of a linear layer")
    if odd:
        raise ArteError(
            expected=f"a plain LoRA adapter, for {purpose}",
            found=", ".join(f"{key}: {value}" for key, value in odd.items()),
            where=str(adapter_dir),
            remedy="remove these keys from align.lora or finetune.lora and train anew, or set "
            "engine.backend to transformers and rounds to 1",
        )


class Update:
    """What the adapter in a folder adds to weights, which are found by their names in checkpoints.

    Raises ArteError for adapters that are no plain LoRA.
    """

    def __init__(self, adapter_dir: str | os.PathLike) -> None:
        from safetensors.torch import load_file

        folder = Path(adapter_dir)
        check_plain(folder, "adding it to its base's weights")
        config = read_json(folder / CONFIG)
        self.flip, self.scale = config["fan_in_fan_out"], scale(config)
        self.factors = load_file(folder / WEIGHTS)
        self.names = {f"{name}.weight" for name in _modules(self.factors)}

    def check_names(self, base: Path) -> None:
        """Raise ArteError where the base's files lack a weight that the adapter changes."""
        from safetensors import safe_open

        found: set[str] = set()
        for file in base.glob("*.safetensors"):
            with safe_open(file, framework="pt") as weights:
                found |= set(weights.keys())
        missing = sorted(self.names - found)
        if missing:
            raise ArteError(
                expected="adapted weights among those in the base's files",
                found=f"{len(missing)} that are not, first {missing[0]}",
                where=str(base),
                remedy="name other target_modules (align.lora, finetune.lora), or set "
                "engine.backend: transformers",
            )

    def added_to(self, name: str, weight: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
        """A weight: as it is, or if it has an update with that, in `dtype`, rounded at random."""
        if name not in self.names:
            return weight
        module = f"base_model.model.{name.removesuffix('.weight')}"
        a, b = (self.factors[f"{module}.lora_{x}.weight"].float() for x in "AB")
        delta = self.scale * (b @ a)
        return narrow(weight.float().cpu() + (delta.T if self.flip else delta), dtype, name)


def narrow(weight: torch.Tensor, dtype: torch.dtype, name: str) -> torch.Tensor:
    """A float32 weight on the CPU in `dtype`, rounded up or down at random: right on average.

    Rounded to the nearest, an update below half a last place vanishes from every weight. Rounded
    at random it moves as many weights as make up for it. The draws depend on `name` alone.
    """
    if dtype not in SPARE_BITS:
        return weight.to(dtype)
    spare = SPARE_BITS[dtype]
    bits = weight.contiguous().view(torch.int32)
    draws = torch.Generator().manual_seed(int(digest(["narrow", name], 8), 16))
    noise = torch.randint(0, 1 << spare, bits.shape, generator=draws, dtype=torch.int32)
    return ((bits + noise) & -(1 << spare)).view(torch.float32).to(dtype)


def load_served(model_dir: str | os.PathLike, dtype: str, backend: str) -> "PreTrainedModel":
    """A model with the weights, and the arithmetic of adapters, of an engine of this kind.

    transformers: each adapted layer is one product. vllm: the update is in the weights, rounded at
    random. openai: vLLM's own LoRA kernels, like PEFT, add the update to rounded outputs.
    """
    from arte.models.folder import base_of, load_causal_lm

    base = base_of(model_dir)
    if base is None or backend == "openai":
        return load_causal_lm(model_dir, dtype)
    if backend == "transformers":
        return fuse(load_causal_lm(model_dir, dtype))
    model, update = load_causal_lm(base, dtype), Update(model_dir)
    for name, parameter in model.named_parameters():
        parameter.data = update.added_to(name, parameter.data, parameter.dtype)
    return model
