"""vLLM with a cache too small for the workload: our order of prompts against a shuffled one."""

import random
from pathlib import Path
from typing import Any

from speed import timed
from workload import Shape, prompts, save_model

from arte.engine.contract import Sampling
from arte.engine.prefix import Request
from arte.engine.vllm import VllmEngine

BLOCK = 32
POOL_BLOCKS = 300
SHAPE = Shape(questions=12, rationales=4, items=40)
OUTPUT = 16


def measure(name: str, folder: Path) -> list[dict[str, Any]]:
    """Hit rates and seconds of one engine, whose cache is emptied before each order."""
    words = save_model(name, folder)
    engine = VllmEngine(folder, _cfg(name))
    ids = engine.tokenizer(prompts(SHAPE, words))["input_ids"]
    requests = [Request(i, tuple(tokens)) for i, tokens in enumerate(ids)]
    orders = {
        "ours": sorted(requests, key=lambda request: request.ids),
        "shuffled": random.Random(2).sample(requests, len(requests)),
    }
    list(engine.run(requests[:1], Sampling(OUTPUT)))  # what is only done once
    values: dict[str, Any] = {
        "requests": len(requests),
        "pool_tokens": POOL_BLOCKS * BLOCK,
        "ceiling": round(_ceiling(requests), 4),
    }
    for order, ordered in orders.items():
        engine.llm.reset_prefix_cache()
        found, seconds = timed(lambda o=ordered: dict(engine.run(o, Sampling(OUTPUT))))
        cached = sum(completion.n_cached_tokens for completion in found.values())
        total = sum(completion.n_prompt_tokens for completion in found.values())
        values[f"hit_rate_{order}"] = round(cached / total, 4)
        values[f"share_of_ceiling_{order}"] = round(cached / total / _ceiling(requests), 3)
        values[f"seconds_{order}"] = round(seconds, 2)
    values["shuffled_over_ours"] = round(values["seconds_shuffled"] / values["seconds_ours"], 2)
    return [{"benchmark": f"order {name}", "measure": m, "value": v} for m, v in values.items()]


def _cfg(name: str) -> dict[str, Any]:
    """The pool in bytes: keys and values of all layers, four bytes each."""
    layers, heads, size = (4, 4, 32) if name == "nano" else (8, 1, 256)
    return {
        "dtype": "float32",
        "max_model_len": 1024,
        "gpus": 0,
        "vllm": {
            "max_num_seqs": 16,
            "max_num_batched_tokens": 2048,
            "block_size": BLOCK,
            "gpu_memory_utilization": 0.9,
            "kv_cache_memory_bytes": POOL_BLOCKS * BLOCK * layers * heads * size * 2 * 4,
            "enforce_eager": True,
        },
    }


def _ceiling(requests: list[Request]) -> float:
    """Share of prompt tokens in whole blocks that an earlier prompt has, were nothing evicted."""
    seen: set[tuple[int, ...]] = set()
    hits = 0
    for request in requests:
        ends = range(BLOCK, len(request.ids) + 1, BLOCK)
        # the last token is always computed
        known = [end for end in ends if end < len(request.ids) and request.ids[:end] in seen]
        hits += max(known, default=0)
        seen.update(request.ids[:end] for end in ends)
    return hits / sum(len(request.ids) for request in requests)
