"""The vLLM engine, one code for its GPU and CPU builds: continuous batching, cached prefixes."""

import os
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from arte.core.errors import ArteError
from arte.engine.contract import Asked, Completion, Likelihood, Sampling
from arte.engine.prefix import Request, likelihood, tokenize, tokenize_continued
from arte.engine.stops import cut_text, decode
from arte.models.adapter import Update
from arte.models.folder import base_of
from arte.models.tokenizer import load_tokenizer

if TYPE_CHECKING:
    from vllm import LLMEngine, RequestOutput, SamplingParams

AHEAD = 2
"""Requests handed to vLLM at a time, in units of those it runs: enough that none of its rows waits,
few enough that memory does not grow with the number of prompts."""

ENVIRONMENT = {
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",  # the scheduler in this process: a repeatable order
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
}
LOGGING = {"VLLM_LOGGING_LEVEL": "WARNING", "VLLM_LOGGING_STREAM": "ext://sys.stderr"}


class VllmEngine:
    """A causal language model in vLLM, spread over the GPUs of its job by tensor parallelism.

    `cfg` is the config block `engine` with `gpus`, which the rules add. Raises ArteError where
    vLLM is not installed.
    """

    def __init__(self, model_dir: str | os.PathLike, cfg: dict) -> None:
        engine_args, engine_class = _import()
        self.tokenizer = load_tokenizer(model_dir)
        self.max_model_len = cfg["max_model_len"]
        self.end = cfg.get("end")
        self.ahead = AHEAD * cfg["vllm"]["max_num_seqs"]
        arguments = engine_args(
            dtype=cfg["dtype"],
            max_model_len=cfg["max_model_len"],
            tensor_parallel_size=max(1, cfg["gpus"]),
            enable_prefix_caching=True,
            generation_config="vllm",  # no sampling defaults from the model's folder
            disable_log_stats=True,
            use_tqdm_on_load=False,
            seed=0,  # decides nothing: requests are greedy or have seeds of their own
            **weights(model_dir),
            **cfg["vllm"],
        )
        self.llm: LLMEngine = engine_class.from_engine_args(arguments)

    def generate(
        self, prompts: Asked, sampling: Sampling, seeds: list[int] | None = None
    ) -> Iterator[tuple[int, Completion]]:
        """See `arte.engine.contract.Engine.generate`.

        vLLM serves first come, first served, so prompts come in the order of their tokens: the
        prefixes that they share are then still cached (a depth-first walk of the prefix tree).
        """
        requests = tokenize(
            prompts,
            self.tokenizer,
            sampling=sampling,
            max_model_len=self.max_model_len,
            seeds=seeds,
        )
        yield from self.run(sorted(requests, key=lambda request: request.ids), sampling)

    def run(self, requests: list[Request], sampling: Sampling) -> Iterator[tuple[int, Completion]]:
        """Like `generate`, for tokenized requests in the order in which they are given."""
        for output in self._outputs(requests, lambda r: _parameters(sampling, r.seed, self.end)):
            yield int(output.request_id), self._completion(output, sampling)

    def likelihoods(self, prompts: Asked, continuations: Asked) -> Iterator[tuple[int, Likelihood]]:
        """See `arte.engine.contract.Engine.likelihoods`; vLLM shares no prefixes here."""
        requests, empty = tokenize_continued(
            prompts, continuations, self.tokenizer, max_model_len=self.max_model_len
        )
        yield from empty
        known = {request.index: request for request in requests}
        for output in self._outputs(requests, lambda _: _rating()):
            request = known[int(output.request_id)]
            yield request.index, likelihood(request, _chosen(output))

    def _outputs(
        self, requests: list[Request], parameters: Callable[[Request], "SamplingParams"]
    ) -> Iterator["RequestOutput"]:
        queue, running = iter(requests), set()
        try:
            while self._fill(queue, running, parameters):
                for output in self.llm.step():
                    running.remove(output.request_id)
                    yield output
        finally:  # an abandoned iterator leaves nothing behind for the next call
            self.llm.abort_request(sorted(running))

    def _fill(
        self,
        queue: Iterator[Request],
        running: set[str],
        parameters: Callable[[Request], "SamplingParams"],
    ) -> bool:
        """Hand requests to vLLM until it has enough to do; whether it has anything to do."""
        for request in islice(queue, self.ahead - len(running)):
            prompt = {"prompt_token_ids": list(request.ids)}
            name = str(request.index)
            self.llm.add_request(name, prompt, parameters(request))
            running.add(name)
        return bool(running)

    def _completion(self, output: "RequestOutput", sampling: Sampling) -> Completion:
        """What vLLM returned, with its text decoded and cut as by the other engine.

        vLLM decodes token by token: its text differs where tokens end within a character, and
        after bytes that are no UTF-8 it may see a stop string late.
        """
        [written] = output.outputs
        if written.finish_reason not in ("stop", "length"):
            raise RuntimeError(f"vLLM ended a request with {written.finish_reason!r}")
        ids = list(written.token_ids)
        whole = decode(self.tokenizer, ids[:-1] if ids[-1:] == [self.end] else ids)
        text, reason = cut_text(whole, sampling.stop), "stop"
        if text is None:
            text, reason = whole, "eos" if written.finish_reason == "stop" else "length"
        n_prompt, n_cached = len(output.prompt_token_ids), output.num_cached_tokens or 0
        return Completion(text, reason, n_prompt, n_cached, len(ids))


