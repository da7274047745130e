"""The prefixes that running rows share: computed once, kept while a row needs them."""

import numpy as np
import torch

from arte.engine.transformers.attention import Shared

NONE = -1
"""The prefix of a row that has none."""


class Prefixes:
    """Keys and values of prefixes by number: of each, per layer, (1, 2, heads, tokens, size)."""

    def __init__(self, dtype: torch.dtype, device: torch.device) -> None:
        self.dtype, self.device = dtype, device
        self.ids: list[tuple[int, ...]] = []
        self.kv: list[list[torch.Tensor]] = []
        self._stacked: tuple[list[torch.Tensor], torch.Tensor | None] | None = None
        self._rows = np.empty(0, dtype=np.int64)
        self._shared: Shared | None = None

    def add(self, ids: tuple[int, ...], kv: list[torch.Tensor]) -> None:
        """Keep a computed prefix under the next number."""
        self.ids.append(ids)
        self.kv.append(kv)
        self._stacked = None

    def keep(self, rows: np.ndarray) -> np.ndarray:
        """Drop prefixes that no row has, but for the newest, for which more rows may wait.

        `rows` is the prefix of each row; returns the same in the new numbers.
        """
        # NONE is -1: left in, it would index the last prefix, and shift the new numbers
        kept = sorted({*rows.tolist(), len(self.ids) - 1} - {NONE})
        if len(kept) == len(self.ids):
            return rows
        self.ids = [self.ids[number] for number in kept]
        self.kv = [self.kv[number] for number in kept]
        self._stacked, self._rows = None, np.empty(0, dtype=np.int64)
        return np.where(rows == NONE, NONE, np.searchsorted(kept, rows))

    def shared_by(self, rows: np.ndarray) -> Shared | None:
        """What the rows with these prefixes share; None if no row has one."""
        if not np.array_equal(rows, self._rows):
            # a copy: `rows` is a view of the batch's array, which changes in place
            self._rows = rows.copy()
            self._shared = None if (rows == NONE).all() else self._share(rows)
        return self._shared

    def _share(self, rows: np.ndarray) -> Shared:
        members = [np.flatnonzero(rows == number) for number in range(len(self.ids))]
        most = max(len(some) for some in members)
        grid = np.zeros((len(members), most), dtype=np.int64)
        place = np.zeros(len(rows), dtype=np.int64)
        for number, some in enumerate(members):
            grid[number, : len(some)] = some
            place[some] = number * most + np.arange(len(some))
        lacking = torch.from_numpy(rows == NONE).to(self.device)
        kv, mask = self._stack()
        return Shared(
            kv,
            mask,
            torch.from_numpy(grid).to(self.device),
            torch.from_numpy(place).to(self.device),
            lacking if lacking.any() else None,
        )

    def _stack(self) -> tuple[list[torch.Tensor], torch.Tensor | None]:
        """All prefixes per layer, padded to one length, and the mask that hides the padding."""
        if self._stacked is None:
            layers = [self._padded(list(layer)) for layer in zip(*self.kv, strict=True)]
            self._stacked = layers, self._mask()
        return self._stacked

    def _padded(self, parts: list[torch.Tensor]) -> torch.Tensor:
        longest = max(part.shape[3] for part in parts)
        _, two, heads, _, size = parts[0].shape
        padded = parts[0].new_zeros(len(parts), two, heads, longest, size)
        for number, part in enumerate(parts):
            padded[number, :, :, : part.shape[3]] = part[0]
        return padded

    def _mask(self) -> torch.Tensor | None:
        lengths = [len(ids) for ids in self.ids]
        if min(lengths) == max(lengths):
            return None
        mask = torch.zeros(len(lengths), 1, 1, max(lengths), dtype=self.dtype, device=self.device)
        for number, length in enumerate(lengths):
            mask[number, ..., length:] = -torch.inf
        return mask
