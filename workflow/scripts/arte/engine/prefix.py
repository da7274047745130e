"""Which prompts share a beginning, and hence are worth computing together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from transformers import PreTrainedTokenizerBase

from arte.core.errors import ArteError
from arte.engine.contract import Asked, Likelihood, Sampling, check_room

BLOCK = 8
"""Shared lengths are rounded down to whole blocks, which bounds the depth of the search."""
GROUP_COST = 64
"""What one more forward pass costs, in prompt tokens: a saving below it is not worth a group."""


@dataclass(frozen=True)
class Request:
    """One prompt as token ids, its place in the caller's list, and its seed if it is sampled.

    Where a continuation is given, `ids` hold it too, after `n_prompt` tokens.
    """

    index: int
    ids: tuple[int, ...]
    seed: int | None = None
    n_prompt: int = 0


@dataclass(frozen=True)
class Group:
    """Requests whose first `shared` tokens are equal; each has at least one token more."""

    requests: tuple[Request, ...]
    shared: int


def tokenize(
    prompts: Asked,
    tokenizer: PreTrainedTokenizerBase,
    *,
    sampling: Sampling,
    max_model_len: int,
    seeds: list[int] | None,
) -> list[Request]:
    """The prompts as requests; raise ArteError where one leaves no room for `max_tokens`."""
    if not prompts:
        return []
    encoded = _ids(prompts, tokenizer)
    check_room(
        prompts,
        [len(ids) for ids in encoded],
        sampling=sampling,
        max_model_len=max_model_len,
        where="prompts to complete",
    )
    drawn = [None] * len(prompts) if seeds is None else seeds
    return [
        Request(index, tuple(ids), seed)
        for index, (ids, seed) in enumerate(zip(encoded, drawn, strict=True))
    ]


def _ids(prompts: Asked, tokenizer: PreTrainedTokenizerBase) -> Sequence[Sequence[int]]:
    return tokenizer(list(prompts))["input_ids"] if isinstance(prompts[0], str) else prompts


def shared_length(head: Sequence[int], whole: Sequence[int]) -> int:
    """How many tokens two texts begin with in common: a token across a seam is not the prompt's."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(head, whole, strict=False))
    return sum(1 for _ in same)


def tokenize_continued(
    prompts: Asked,
    continuations: Asked,
    tokenizer: PreTrainedTokenizerBase,
    *,
    max_model_len: int,
) -> tuple[list[Request], list[tuple[int, Likelihood]]]:
    """Prompts with their continuations as requests, and (index, likelihood) of empty continuations.

    The joined text is tokenized, as in training; a token across the seam counts as continuation.
    Raises ArteError where prompt, continuation and one token more exceed `max_model_len`.
    """
    joined = [a + b for a, b in zip(prompts, continuations, strict=True)]
    requests, empty = [], []
    if not joined:
        return requests, empty
    encoded = zip(_ids(prompts, tokenizer), _ids(joined, tokenizer), strict=True)
    for index, (head, ids) in enumerate(encoded):
        n_prompt = shared_length(head, ids)
        if len(ids) >= max_model_len:
            raise ArteError(
                expected=f"prompt and continuation of less than {max_model_len} tokens",
                found=f"{len(ids)} tokens, of {joined[index][:60]!r}",
                where="texts whose likelihood is asked for",
                remedy="raise engine.max_model_len, or lower elicit.rationale_max_tokens",
            )
        if len(ids) == n_prompt:
            empty.append((index, Likelihood(0.0, 0, n_prompt, 0)))
        else:
            requests.append(Request(index, tuple(ids), n_prompt=n_prompt))
    return requests, empty


def likelihood(request: Request, logs: list[float | None], n_cached: int = 0) -> Likelihood:
    """The likelihood of a request's continuation, from the log-probability of all its tokens."""
    written = logs[request.n_prompt :]
    return Likelihood(math.fsum(written), len(written), request.n_prompt, n_cached)


def group_by_prefix(requests: list[Request]) -> list[Group]:
    """Split requests into groups such that the prompt tokens saved by sharing are the most.

    Sorted prompts form a trie; each of its nodes is either one group or split into its children,
    whichever saves more. Prompts within a group are ordered by length, longest first.
    """
    if not requests:
        return []
    ordered = sorted(requests, key=lambda request: request.ids)
    common = [_shared(a.ids, b.ids) for a, b in pairwise(ordered)]
    groups = []
    for start, end, shared in _best_split(common, 0, len(ordered))[1]:
        members = sorted(ordered[start:end], key=lambda request: -len(request.ids))
        groups.append(Group(tuple(members), shared))
    return groups


def _shared(a: tuple[int, ...], b: tuple[int, ...]) -> int:
    """Length of the common prefix in whole blocks, leaving each prompt a token of its own."""
    limit = min(len(a), len(b)) - 1
    length = 0
    while length + BLOCK <= limit and a[length : length + BLOCK] == b[length : length + BLOCK]:
        length += BLOCK
    return length


def _best_split(common: list[int], start: int, end: int) -> tuple[int, list[tuple[int, int, int]]]:
    """Tokens saved by the best grouping of prompts start..end, and its (start, end, shared).

    `common[i]` is what prompts i and i+1 share. Depth is at most prompt length / BLOCK.
    """
    if end - start == 1:
        return -GROUP_COST, [(start, end, 0)]
    shared = min(common[start : end - 1])
    whole = shared * (end - start - 1) - GROUP_COST
    cuts = [i + 1 for i in range(start, end - 1) if common[i] == shared]
    saved, parts = 0, []
    for left, right in zip([start, *cuts], [*cuts, end], strict=True):
        child_saved, child_parts = _best_split(common, left, right)
        saved += child_saved
        parts += child_parts
    if saved > whole:
        return saved, parts
    return whole, [(start, end, shared)]
