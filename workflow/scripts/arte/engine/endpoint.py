"""The engine of a model that only a server has: chat completions, for what a teacher writes."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from arte.core.errors import ArteError
from arte.core.parse import THOUGHT, ends_in_echo, in_reasoning
from arte.engine.contract import LENGTH, STOPPED, Completion, Sampling
from arte.engine.openai import connect, each
from arte.models.chat import Turn
from arte.models.endpoint import address, reported_by

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion

GREETING = [{"role": "user", "content": "Say yes."}]
"""The request that makes a server say which model answers."""
GREETING_TOKENS = 16
PLAIN = {"top_p": 1.0, "presence_penalty": 0.0, "frequency_penalty": 0.0}
"""Sent with every request: a server may have other defaults. Its further ones are its own."""


class Request(NamedTuple):
    """One conversation, its place in the caller's list, and its seed if it is sampled."""

    index: int
    turns: list[Turn]
    seed: int | None


class EndpointEngine:
    """A model of a server, whose folder stands for it (`arte.models.endpoint`).

    Its prompts are messages, and their room is the server's to check. It rates no texts. Raises
    ArteError without the official client, or without the key in its environment variable.
    """

    def __init__(self, model_dir: str | os.PathLike, _: dict) -> None:
        self.folder = Path(model_dir)
        known = address(self.folder)
        self.model, self.url, self.concurrency = known["model"], known["url"], known["concurrency"]
        key = _key(known.get("key_env"))
        self.client = connect(self.url, key, known["timeout_s"], known["retries"])

    def generate(
        self,
        prompts: Sequence[list[Turn]],
        sampling: Sampling,
        seeds: list[int] | None = None,
    ) -> Iterator[tuple[int, Completion]]:
        """See `arte.engine.contract.Engine.generate`.

        No stop string is sent: few servers say which one ended an answer. The whole answer is cut
        here. Raises ArteError when a request fails for good, or when the server names another
        model than at first: no failure becomes an empty answer.
        """
        drawn = [None] * len(prompts) if seeds is None else seeds
        requests = [Request(i, *pair) for i, pair in enumerate(zip(prompts, drawn, strict=True))]
        expected = reported_by(self.folder)
        yield from each(
            requests, lambda request: self._ask(request, sampling, expected), self.concurrency
        )

    def reported(self) -> str:
        """The model that the server says answers; one short request."""
        request = Request(0, GREETING, None)
        return self._create(request, Sampling(GREETING_TOKENS, stop=())).model or ""

    def _ask(self, request: Request, sampling: Sampling, expected: str) -> Completion:
        response = self._create(request, sampling)
        if (response.model or "") != expected:
            raise ArteError(
                expected=f"answers of {expected!r}, which the server named at first",
                found=f"{response.model!r}",
                where=f"request {request.index} to {self.url} for {self.model}",
                remedy="name a model that the server does not exchange, or begin anew with this "
                "one: --forcerun name_endpoint",
            )
        if len(response.choices) != 1 or response.usage is None:
            found = f"{len(response.choices)} answers, usage {response.usage}"
            raise self._failed(request, found)
        [choice], usage = response.choices, response.usage
        if choice.finish_reason not in ("stop", "length"):
            raise self._failed(request, f"an answer that ended by {choice.finish_reason}")
        said = choice.message.content or choice.message.refusal or ""
        text, reason = ended(said, sampling.stop), STOPPED
        if text is None:
            text, reason = said, LENGTH if choice.finish_reason == "length" else "eos"
        details = usage.prompt_tokens_details
        cached = (details.cached_tokens if details else None) or 0
        return Completion(text, reason, usage.prompt_tokens, cached, usage.completion_tokens)

    def _create(self, request: Request, sampling: Sampling) -> "ChatCompletion":
        """One request, after the client's own retries."""
        from openai import OpenAIError

        try:
            return self.client.chat.completions.create(
                model=self.model,
                messages=request.turns,
                max_tokens=sampling.max_tokens,
                temperature=sampling.temperature,
                **PLAIN,
                **({} if request.seed is None else {"seed": request.seed}),
            )
        except OpenAIError as error:
            raise self._failed(request, f"{type(error).__name__}: {error}") from None

    def _failed(self, request: Request, found: str) -> ArteError:
        return ArteError(
            expected=f"a chat completion of {self.model}",
            found=found,
            where=f"request {request.index} to {self.url}",
            remedy="see that the server is up, serves that model and takes the key and the lengths "
            "(elicit.question_max_tokens, elicit.rationale_max_tokens); run again: completions so "
            "far are kept",
        )


def ended(text: str, stop: tuple[str, ...]) -> str | None:
    """`text` up to the end of the first stop string that ends an answer; None if none does.

    One within reasoning ends none, nor does one of an instruction that is said again.
    """
    thought = text.rfind(THOUGHT)
    ends = {found.end() for one in stop for found in re.finditer(re.escape(one), text)}
    for end in sorted(ends):
        head = text[:end]
        if end > thought and not in_reasoning(head) and not ends_in_echo(head):
            return head
    return None


def _key(variable: str | None) -> str | None:
    """The key in an environment variable; None where none is asked for."""
    if variable is None:
        return None
    if not os.environ.get(variable):
        raise ArteError(
            expected=f"the server's key in the environment variable {variable}",
            found="no such variable, or nothing in it",
            where="config key models.<name>.key_env",
            remedy=f"export {variable} where jobs run, or remove key_env where the server asks "
            "for no key",
        )
    return os.environ[variable]
