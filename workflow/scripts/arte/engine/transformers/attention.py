"""Attention of rows that share prefixes: each prefix is read once for all of its rows."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from transformers import AttentionInterface

from arte.core.errors import ArteError

if TYPE_CHECKING:
    from arte.engine.transformers.slot_cache import SlotCache

NAME = "arte_slots"
HARMLESS = {
    "cache_position",
    "dropout",  # 0 in evaluation
    "is_causal",  # masks are the cache's
    "output_attentions",
    "output_router_logits",
    "position_ids",  # in keys and queries by now
    "return_dict",
    "sliding_window",  # not below engine.max_model_len: checked when the model is loaded
    "use_cache",
}
"""Arguments of other implementations that change nothing here."""


@dataclass(frozen=True)
class Shared:
    """Which rows of a pass attend to which prefixes.

    `kv` per layer: (prefixes, 2, key-value heads, tokens, size), padded; `mask` hides the padding.
    `grid` (prefixes, most rows of one) holds rows, padded with row 0; `place` (rows,) says where
    in the flat grid a row is; `lacking` (rows,) marks rows without prefix, None if all have one.
    """

    kv: list[torch.Tensor]
    mask: torch.Tensor | None
    grid: torch.Tensor
    place: torch.Tensor
    lacking: torch.Tensor | None


def attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,  # noqa: ARG001 (the cache knows better)
    *,
    slots: "SlotCache",
    scaling: float | None = None,
    softcap: float | None = None,
    **others: Any,
) -> tuple[torch.Tensor, None]:
    """What models call under NAME: `query` (rows, heads, tokens, size), keys from the cache.

    Heads that share keys become more queries of one head, so that no key is copied. Raises
    ArteError for an argument of unknown meaning: left out, it would change what is computed.
    """
    strange = sorted(name for name in others.keys() - HARMLESS if others[name] is not None)
    if strange:
        raise ArteError(
            expected="attention without further terms",
            found=f"{type(module).__name__} with {', '.join(strange)}",
            where="engine transformers",
            remedy="use engine.backend vllm",
        )
    rows, heads, tokens, size = query.shape
    folded = query.reshape(rows, key.shape[1], -1, size)
    mask = slots.mask
    if tokens > 1:
        # folded queries run head by head: the (tokens, keys) mask repeats for each head of a group
        mask = mask.repeat(1, 1, folded.shape[2] // tokens, 1)
    scale = size**-0.5 if scaling is None else scaling
    out, mass = partial(folded, key, value, mask=mask, scale=scale, softcap=softcap)
    if slots.shared is not None:
        kv = slots.shared.kv[module.layer_idx]
        out = _with_prefixes(folded, out, mass, kv, slots.shared, scale=scale, softcap=softcap)
    # contiguous, for some models take a view of it
    return out.view(rows, heads, tokens, size).transpose(1, 2).contiguous(), None


def partial(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    mask: torch.Tensor | None,
    scale: float,
    softcap: float | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Attention to some of the keys, and the log of its normalizer (rows, heads, queries).

    Two such parts combine to attention to the keys of both. `mask` is added to the scores.
    """
    if query.device.type == "cpu" and softcap is None:
        # the kernel behind scaled_dot_product_attention, which does not return the normalizer
        return torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
            query, key, value, 0.0, False, attn_mask=mask, scale=scale
        )
    scores = (query @ key.mT).float() * scale
    if softcap is not None:
        scores = (scores / softcap).tanh() * softcap
    if mask is not None:
        scores = scores + mask
    return scores.softmax(-1).to(value.dtype) @ value, scores.logsumexp(-1)


def _with_prefixes(
    query: torch.Tensor,
    own: torch.Tensor,
    own_mass: torch.Tensor,
    kv: torch.Tensor,
    shared: Shared,
    *,
    scale: float,
    softcap: float | None,
) -> torch.Tensor:
    """Attention to each row's prefix and own keys, from that to its own (rows, heads, q, size)."""
    prefixes, most = shared.grid.shape
    _, heads, queries, size = query.shape
    gathered = query[shared.grid].transpose(1, 2).reshape(prefixes, heads, most * queries, size)
    out, mass = partial(
        gathered, kv[:, 0], kv[:, 1], mask=shared.mask, scale=scale, softcap=softcap
    )
    # rows that pad the grid are row 0 again: computed, then left out by `place` or `lacking`
    out = out.view(prefixes, heads, most, queries, size).transpose(1, 2).flatten(0, 1)
    mass = mass.reshape(prefixes, heads, most, queries).transpose(1, 2).flatten(0, 1)
    out, mass = out[shared.place], mass[shared.place]
    if shared.lacking is not None:
        # a mass of minus infinity makes the prefix's weight below exactly 0
        mass = mass.masked_fill(shared.lacking[:, None, None], -torch.inf)
    # natural logs: the sigmoid of their difference is the prefix's share of exp(mass) + exp(own)
    return torch.lerp(own, out, torch.sigmoid(mass - own_mass)[..., None].to(own.dtype))


AttentionInterface.register(NAME, attend)
