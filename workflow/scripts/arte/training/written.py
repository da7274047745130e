"""What a training writes, a whole model or an adapter, and whether that is what was trained."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from peft import LoraConfig, PeftModel
from transformers import PreTrainedModel

from arte.core.errors import ArteError
from arte.models import folder as models
from arte.models.tokenizer import copy_tokenizer
from arte.training import common as training


class Forward(Protocol):
    """A model: input_ids (1, tokens) to an object with logits (1, tokens, vocabulary)."""

    def __call__(self, input_ids: torch.Tensor) -> Any:
        """Run the model."""


@dataclass(frozen=True)
class Text:
    """Token ids (1, tokens) of a prompt of `head` tokens and a response."""

    ids: torch.Tensor
    head: int


Probe = tuple[Text, torch.Tensor]
"""A text, and what the trained model predicts for each token of its response (logits)."""


def kl(aligned: torch.Tensor, original: torch.Tensor) -> torch.Tensor:
    """KL(aligned || original) in nats of logits (..., vocabulary), computed in float32."""
    p, q = (logits.float().log_softmax(-1) for logits in (aligned, original))
    return (p.exp() * (p - q)).sum(-1)


@torch.no_grad()
def logits(model: Forward, text: Text) -> torch.Tensor:
    """What a model predicts for each token of the response: logits (response, vocabulary)."""
    device = getattr(model, "device", text.ids.device)
    return model(input_ids=text.ids.to(device)).logits[0, text.head - 1 : -1]


def probe(model: torch.nn.Module, text: Text) -> Probe:
    """What a model predicts when its training is over, to be compared with what was written."""
    return text, logits(model.eval(), text).float().cpu()


def lora(block: dict) -> LoraConfig:
    """The adapter that a config block describes by peft's own names.

    Raises ArteError for a name that peft does not know.
    """
    training.check_keys(LoraConfig, block, reserved={"task_type"})
    return LoraConfig(task_type="CAUSAL_LM", **block)


def frozen(model: str, dtype: str) -> PreTrainedModel:
    """The model under an adapter that is to be trained, in `dtype`.

    A model that is an adapter itself is merged in float32, for fewer digits would round it away.
    """
    if models.base_of(model) is not None:
        return models.load_merged(model)
    return models.load_causal_lm(model, dtype)


def write(
    model: PreTrainedModel | PeftModel, weights: dict | None, *, base: str, folder: Path
) -> None:
    """Write what was trained from `base`: a whole model, or an adapter's folder.

    An adapter finds its base by a relative path, so that both can move. `weights` stand in for the
    model's own where those are spread over processes.
    """
    if isinstance(model, PeftModel):
        model.save_pretrained(folder, state_dict=weights, save_embedding_layers=False)
        (folder / "README.md").unlink()  # PEFT's card holds the path of the base
        models.record_base(folder, base)
    else:
        model.config.use_cache = True  # TRL switches it off for training
        model.save_pretrained(folder, state_dict=weights, max_shard_size="1TB")
        copy_tokenizer(base, folder)


def check(folder: Path, probe: Probe, *, dtype: str, limit: float, block: str) -> None:
    """Raise ArteError where a written model, loaded in `dtype`, is not the one that was trained.

    `limit` is the KL in nats per token that rounding allows, `block` the config block to change.
    """
    text, trained = probe
    nats = kl(logits(models.load_causal_lm(folder, dtype), text), trained).mean().item()
    if not nats <= limit:
        raise ArteError(
            expected=f"the written model to predict what the trained one does (KL {limit:g})",
            found=f"KL {nats:.2g} nats per token when it is loaded again",
            where=str(folder),
            remedy=f"adapt linear layers only ({block}.target_modules: all-linear)",
        )


def rounding(dtype: str, arguments: dict) -> float:
    """KL (nats per token) between equal models, by the digits of weights and of the training."""
    return 1e-5 if dtype == "float32" and not arguments.get("bf16") else 2e-2
