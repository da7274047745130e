"""The rows of a running batch: prefill, one decoding step for all, and what ends a row."""

from collections import deque

import numpy as np
import torch
from transformers import PreTrainedModel

from arte.engine.contract import Completion, Sampling
from arte.engine.prefix import Group, Request
from arte.engine.stops import Stops, decode
from arte.engine.transformers.prefix_store import NONE, Prefixes
from arte.engine.transformers.slot_cache import SlotCache

REFILL = 0.25
"""Share of rows that must be free before new prompts come in: they are prefilled together."""


class Batch:
    """Requests that are being completed: rows 0..n of the cache, always without a gap.

    A prompt's last token is not prefilled but fed to the first decoding step, so that every new
    token of every row comes out of the same pass.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        cache: SlotCache,
        *,
        sampling: Sampling,
        stops: Stops,
        eos: np.ndarray,
    ) -> None:
        self.model, self.cache, self.sampling, self.stops = model, cache, sampling, stops
        self.eos = eos
        self.may_end = eos | stops.may_end
        self.n = 0
        self.requests: list[Request] = []
        self.cached: list[int] = []
        # of each row: the position of its current token, and where its prefix ends
        self.position = np.zeros(cache.rows, dtype=np.int64)
        self.start = np.zeros(cache.rows, dtype=np.int64)
        self.current = np.zeros(cache.rows, dtype=np.int64)
        self.count = np.zeros(cache.rows, dtype=np.int64)
        self.tokens = np.zeros((cache.rows, sampling.max_tokens), dtype=np.int64)
        self.uniform = np.zeros((cache.rows, sampling.max_tokens if sampling.temperature else 0))
        self.prefix = np.zeros(cache.rows, dtype=np.int64)
        self.prefixes = Prefixes(model.dtype, model.device)

    @torch.inference_mode()
    def admit(self, queue: deque[Group]) -> None:
        """Prefill groups from the queue into all free rows, once enough rows are free."""
        if self.n and self.cache.rows - self.n < REFILL * self.cache.rows:
            return
        while queue and self.n < self.cache.rows:
            group = queue.popleft()
            free = self.cache.rows - self.n
            if len(group.requests) > free:
                queue.appendleft(Group(group.requests[free:], group.shared))
            self._prefill(group.requests[:free], group.shared)

    @torch.inference_mode()
    def step(self) -> list[tuple[int, Completion]]:
        """One token more for every row; returns the completions of rows that it ended."""
        n = self.n
        chosen = self._choose(self._next_logits())
        self.tokens[np.arange(n), self.count[:n]] = chosen
        self.count[:n] += 1
        self.position[:n] += 1
        self.current[:n] = chosen
        suspects = self.may_end[chosen] | (self.count[:n] == self.sampling.max_tokens)
        if not suspects.any():
            return []
        done = {row: self._completion(row) for row in np.flatnonzero(suspects).tolist()}
        done = {row: completion for row, completion in done.items() if completion is not None}
        finished = [(self.requests[row].index, completion) for row, completion in done.items()]
        self._remove(list(done))
        return finished

    def _prefill(self, requests: tuple[Request, ...], shared: int) -> None:
        """Give rows to requests of one group, longest first; compute all but their last token."""
        first, last = self.n, self.n + len(requests)
        self.n = last
        self.requests += requests
        self.cached += [shared] * len(requests)
        self.prefix[first:last] = self._prefix(requests[0].ids[:shared], first) if shared else NONE
        # the longest is first: if only its last token is beyond the prefix, so it is for all
        if len(requests[0].ids) - 1 > shared:
            rest = [request.ids[shared:-1] for request in requests]
            held = self.prefixes.kv[self.prefix[first]] if shared else []
            self.cache.aim_span(first, last, width=len(rest[0]), prefix=held)
            forward(self.model, self.cache, rest, shared)
        self.start[first:last] = shared
        self.position[first:last] = [len(request.ids) - 1 for request in requests]
        self.current[first:last] = [request.ids[-1] for request in requests]
        self.count[first:last] = 0
        if self.sampling.temperature:
            for row, request in enumerate(requests, start=first):
                draws = np.random.default_rng(request.seed).random(self.sampling.max_tokens)
                self.uniform[row] = draws

    def _prefix(self, ids: tuple[int, ...], first: int) -> int:
        """The number of a prefix; a new one is computed, at the cost of row `first`."""
        if ids not in self.prefixes.ids:
            self.cache.aim_prefix(len(ids))
            forward(self.model, self.cache, [ids], 0)
            self.prefixes.add(ids, self.cache.computed)
            self.cached[first] = 0
        return self.prefixes.ids.index(ids)

    def _next_logits(self) -> torch.Tensor:
        """Logits (n, vocabulary) in float32 after each row's current token."""
        n = self.n
        slot = self.position[:n] - self.start[:n]
        used = int(slot.max()) + 1  # this pass writes `slot` before it reads
        device = self.model.device
        shared = self.prefixes.shared_by(self.prefix[:n])
        self.cache.aim_step(torch.from_numpy(slot).to(device), used=used, shared=shared)
        # a copy: on the CPU it would share memory with this array, which `step` changes in place
        position = torch.from_numpy(self.position[:n, None]).to(device, copy=True)
        current = torch.from_numpy(self.current[:n, None])
        return logits(self.model, self.cache, current, position, keep=1)[:, -1].float()

    def _choose(self, logits: torch.Tensor) -> np.ndarray:
        """Token ids (n,): the likeliest, or by inverting the distribution at each row's own draw.

        A row's draws come from its seed alone, so what shares the batch doesn't change its text.
        """
        if not self.sampling.temperature:
            return logits.argmax(-1).cpu().numpy()
        scaled = logits.double() / self.sampling.temperature
        cumulative = scaled.softmax(-1).cumsum(-1)
        draws = self.uniform[np.arange(self.n), self.count[: self.n]]
        # scaled by the total: rounding may leave it below the draw
        target = torch.from_numpy(draws).to(logits.device)[:, None] * cumulative[:, -1:]
        return torch.searchsorted(cumulative, target, right=True)[:, 0].cpu().numpy()

    def _completion(self, row: int) -> Completion | None:
        """The completion of a row whose last token may end it; None if it goes on."""
        ids = self.tokens[row, : self.count[row]].tolist()
        if self.eos[ids[-1]]:
            text, reason = decode(self.stops.tokenizer, ids[:-1]), "eos"
        else:
            text, reason = self.stops.cut(ids), "stop"
        if text is None:
            if len(ids) < self.sampling.max_tokens:
                return None
            text, reason = decode(self.stops.tokenizer, ids), "length"
        n_prompt = len(self.requests[row].ids)
        return Completion(text, reason, n_prompt, self.cached[row], len(ids))

    def _remove(self, rows: list[int]) -> None:
        """Free rows by moving the last ones into their place."""
        left = self.n - len(rows)
        kept = sorted(set(range(left, self.n)) - set(rows))
        holes = [row for row in rows if row < left]
        # sources lie at `left` or above, targets below: no copy overwrites a row still to be moved
        if kept:
            self.cache.move(kept, holes, int((self.position - self.start)[kept].max()))
        for state in (
            self.position,
            self.start,
            self.current,
            self.count,
            self.tokens,
            self.uniform,
            self.prefix,
        ):
            state[holes] = state[kept]
        for source, target in zip(kept, holes, strict=True):
            self.requests[target] = self.requests[source]
            self.cached[target] = self.cached[source]
        del self.requests[left:], self.cached[left:]
        self.n = left
        self.prefix[:left] = self.prefixes.keep(self.prefix[:left])


def forward(
    model: PreTrainedModel, cache: SlotCache, ids: list[tuple[int, ...]], start: int, keep: int = 1
) -> torch.Tensor:
    """Compute keys and values of ids, longest first, to where the cache is aimed.

    They begin at position `start`. Returns logits (rows, keep, vocabulary) of the last `keep`
    positions. Shorter rows are padded on the right: what the padding leaves in the cache lies
    beyond the row's length, where it is masked until the row's own tokens overwrite it.
    """
    width = len(ids[0])
    padded = torch.zeros(len(ids), width, dtype=torch.long)
    for row, tokens in enumerate(ids):
        padded[row, : len(tokens)] = torch.tensor(tokens, dtype=torch.long)
    positions = torch.arange(start, start + width, device=model.device)
    return logits(model, cache, padded, positions[None], keep=keep)


def logits(
    model: PreTrainedModel,
    cache: SlotCache,
    ids: torch.Tensor,
    positions: torch.Tensor,
    *,
    keep: int,
) -> torch.Tensor:
    """Logits (rows, last `keep`, vocabulary) of padded token ids (rows, width) by the cache."""
    return model(
        input_ids=ids.to(model.device),
        position_ids=positions,
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=keep,
        slots=cache,
    ).logits
