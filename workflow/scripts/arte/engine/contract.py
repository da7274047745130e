"""What every generation engine takes and gives."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from arte.core.errors import ArteError

STOP = ("</ans>", "\nQuestion:")
"""An answer is complete after its tag; a base model that goes on writes a new question."""


LENGTH = "length"
"""The finish reason of a completion that `max_tokens` cut off."""
STOPPED = "stop"
"""The finish reason of a completion that a stop string ended."""

Asked = Sequence[str] | Sequence[Sequence[int]]
"""Texts, which are tokenized as the model's tokenizer does, or token ids."""


@dataclass(frozen=True)
class Sampling:
    """How to generate: greedy at temperature 0, until a stop string, which is kept in the text."""

    max_tokens: int
    temperature: float = 0.0
    stop: tuple[str, ...] = STOP


@dataclass(frozen=True)
class Completion:
    """What a model wrote after one prompt, and why it ended: stop, eos or length.

    `n_cached_tokens` of the prompt's tokens were not computed for it but shared with another.
    `n_output_tokens` counts the end-of-text token, which `text` does not show.
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
        self, prompts: Asked, sampling: Sampling, seeds: list[int] | None = None
    ) -> Iterator[tuple[int, Completion]]:
        """Yield (index of the prompt, completion) once per prompt, in any order, as they finish.

        `seeds`, one per prompt, decide what is sampled at a temperature above 0. Raises ArteError
        before anything runs where a prompt leaves no room for `max_tokens` (`check_room`).
        """
        ...

    def likelihoods(self, prompts: Asked, continuations: Asked) -> Iterator[tuple[int, Likelihood]]:
        """Yield (index, likelihood of the continuation after its prompt), once each, in any order.

        Raises ArteError for those that are longer than `engine.max_model_len`.
        """
        ...


def check_room(
    prompts: Asked,
    lengths: list[int],
    *,
    sampling: Sampling,
    max_model_len: int,
    where: str,
) -> None:
    """Raise ArteError where prompts of these lengths (tokens) leave no room for `max_tokens`.

    Such a request can't be made. Scored as an empty answer, it would count as wrong.
    """
    room = max_model_len - sampling.max_tokens
    long = [index for index, length in enumerate(lengths) if length > room]
    if not long:
        return
    first = long[0]
    raise ArteError(
        expected=f"prompts of at most {room} tokens: engine.max_model_len {max_model_len} less "
        f"max_tokens {sampling.max_tokens}",
        found=f"{lengths[first]} tokens in prompt {first} of {len(prompts)}, which ends in "
        f"{prompts[first][-100:]!r}; {len(long)} of {len(prompts)} prompts are too long",
        where=where,
        remedy="raise engine.max_model_len, or lower the max_tokens or the shots of this stage",
    )
