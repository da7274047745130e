"""The engine behind an OpenAI-compatible endpoint, such as a running `vllm serve`.

It has the model's tokenizer and sends token ids; `arte.engine.endpoint` has neither.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING, Any

from arte.core.errors import ArteError
from arte.engine.contract import Asked, Completion, Likelihood, Sampling
from arte.engine.prefix import Request, likelihood, tokenize, tokenize_continued
from arte.engine.stops import cut_text
from arte.models.tokenizer import load_tokenizer

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types import Completion as Response

KEY = "OPENAI_API_KEY"
PLAIN = {
    "include_stop_str_in_output": True,  # vLLM's own
    "top_p": 1.0,
    "top_k": 0,
    "min_p": 0.0,
    "repetition_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
}
"""Sent with every request: a server takes what is left out from the model's
generation_config.json, and a penalty there would change even greedy answers."""


class OpenaiEngine:
    """A model that an endpoint serves under its folder's path, as `vllm serve <folder>` does.

    The folder here gives tokenizer and fingerprint, so it must hold what the endpoint serves.
    `cfg` is the config block `engine`; the key is read from the environment variable KEY. Raises
    ArteError where the official client is not installed.
    """

    def __init__(self, model_dir: str | os.PathLike, cfg: dict) -> None:
        self.model = os.fspath(model_dir)
        self.tokenizer = load_tokenizer(model_dir)
        self.max_model_len = cfg["max_model_len"]
        end = {"stop_token_ids": [cfg["end"]]} if "end" in cfg else {}  # vLLM's own
        self.extra = PLAIN | end
        self.concurrency = cfg["openai"]["concurrency"]
        self.client = connect(
            cfg["openai"]["base_url"],
            os.environ.get(KEY),
            cfg["openai"]["timeout_s"],
            cfg["openai"]["retries"],
        )

    def generate(
        self, prompts: Asked, sampling: Sampling, seeds: list[int] | None = None
    ) -> Iterator[tuple[int, Completion]]:
        """See `arte.engine.contract.Engine.generate`.

        Prompts are sent as token ids in their order, for the prefixes that they share. Raises
        ArteError when a request fails for good: no failure becomes an empty answer.
        """
        requests = tokenize(
            prompts,
            self.tokenizer,
            sampling=sampling,
            max_model_len=self.max_model_len,
            seeds=seeds,
        )
        yield from self._each(requests, lambda request: self._ask(request, sampling))

    def likelihoods(self, prompts: Asked, continuations: Asked) -> Iterator[tuple[int, Likelihood]]:
        """See `Engine.likelihoods`; the endpoint must echo prompts with their logs."""
        requests, empty = tokenize_continued(
            prompts, continuations, self.tokenizer, max_model_len=self.max_model_len
        )
        yield from empty
        yield from self._each(requests, self._rate)

    def _each(
        self, requests: list[Request], ask: Callable[[Request], Any]
    ) -> Iterator[tuple[int, Any]]:
        """Ask for the requests, in the order of their tokens, some at a time."""
        ordered = sorted(requests, key=lambda request: request.ids)
        yield from each(ordered, ask, self.concurrency)

    def _ask(self, request: Request, sampling: Sampling) -> Completion:
        response = self._create(
            request,
            max_tokens=sampling.max_tokens,
            temperature=sampling.temperature,
            stop=list(sampling.stop),
            seed=request.seed,
            extra_body=self.extra,
        )
        return self._completion(request, response, sampling)

    def _rate(self, request: Request) -> Likelihood:
        response = self._create(request, max_tokens=0, temperature=0.0, echo=True, logprobs=1)
        found = response.choices[0].logprobs
        logs = found.token_logprobs if found and found.token_logprobs else []
        if len(logs) != len(request.ids):
            raise self._failed(request, f"log-probabilities of {len(logs)} prompt tokens")
        return likelihood(request, logs)

    def _create(self, request: Request, **parameters: Any) -> "Response":
        """One request, after the client's own retries."""
        from openai import OpenAIError

        try:
            return self.client.completions.create(
                model=self.model, prompt=list(request.ids), **parameters
            )
        except OpenAIError as error:
            raise self._failed(request, f"{type(error).__name__}: {error}") from None

    def _completion(self, request: Request, response: "Response", sampling: Sampling) -> Completion:
        [choice], usage = response.choices, response.usage
        if choice.finish_reason not in ("stop", "length") or usage is None:
            raise self._failed(request, f"an answer that ended by {choice.finish_reason}")
        text, reason = cut_text(choice.text, sampling.stop), "stop"
        if text is None:
            text, reason = choice.text, choice.finish_reason
            if reason == "stop":
                if "stop_reason" not in (choice.model_extra or {}):
                    raise self._failed(request, "an answer from which the stop string was cut")
                reason = "eos"
        details = usage.prompt_tokens_details
        cached = (details.cached_tokens if details else None) or 0
        return Completion(text, reason, len(request.ids), cached, usage.completion_tokens)

    def _failed(self, request: Request, found: str) -> ArteError:
        return ArteError(
            expected=f"a completion of {self.model}, as vLLM's server gives it",
            found=found,
            where=f"request {request.index} to {self.client.base_url}",
            remedy=f"see that the endpoint is up, serves that folder and accepts {KEY}; run again: "
            "completions so far are kept",
        )


def connect(url: str, key: str | None, timeout_s: float, retries: int) -> "OpenAI":
    """A client of the server at `url`. Raises ArteError where the package is not installed."""
    try:
        from openai import OpenAI
    except ModuleNotFoundError as error:
        raise ArteError(
            expected="the openai package",
            found=str(error),
            where="config key engine.backend, or models.<name>.source: endpoint",
            remedy="make venv again, or pip install the version in requirements/cpu.lock",
        ) from None
    return OpenAI(
        base_url=url,
        api_key=key or "none",  # local servers ask for none
        timeout=timeout_s,
        max_retries=retries,  # with growing pauses
    )


def each(
    requests: list[Any], ask: Callable[[Any], Any], concurrency: int
) -> Iterator[tuple[int, Any]]:
    """Ask for requests, which have an `index`, some at a time; yield the answers as they come.

    Where one fails, no further one is asked for; the answers under way come before its error.
    """
    pool = ThreadPoolExecutor(concurrency)
    try:
        futures = {pool.submit(ask, request): request.index for request in requests}
        for future in as_completed(futures):
            yield futures.pop(future), future.result()
    except ArteError:
        pool.shutdown(cancel_futures=True)  # waits for those under way
        for future, index in futures.items():
            if not future.cancelled() and future.exception() is None:
                yield index, future.result()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
