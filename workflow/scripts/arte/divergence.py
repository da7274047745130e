"""How far training moved a teacher: KL divergence over the whole vocabulary on given texts."""

import statistics
from collections.abc import Callable, Iterable, Mapping

import torch

Forward = Callable[..., torch.Tensor]
"""Logits (rows, length, vocabulary) of input_ids and attention_mask."""


def kl(aligned: torch.Tensor, original: torch.Tensor) -> torch.Tensor:
    """KL(aligned || original) in nats of logits (..., vocabulary), computed in float32."""
    p, q = (logits.float().log_softmax(-1) for logits in (aligned, original))
    return (p.exp() * (p - q)).sum(-1)


@torch.no_grad()
def of_pairs(
    batches: Iterable[Mapping[str, torch.Tensor]], aligned: Forward, original: Forward
) -> list[float]:
    """Each pair's mean KL per response token, both responses together, in the batches' order.

    A batch is what TRL's collator makes: first all chosen responses, then all rejected ones, and a
    completion_mask. A position's logits belong to the token that follows it.
    """
    values = []
    for batch in batches:
        inputs = {key: batch[key] for key in ("input_ids", "attention_mask")}
        responses = batch["completion_mask"][:, 1:].bool()
        p, q = (forward(**inputs)[:, :-1][responses] for forward in (aligned, original))
        nats = torch.zeros(responses.shape, device=p.device).masked_scatter(responses, kl(p, q))
        total, tokens = (x.sum(1).view(2, -1).sum(0) for x in (nats, responses))
        values += (total / tokens).tolist()
    return values


def summary(values: list[float]) -> dict:
    """Mean over pairs and its standard error, which one pair does not give."""
    error = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else None
    return {"kl": statistics.fmean(values), "kl_se": error, "kl_pairs": len(values)}