def weights(model_dir: str | os.PathLike) -> dict[str, Any]:
    """The arguments of vLLM that say which weights to load: a folder's, or its base's and its own.

    Raises ArteError for a LoRA that can't be added to the weights of its base.
    """
    base = base_of(model_dir)
    if base is None:
        return {"model": os.fspath(model_dir)}
    Update(model_dir).check_names(base)
    from arte.engine import vllm_adapter

    return {
        "model": os.fspath(base),
        "load_format": vllm_adapter.FORMAT,
        "model_loader_extra_config": {"adapter": os.fspath(model_dir)},
        "worker_extension_cls": f"{vllm_adapter.__name__}.{vllm_adapter.Imported.__name__}",
    }


def _import() -> tuple[type, type]:
    """EngineArgs and LLMEngine of vLLM, whose environment variables are read on import."""
    os.environ.update(ENVIRONMENT)
    for name, value in LOGGING.items():
        os.environ.setdefault(name, value)
    try:
        from vllm import EngineArgs, LLMEngine
    except ModuleNotFoundError as error:
        raise ArteError(
            expected="an installed vLLM",
            found=str(error),
            where="config key engine.backend",
            remedy="make venv-gpu (CPU: venv-vllm), or conda with workflow/envs/vllm-gpu.yaml",
        ) from None
    return EngineArgs, LLMEngine


def _parameters(sampling: Sampling, seed: int | None, end: int | None) -> "SamplingParams":
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind

    return SamplingParams(
        max_tokens=sampling.max_tokens,
        temperature=sampling.temperature,
        stop=list(sampling.stop),
        stop_token_ids=[] if end is None else [end],
        include_stop_str_in_output=True,
        seed=seed,
        output_kind=RequestOutputKind.FINAL_ONLY,
    )


def _rating() -> "SamplingParams":
    """Parameters that give the log-probability of each token of the prompt, and one token more."""
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind

    return SamplingParams(
        max_tokens=1,
        temperature=0.0,
        prompt_logprobs=0,
        detokenize=False,
        output_kind=RequestOutputKind.FINAL_ONLY,
    )


def _chosen(output: "RequestOutput") -> list[float | None]:
    """Log-probability of each token of the prompt; None of the first, which nothing precedes."""
    return [
        None if logs is None else logs[token].logprob
        for token, logs in zip(output.prompt_token_ids, output.prompt_logprobs, strict=True)
    ]
