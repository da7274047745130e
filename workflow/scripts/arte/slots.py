"""A key-value cache with one row per running request and one slot per token position."""

from typing import Any

import torch
from transformers import Cache


class SlotCache(Cache):
    """Preallocated keys and values of `rows` requests with room for `slots` tokens each.

    A token at position p of a row lies in slot p, so rows of any length run together: the caller
    masks the slots beyond each row's length. Before a forward pass, `aim_span` or `aim_step` says
    where its keys and values go. Per layer: (rows, 2, key-value heads, slots, head size).
    """

    def __init__(self, rows: int, slots: int) -> None:
        super().__init__(layers=[])
        self.rows, self.slots = rows, slots
        self.kv: list[torch.Tensor] = []
        self.aim_span(0, 0, start=0, end=0)

    def aim_span(self, first: int, last: int, *, start: int, end: int) -> None:
        """The next pass computes positions start..end of rows first..last."""
        self._rows, self._span, self._positions = slice(first, last), (start, end), None

    def aim_step(self, positions: torch.Tensor, used: int) -> None:
        """The next pass computes one token at `positions` (n,) of rows 0..n, all below `used`."""
        self._rows, self._span, self._positions = slice(0, len(positions)), (0, used), positions
        self._index = torch.arange(len(positions), device=positions.device)

    def update(
        self,
        key_states: torch.Tensor,
        value_states: torch.Tensor,
        layer_idx: int,
        *args: Any,  # noqa: ARG002 (what some models pass, for caches of other kinds)
        **kwargs: Any,  # noqa: ARG002
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Store new keys and values (n, heads, tokens, size); return all that is attended to."""
        if layer_idx == len(self.kv):
            heads, size = key_states.shape[1], key_states.shape[3]
            # zeros: a masked slot still meets a weight of 0, and 0 times NaN is NaN
            self.kv.append(key_states.new_zeros(self.rows, 2, heads, self.slots, size))
        kv = self.kv[layer_idx]
        start, end = self._span
        if self._positions is None:
            kv[self._rows, 0, :, start:end] = key_states
            kv[self._rows, 1, :, start:end] = value_states
        else:
            kv[self._index, 0, :, self._positions] = key_states[:, :, 0]
            kv[self._index, 1, :, self._positions] = value_states[:, :, 0]
        seen = kv[self._rows, :, :, :end]
        return seen[:, 0], seen[:, 1]

    def read_prefix(self, row: int, length: int) -> list[torch.Tensor]:
        """A copy of the first `length` tokens of one row, per layer."""
        return [kv[row, :, :, :length].clone() for kv in self.kv]

    def write_prefix(self, prefix: list[torch.Tensor], first: int, last: int) -> None:
        """Begin rows first..last with tokens from `read_prefix`."""
        for kv, part in zip(self.kv, prefix, strict=True):
            kv[first:last, :, :, : part.shape[2]] = part

    def move(self, sources: list[int], targets: list[int], used: int) -> None:
        """Copy the first `used` tokens of rows `sources` over rows `targets`."""
        for kv in self.kv:
            for source, target in zip(sources, targets, strict=True):
                kv[target, :, :, :used] = kv[source, :, :, :used]
