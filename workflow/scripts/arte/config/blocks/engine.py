"""How models generate."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from arte.config.blocks.base import Block, FromText, Integer, Number, key


class Vllm(Block):
    """Arguments of vLLM's EngineArgs; arte.config.libraries checks those that are not here."""

    model_config = ConfigDict(extra="allow")

    max_num_seqs: Integer = key(
        "vllm: requests that run at once; a model takes the GPUs of `models.<name>.gpus`", ge=1
    )
    max_num_batched_tokens: Integer = key("vllm: tokens computed in one step", ge=16)
    block_size: Integer = key(
        "vllm: tokens of a cache block; prefixes are shared in whole blocks; CPU: 32, 64, …", ge=8
    )
    gpu_memory_utilization: Number = key(
        "vllm: share of the memory (CPU build: of main memory) for weights and cache", gt=0, le=1
    )
    kv_cache_memory_bytes: Annotated[int, Field(ge=1), FromText] | None = key(
        "vllm: size of the cache (bytes); null: what the share leaves, best on GPUs"
    )
    enforce_eager: bool = key("vllm: neither compile nor capture CUDA graphs")


class Openai(Block):
    """A server of OpenAI's protocol."""

    base_url: str = key(
        "openai: a server that serves every model under its folder's path, as "
        "`vllm serve <folder>` does; key in `OPENAI_API_KEY`",
        pattern=r"^https?://",
    )
    concurrency: Integer = key("openai: concurrent requests", ge=1)
    timeout_s: Number = key("openai: time after which a request has failed (s)", gt=0)
    retries: Integer = key(
        "openai: further attempts of a failed request; after them the job fails", ge=0
    )


class Engine(Block):
    """The engine, and the keys of each backend."""

    backend: Literal["transformers", "vllm", "openai"] = key(
        "how models generate; `openai` is a running server"
    )
    dtype: Literal["float32", "bfloat16", "float16"] = key("type of the weights when generating")
    max_model_len: Integer = key("longest prompt and answer together (tokens)", ge=16)
    batch_tokens: Integer = key("transformers: budget of one decoding batch (tokens)", ge=16)
    vllm: Vllm
    openai: Openai
