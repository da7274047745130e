"""Going on where a model was stopped before it answered (docs/answers.md).

Engines stop at the first answer tag. "I will put it between the tags <ans> and </ans>." holds one,
too, and no answer; so may reasoning. Then the same model completes the text so far, on any backend,
as a request of its own: the journal knows each piece by what was asked for it.
"""

from collections.abc import Callable
from dataclasses import replace

from arte.core.job import derived_seed
from arte.core.parse import CLOSE, THINK, THOUGHT, ends_in_echo, in_reasoning
from arte.core.prompts import Prompt
from arte.engine.contract import STOPPED, Completion, Sampling

MOST = 4
"""Echoes in one output after which it ends all the same."""
MOST_IN_REASONING = 32
"""The same of stops within reasoning."""
STEP = 16
"""Token budgets are rounded down to multiples, so that requests of about one length go together."""

Ask = Callable[[list[Prompt], Sampling, list[int] | None], list[Completion]]
"""Prompts, sampling and seeds to completions in their order."""


def going_on(
    ask: Ask,
    prompts: list[Prompt],
    sampling: Sampling,
    seeds: list[int] | None,
    *,
    shown: Callable[[Prompt], str],
    room: Callable[[Prompt], int],
) -> tuple[list[Completion], int]:
    """Completions of `prompts` that do not end in an echo, and how often a model had to go on.

    All pieces of an output share `sampling.max_tokens`; `room` says how many tokens the model's
    context leaves after a prompt, `shown` what the model is shown of it.
    """
    found = ask(prompts, sampling, seeds)
    if CLOSE not in sampling.stop:
        return found, 0
    times = 0
    for again in range(MOST_IN_REASONING):
        waiting: dict[int, list[int]] = {}
        for index, completion in enumerate(found):
            if _goes_on(completion, again, lambda index=index: shown(prompts[index])):
                left = sampling.max_tokens - completion.n_output_tokens
                left = min(left, room(prompts[index].followed_by(completion.text)))
                waiting.setdefault(left - left % STEP or left, []).append(index)
        for left, indices in sorted(waiting.items()):
            if left < 1:
                continue
            texts = [prompts[index].followed_by(found[index].text) for index in indices]
            drawn = seeds and [derived_seed(seeds[index], "echo", again) for index in indices]
            more = ask(texts, replace(sampling, max_tokens=left), drawn)
            for index, completion in zip(indices, more, strict=True):
                found[index] = joined(found[index], completion)
            times += len(indices)
    return found, times


def _goes_on(completion: Completion, again: int, shown: Callable[[], str]) -> bool:
    """Whether a completion ended in an echo, or by a stop string within reasoning."""
    if again < MOST and ends_in_echo(completion.text):
        return True
    if completion.finish_reason != STOPPED:
        return False
    text = completion.text
    # a template may open the reasoning itself
    return in_reasoning(text if THOUGHT in text or THINK in text else shown()[-len(THINK) - 1 :])


def joined(first: Completion, second: Completion) -> Completion:
    """Two pieces of one output as one completion of the first's prompt."""
    return replace(
        first,
        text=first.text + second.text,
        finish_reason=second.finish_reason,
        n_output_tokens=first.n_output_tokens + second.n_output_tokens,
    )
