"""A key-value cache with one row per running request and one slot per token of its own."""

from typing import Any

import torch
from transformers import Cache

from arte.engine.transformers.attention import Shared


class SlotCache(Cache):
    """Preallocated keys and values of `rows` requests with room for `slots` tokens each.

    A row holds its tokens beyond the prefix that it shares, from slot 0 on, so rows of any length
    run together. Before a forward pass, one of the `aim` methods says where its keys and values
    go, and what its queries see: `mask`, added to scores, and `shared` prefixes, if any. Per
    layer: (rows, 2, key-value heads, slots, head size).
    """

    def __init__(self, rows: int, slots: int, *, dtype: torch.dtype, device: torch.device) -> None:
        super().__init__(layers=[])
        self.rows, self.slots, self.dtype, self.device = rows, slots, dtype, device
        self.kv: list[torch.Tensor] = []
        self.computed: list[torch.Tensor] = []
        self.shared: Shared | None = None
        self._numbers = torch.arange(max(rows, slots), device=device)

    def aim_prefix(self, length: int) -> None:
        """The next pass computes a prefix, whose keys and values go to `computed`, not to rows."""
        self.computed, self.shared, self.mask = [], None, self._causal(length)
        self._target = None

    def aim_span(self, first: int, last: int, *, width: int, prefix: list[torch.Tensor]) -> None:
        """The next pass computes slots 0..width of rows first..last, which share `prefix`."""
        self._target, self.mask = (slice(first, last), slice(0, width)), self._causal(width)
        self._seen = (slice(first, last), width)
        rows = self._numbers[: last - first]
        self.shared = Shared(prefix, None, rows[None], rows, None) if prefix else None

    def aim_step(self, slot: torch.Tensor, *, used: int, shared: Shared | None) -> None:
        """The next pass computes one token in `slot` (n,) of rows 0..n, all below `used`."""
        self._target, self.shared = (self._numbers[: len(slot)], slot), shared
        self._seen = (slice(0, len(slot)), used)
        # `>`: a token sees its own slot, which `update` fills before attention reads it
        hidden = self._numbers[:used] > slot[:, None]
        self.mask = self._hide(hidden)[:, None, None]

    def update(
        self,
        key_states: torch.Tensor,
        value_states: torch.Tensor,
        layer_idx: int,
        *args: Any,  # noqa: ARG002 (what some models pass, for caches of other kinds)
        **kwargs: Any,  # noqa: ARG002
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Store new keys and values (n, heads, tokens, size); return those of the rows' own."""
        if self._target is None:
            self.computed.append(torch.stack([key_states, value_states], dim=1))
            return key_states, value_states
        if layer_idx == len(self.kv):
            heads, size = key_states.shape[1], key_states.shape[3]
            # zeros: a masked slot still meets a weight of 0, and 0 times NaN is NaN
            self.kv.append(key_states.new_zeros(self.rows, 2, heads, self.slots, size))
        kv = self.kv[layer_idx]
        rows, slots = self._target
        if isinstance(rows, slice):
            kv[rows, 0, :, slots] = key_states
            kv[rows, 1, :, slots] = value_states
        else:
            # one slot per row: two index arrays pair up, and their axis (n,) comes first
            kv[rows, 0, :, slots] = key_states[:, :, 0]
            kv[rows, 1, :, slots] = value_states[:, :, 0]
        rows, used = self._seen
        return kv[rows, 0, :, :used], kv[rows, 1, :, :used]

    def move(self, sources: list[int], targets: list[int], used: int) -> None:
        """Copy the first `used` slots of rows `sources` over rows `targets`."""
        for kv in self.kv:
            for source, target in zip(sources, targets, strict=True):
                kv[target, :, :, :used] = kv[source, :, :, :used]

    def _causal(self, length: int) -> torch.Tensor:
        hidden = torch.ones(length, length, dtype=torch.bool, device=self.device).triu(1)
        return self._hide(hidden)[None, None]

    def _hide(self, hidden: torch.Tensor) -> torch.Tensor:
        """A mask to add to scores: minus infinity where `hidden`, else 0."""
        zeros = torch.zeros(hidden.shape, dtype=self.dtype, device=self.device)
        return zeros.masked_fill_(hidden, -torch.inf)
