"""Going on where a model was stopped at an echo of its instruction (docs/answers.md).

Engines stop at the first answer tag. "I will put it between the tags <ans> and </ans>." holds one,
too, and no answer. Then the same model completes the text so far, on any backend, as a request of
its own: the journal knows each piece by what was asked for it.
"""

from collections.abc import Callable
from dataclasses import replace

from arte.core.job import derived_seed
from arte.core.parse import CLOSE, ends_in_echo
from arte.engine.contract import Completion, Sampling

MOST = 4
"""Echoes in one output after which it ends all the same."""
STEP = 16
"""Token budgets are rounded down to multiples, so that requests of about one length go together."""

Ask = Callable[[list[str], Sampling, list[int] | None], list[Completion]]
"""Prompts, sampling and seeds to completions in their order."""


def going_on(
    ask: Ask,
    prompts: list[str],
    sampling: Sampling,
    seeds: list[int] | None,
    *,
    room: Callable[[str], int],
) -> tuple[list[Completion], int]:
    """Completions of `prompts` that do not end in an echo, and how often a model had to go on.

    All pieces of an output share `sampling.max_tokens`; `room` says how many tokens the model's
    context leaves after a text.
    """
    found = ask(prompts, sampling, seeds)
    if CLOSE not in sampling.stop:
        return found, 0
    times = 0
    for again in range(MOST):
        waiting: dict[int, list[int]] = {}
        for index, completion in enumerate(found):
            if ends_in_echo(completion.text):
                left = sampling.max_tokens - completion.n_output_tokens
                left = min(left, room(prompts[index] + completion.text))
                waiting.setdefault(left - left % STEP or left, []).append(index)
        for left, indices in sorted(waiting.items()):
            if left < 1:
                continue
            texts = [prompts[index] + found[index].text for index in indices]
            drawn = seeds and [derived_seed(seeds[index], "echo", again) for index in indices]
            more = ask(texts, replace(sampling, max_tokens=left), drawn)
            for index, completion in zip(indices, more, strict=True):
                found[index] = joined(found[index], completion)
            times += len(indices)
    return found, times


def joined(first: Completion, second: Completion) -> Completion:
    """Two pieces of one output as one completion of the first's prompt."""
    return replace(
        first,
        text=first.text + second.text,
        finish_reason=second.finish_reason,
        n_output_tokens=first.n_output_tokens + second.n_output_tokens,
    )
