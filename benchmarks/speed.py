"""The transformers engine against plain batched `generate`, and against the arithmetic bound."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from workload import STOP, Shape, choose_stops, prompts, save_model, save_tokenizer

from arte import batched
from arte.batched import TransformersEngine
from arte.engine import Sampling
from arte.prefix import Group, Request

Row = dict[str, Any]
DECODE_STEPS = 16


def timed(run: Callable[[], Any]) -> tuple[Any, float]:
    """Result and seconds: wall time on a GPU; CPU time elsewhere, for cores are often shared."""
    clock = time.perf_counter if torch.cuda.is_available() else time.process_time
    start = clock()
    result = run()
    return result, clock() - start


def measure(name: str, shape: Shape, folder: Path, batch_tokens: int) -> list[Row]:
    """Seconds of engine, baselines and an ablation on one workload; k, S(k) and the ratios."""
    save_model(name, folder)
    cfg = {"dtype": "float32", "max_model_len": 4096, "batch_tokens": batch_tokens}
    engine = TransformersEngine(folder, cfg)
    rows = max(1, batch_tokens // (shape.prompt + shape.cap))
    stops, words = _stopping(engine, shape, folder, rows)
    asked = prompts(shape, words)
    engine = TransformersEngine(folder, cfg)
    sampling = Sampling(shape.cap, stop=(STOP,))
    ours, seconds = timed(lambda: dict(engine.generate(asked, sampling)))
    unshared, unshared_seconds = timed(lambda: _without_sharing(engine, asked, sampling))
    # untimed: the first growing caches make the C library's allocator fault in fresh pages at every
    # step (half of the time of a large batch), until it has adapted
    _generate(engine, asked[:rows], shape.cap, rows, None)
    naive, naive_seconds = timed(lambda: _generate(engine, asked, shape.cap, rows, sorted(stops)))
    _, endless_seconds = timed(lambda: _generate(engine, asked, shape.cap, rows, None))
    k = _decode_cost(engine, asked[:rows])
    g = sum(completion.n_output_tokens for completion in ours.values()) / len(asked)
    bound = (shape.prompt + k * g) / (shape.computed + k * g)
    cached = sum(completion.n_cached_tokens for completion in ours.values())
    equal = sum(ours[i].text == text for i, text in enumerate(naive))
    over_naive = naive_seconds / seconds
    texts = [ours[i].text == unshared[i].text for i in ours]
    values = {
        "requests": len(asked),
        "rows": rows,
        "prompt_tokens": shape.prompt,
        "output_tokens": round(g, 1),
        "engine_s": round(seconds, 2),
        "engine_without_sharing_s": round(unshared_seconds, 2),
        "generate_with_stops_s": round(naive_seconds, 2),
        "generate_to_cap_s": round(endless_seconds, 2),
        "prompt_share_cached": round(cached / (len(asked) * shape.prompt), 3),
        "prompt_share_cacheable": round(1 - shape.computed / shape.prompt, 3),
        "k": round(k, 2),
        "bound_S(k)": round(bound, 2),
        "over_generate_with_stops": round(over_naive, 2),
        "share_of_bound": round(over_naive / bound, 2),
        "over_generate_to_cap": round(endless_seconds / seconds, 2),
        "bound_to_cap": round((shape.prompt + k * shape.cap) / (shape.computed + k * g), 2),
        "gain_by_sharing_alone": round(unshared_seconds / seconds, 2),
        "texts_equal_to_generate": round(equal / len(asked), 4),
        "texts_equal_without_sharing": round(sum(texts) / len(asked), 4),
    }
    return [{"benchmark": f"speed {name}", "measure": m, "value": v} for m, v in values.items()]


def _stopping(
    engine: TransformersEngine, shape: Shape, folder: Path, rows: int
) -> tuple[set[int], list[str]]:
    """Stop tokens that give outputs of the wanted mean length, and the renamed words."""
    n_words = len(engine.tokenizer) - 2
    words = engine.tokenizer.convert_ids_to_tokens(range(n_words))
    sample = prompts(shape, words)[:: max(1, shape.requests // 32)]
    texts = _generate(engine, sample, shape.cap, rows, None)
    outputs = [engine.tokenizer(text)["input_ids"] for text in texts]
    stops = choose_stops(outputs, n_words=n_words, length=shape.output)
    return stops, save_tokenizer(folder, n_words, stops=stops)


def _generate(
    engine: TransformersEngine, asked: list[str], cap: int, rows: int, stops: list[int] | None
) -> list[str]:
    """Texts of transformers' own `generate`, in batches of as many rows as the engine has.

    Stops are token ids here, which is cheaper than the stop strings that the engine looks for.
    """
    texts = []
    end = {} if stops is None else {"eos_token_id": stops}
    for start in range(0, len(asked), rows):
        inputs = engine.tokenizer(asked[start : start + rows], return_tensors="pt", padding=True)
        found = engine.model.generate(
            input_ids=inputs["input_ids"].to(engine.model.device),
            attention_mask=inputs["attention_mask"].to(engine.model.device),
            do_sample=False,
            max_new_tokens=cap,
            **end,
        )
        written = found[:, inputs["input_ids"].shape[1] :]
        texts += engine.tokenizer.batch_decode(written, skip_special_tokens=True)
    return texts


def _without_sharing(engine: TransformersEngine, asked: list[str], sampling: Sampling) -> dict:
    """The same engine with all prompts computed whole: what refilling gains without prefixes."""

    def alone(requests: list[Request]) -> list[Group]:
        return [Group(tuple(sorted(requests, key=lambda r: -len(r.ids))), 0)]

    sharing = batched.group_by_prefix
    batched.group_by_prefix = alone
    try:
        return dict(engine.generate(asked, sampling))
    finally:
        batched.group_by_prefix = sharing


@torch.inference_mode()
def _decode_cost(engine: TransformersEngine, asked: list[str]) -> float:
    """k: seconds of one decoded token over seconds of one prompt token, in a full batch."""
    ids = engine.tokenizer(asked, return_tensors="pt")["input_ids"].to(engine.model.device)
    engine.model(ids[:, :8])  # what is only done once
    output, prefill = timed(lambda: engine.model(ids, use_cache=True, logits_to_keep=1))
    past = output.past_key_values

    def decode() -> None:
        for _ in range(DECODE_STEPS):
            engine.model(ids[:, -1:], past_key_values=past, use_cache=True).logits.argmax().item()

    _, seconds = timed(decode)
    return (seconds / DECODE_STEPS) / (prefill / ids.shape[1])
