"""The transformers engine: shared prefixes computed once, rows refilled as others finish."""

import os
from collections import deque
from collections.abc import Callable, Iterator

import numpy as np
import torch
from transformers import PreTrainedModel

from arte.core import job
from arte.core.errors import ArteError
from arte.engine.contract import Asked, Completion, Likelihood, Sampling
from arte.engine.prefix import Group, Request, group_by_prefix, tokenize, tokenize_continued
from arte.engine.stops import Stops
from arte.engine.transformers.batch import Batch
from arte.engine.transformers.likelihood import likelihoods
from arte.engine.transformers.self_test import install
from arte.engine.transformers.slot_cache import SlotCache
from arte.models.adapter import load_served
from arte.models.tokenizer import load_tokenizer

SIMILAR = 0.6
"""Rows at least this share as long as the longest run together; the others wait their turn."""


class TransformersEngine:
    """A causal language model on one GPU if there is one, else on the CPU.

    Raises ArteError for models that the slot cache would run wrongly: by what they say of their
    layers (an attention window below `max_model_len`, recurrent layers), then by a test of two
    texts (`self_test`). Raises it, too, where `max_model_len` exceeds the model's own context.
    """

    def __init__(self, model_dir: str | os.PathLike, cfg: dict) -> None:
        self.tokenizer = load_tokenizer(model_dir)
        model = load_served(model_dir, cfg["dtype"], "transformers")
        where = os.fspath(model_dir)
        _check_context(model, where=where, max_model_len=cfg["max_model_len"])
        _check_attention(model, where=where, max_model_len=cfg["max_model_len"])
        self.model = model.to("cuda" if torch.cuda.is_available() else "cpu")
        install(self.model, where=where)
        self.max_model_len = cfg["max_model_len"]
        self.batch_tokens = cfg["batch_tokens"]
        self.vocab_size = max(model.config.get_text_config().vocab_size, len(self.tokenizer))
        self.eos = np.zeros(self.vocab_size, dtype=bool)
        self.eos[_eos_ids(model, self.tokenizer.eos_token_id, cfg.get("end"))] = True
        self._stops: dict[tuple[str, ...], Stops] = {}  # each costs seconds with a large vocabulary

    def generate(
        self, prompts: Asked, sampling: Sampling, seeds: list[int] | None = None
    ) -> Iterator[tuple[int, Completion]]:
        """See `arte.engine.contract.Engine.generate`."""
        requests = tokenize(
            prompts,
            self.tokenizer,
            sampling=sampling,
            max_model_len=self.max_model_len,
            seeds=seeds,
        )
        room = sampling.max_tokens
        yield from self._surviving(requests, lambda some: self._run(some, sampling), room)

    def likelihoods(self, prompts: Asked, continuations: Asked) -> Iterator[tuple[int, Likelihood]]:
        """See `arte.engine.contract.Engine.likelihoods`."""
        requests, empty = tokenize_continued(
            prompts, continuations, self.tokenizer, max_model_len=self.max_model_len
        )
        yield from empty
        yield from self._surviving(requests, self._rate, 0)

    def _rate(self, requests: list[Request]) -> Iterator[tuple[int, Likelihood]]:
        return likelihoods(
            self.model, requests, batch_tokens=self.batch_tokens, vocab_size=self.vocab_size
        )

    def _surviving(
        self, requests: list[Request], run: Callable[[list[Request]], Iterator], room: int
    ) -> Iterator:
        """What `run` yields for the requests, again with half the budget when memory runs out.

        `room` is what a request needs beyond its tokens.
        """
        waiting = {request.index: request for request in requests}
        while waiting:
            try:
                for index, found in run(list(waiting.values())):
                    del waiting[index]
                    yield index, found
            except torch.OutOfMemoryError:
                longest = max(len(request.ids) for request in waiting.values())
                if self.batch_tokens < 2 * (longest + room):
                    raise
                self.batch_tokens //= 2
                job.log(f"out of memory: batch_tokens is now {self.batch_tokens}")

    def _run(self, requests: list[Request], sampling: Sampling) -> Iterator[tuple[int, Completion]]:
        """Complete all requests, wave after wave."""
        if sampling.stop not in self._stops:
            self._stops[sampling.stop] = Stops(self.tokenizer, sampling.stop, self.vocab_size)
        stops = self._stops[sampling.stop]
        for groups in waves(group_by_prefix(requests), sampling.max_tokens):
            cache = self._cache(groups, sampling.max_tokens)
            batch = Batch(self.model, cache, sampling=sampling, stops=stops, eos=self.eos)
            queue = deque(groups)
            while queue or batch.n:
                batch.admit(queue)
                yield from batch.step()

    def _cache(self, groups: list[Group], max_tokens: int) -> SlotCache:
        """Room for as many rows, with their share of the prefixes, as the token budget allows."""
        slots = max(map(own, groups)) + max_tokens
        total = sum(len(group.requests) for group in groups)
        # prefixes are kept twice: one by one, and padded
        prefix = 2 * sum(group.shared for group in groups) // total
        rows = max(1, min(self.batch_tokens // (slots + prefix), total))
        return SlotCache(rows, slots, dtype=self.model.dtype, device=self.model.device)


def own(group: Group) -> int:
    """Most tokens that a prompt of the group has beyond its shared prefix."""
    return len(group.requests[0].ids) - group.shared


def waves(groups: list[Group], max_tokens: int) -> list[list[Group]]:
    """Groups in waves of rows of similar length, longest first: a long one widens few rows."""
    split: list[list[Group]] = []
    for group in sorted(groups, key=own, reverse=True):
        if not split or own(group) + max_tokens < SIMILAR * (own(split[-1][0]) + max_tokens):
            split.append([])
        split[-1].append(group)
    return split


def _eos_ids(model: PreTrainedModel, *more: int | None) -> list[int]:
    """All token ids that end a text: the model's (one or several) and `more`."""
    own = model.generation_config.eos_token_id
    ids = own if isinstance(own, list) else [own]
    return sorted({token for token in [*ids, *more] if token is not None})


def _check_context(model: PreTrainedModel, *, where: str, max_model_len: int) -> None:
    """Positions beyond those that a model was trained on raise an error, or write rubbish."""
    own = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    if own is not None and own < max_model_len:
        raise ArteError(
            expected=f"engine.max_model_len of at most {own}, the model's max_position_embeddings",
            found=str(max_model_len),
            where=where,
            remedy=f"set engine.max_model_len to {own} or less; prompts and max_tokens must fit",
        )


def _check_attention(model: PreTrainedModel, *, where: str, max_model_len: int) -> None:
    config = model.config.get_text_config().to_dict()
    layers = set(config.get("layer_types") or ["full_attention"])
    window = config.get("sliding_window") or max_model_len
    plain = layers <= {"full_attention", "sliding_attention"} and model.is_backend_compatible()
    if plain and window >= max_model_len:
        return
    raise ArteError(
        expected=f"a model in which a token attends to all of {max_model_len} tokens",
        found=f"{type(model).__name__}: layers {sorted(layers)}, attention window {window}",
        where=where,
        remedy="lower engine.max_model_len to the window, or use another engine.backend",
    )
