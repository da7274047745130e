"""What every generation engine takes and gives."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

STOP = ("</ans>", "\nQuestion:")
"""An answer is complete after its tag; a base model that goes on writes a new question."""


LENGTH = "length"
"""The finish reason of a completion that `max_tokens` cut off."""


@dataclass(frozen=True)
class Sampling:
    """How to generate: greedy at temperature 0, until a stop string, which is kept in the text."""

    max_tokens: int
    temperature: float = 0.0
    stop: tuple[str, ...] = STOP


@dataclass(frozen=True)
class Completion:
    """What a model wrote after one prompt, and why it ended: stop, eos, length or too_long.

    `n_cached_tokens` of the prompt's tokens were not computed for it but shared with another.
    `n_output_tokens` counts the end-of-text token, which `text` does not show. `too_long` prompts
    were never run: their text is empty.
    """

    text: str
    finish_reason: str
    n_prompt_tokens: int
    n_cached_tokens: int
    n_output_tokens: int


@dataclass(frozen=True)
class Likelihood:
    """How likely a model finds a given continuation: the sum of its tokens' log-probabilities.

    In nats, at temperature 1. No tokens have the sum 0. `n_cached_tokens` of the prompt's tokens
    were shared with another.
    """

    log_probability: float
    n_tokens: int
    n_prompt_tokens: int
    n_cached_tokens: int


class Engine(Protocol):
    """A loaded model that completes prompts, and rates given completions."""

    def generate(
        self, prompts: list[str], sampling: Sampling, seeds: list[int] | None = None
    ) -> Iterator[tuple[int, Completion]]:
        """Yield (index of the prompt, completion) once per prompt, in any order, as they finish.

        `seeds`, one per prompt, decide what is sampled at a temperature above 0.
        """
        ...

    def likelihoods(
        self, prompts: list[str], continuations: list[str]
    ) -> Iterator[tuple[int, Likelihood]]:
        """Yield (index, likelihood of the continuation after its prompt), once each, in any order.

        Raises ArteError for those that are longer than `engine.max_model_len`.
        """
        ...


def too_long(n_prompt_tokens: int, sampling: Sampling, max_model_len: int) -> Completion | None:
    """The completion of a prompt that leaves no room for `max_tokens`; None where it fits."""
    if n_prompt_tokens + sampling.max_tokens <= max_model_len:
        return None
    return Completion("", "too_long", n_prompt_tokens, 0, 0)
