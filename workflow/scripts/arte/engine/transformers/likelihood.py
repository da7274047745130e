"""Likelihoods by transformers: one pass over each text, shared prefixes computed once."""

from collections.abc import Iterator

import torch
from transformers import PreTrainedModel

from arte.engine.contract import Likelihood
from arte.engine.prefix import Request, group_by_prefix
from arte.engine.transformers.batch import forward
from arte.engine.transformers.slot_cache import SlotCache

MAX_LOGITS = 2**27
"""Numbers of one pass's logits at most: half a gigabyte of float32."""


def likelihoods(
    model: PreTrainedModel, requests: list[Request], *, batch_tokens: int, vocab_size: int
) -> Iterator[tuple[int, Likelihood]]:
    """Yield (index, likelihood) of requests with a continuation each."""
    whole = {request.index: request for request in requests}
    # a prefix must leave the prompt's last token, whose logits are those of the first one written
    heads = [Request(request.index, request.ids[: request.n_prompt]) for request in requests]
    budget = min(batch_tokens, MAX_LOGITS // vocab_size)
    for group in group_by_prefix(heads):
        members = [whole[request.index] for request in group.requests]
        members.sort(key=lambda request: -len(request.ids))
        prefix = _prefix(model, members[0].ids[: group.shared])
        rows = max(1, (budget - group.shared) // (len(members[0].ids) - group.shared))
        for start in range(0, len(members), rows):
            some = members[start : start + rows]
            found = _pass(model, some, shared=group.shared, prefix=prefix)
            for row, (request, value) in enumerate(zip(some, found, strict=True), start=start):
                n_written, n_cached = len(request.ids) - request.n_prompt, group.shared * (row > 0)
                yield request.index, Likelihood(value, n_written, request.n_prompt, n_cached)


@torch.inference_mode()
def _prefix(model: PreTrainedModel, ids: tuple[int, ...]) -> list[torch.Tensor]:
    """Keys and values of a prefix per layer; nothing of one without tokens."""
    if not ids:
        return []
    cache = SlotCache(0, 0, dtype=model.dtype, device=model.device)
    cache.aim_prefix(len(ids))
    forward(model, cache, [ids], 0)
    return cache.computed


@torch.inference_mode()
def _pass(
    model: PreTrainedModel, requests: list[Request], *, shared: int, prefix: list[torch.Tensor]
) -> list[float]:
    """Log-probabilities (nats) of the continuations of requests, longest first."""
    ids = [request.ids[shared:-1] for request in requests]
    width = len(ids[0])
    cache = SlotCache(len(ids), width, dtype=model.dtype, device=model.device)
    cache.aim_span(0, len(ids), width=width, prefix=prefix)
    first = min(request.n_prompt for request in requests) - 1  # the first position that predicts
    logits = forward(model, cache, ids, shared, keep=shared + width - first)
    found = []
    for row, request in enumerate(requests):
        written = torch.tensor(request.ids[request.n_prompt :], device=model.device)
        start = request.n_prompt - 1 - first
        logs = logits[row, start : start + len(written)].float().log_softmax(-1)
        found.append(float(logs.gather(-1, written[:, None]).double().sum()))
    return found
