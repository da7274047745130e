"""The transformers engine against plain batched `generate`, and against the arithmetic bound."""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import torch
from workload import STOP, Shape, choose_stops, prompts, save_model, save_tokenizer

from arte.engine.contract import Sampling
from arte.engine.prefix import Group, Request
from arte.engine.transformers import engine as batched
from arte.engine.transformers.engine import TransformersEngine
from arte.models.folder import load_causal_lm
from arte.models.tokenizer import load_tokenizer

Row = dict[str, Any]
DECODE_STEPS = 16


class Plain:
    """The model as transformers runs it, with its own attention."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer = load_tokenizer(folder)
        self.model = load_causal_lm(folder, "float32")
        self.model.to("cuda" if torch.cuda.is_available() else "cpu")


def timed(run: Callable[[], Any]) -> tuple[Any, float]:
    """Result and seconds: wall time on a GPU; CPU time elsewhere, for cores are often shared."""
    clock = time.perf_counter if torch.cuda.is_available() else time.process_time
    start = clock()
    result = run()
    return result, clock() - start


def measure(
    name: str, shape: Shape, folder: Path, *, batch_tokens: int, repetitions: int
) -> list[Row]:
    """Seconds of engine, baselines and an ablation on one workload; k, S(k) and the ratios.

    All are run in turn, `repetitions` times: seconds and ratios are medians over the turns.
    """
    save_model(name, folder)
    cfg = {"dtype": "float32", "max_model_len": 4096, "batch_tokens": batch_tokens}
    rows = min(max(1, batch_tokens // (shape.prompt + shape.cap)), shape.requests)
    stops, words = _stopping(Plain(folder), shape, folder, rows)
    asked = prompts(shape, words)
    engine, plain = TransformersEngine(folder, cfg), Plain(folder)
    sampling = Sampling(shape.cap, stop=(STOP,))
    runs = {
        "engine": lambda: dict(engine.generate(asked, sampling)),
        "engine_without_sharing": lambda: _without_sharing(engine, asked, sampling),
        "generate_with_stops": lambda: _generate(plain, asked, shape.cap, rows, sorted(stops)),
        "generate_to_cap": lambda: _generate(plain, asked, shape.cap, rows, None),
    }
    # untimed: the first growing caches make the C library's allocator fault in fresh pages at every
    # step (half of the time of a large batch), until it has adapted
    _generate(plain, asked[:rows], shape.cap, rows, None)
    turns = [{what: timed(run) for what, run in runs.items()} for _ in range(repetitions)]
    k = median(_decode_cost(plain, asked[:rows]) for _ in range(repetitions))
    values = _measures(shape, turns, rows=rows, k=k)
    return [{"benchmark": f"speed {name}", "measure": m, "value": v} for m, v in values.items()]


def _measures(
    shape: Shape, turns: list[dict[str, tuple[Any, float]]], *, rows: int, k: float
) -> dict[str, float]:
    ours, unshared, naive, _ = (found for found, _ in turns[0].values())
    n, g = len(ours), sum(completion.n_output_tokens for completion in ours.values()) / len(ours)
    bound = (shape.prompt + k * g) / (shape.computed + k * g)
    cached = sum(completion.n_cached_tokens for completion in ours.values())

    def over_engine(what: str) -> list[float]:
        return sorted(turn[what][1] / turn["engine"][1] for turn in turns)

    to_cap = over_engine("generate_to_cap")
    seconds = {f"{what}_s": median(turn[what][1] for turn in turns) for what in turns[0]}
    values = {
        "requests": n,
        "rows": rows,
        "repetitions": len(turns),
        "prompt_tokens": shape.prompt,
        "output_tokens": g,
        **seconds,
        "requests_per_s": n / seconds["engine_s"],
        "prompt_share_cached": cached / (n * shape.prompt),
        "prompt_share_cacheable": 1 - shape.computed / shape.prompt,
        "k": k,
        "bound_S(k)": bound,
        "over_generate_with_stops": median(over_engine("generate_with_stops")),
        "share_of_bound": median(over_engine("generate_with_stops")) / bound,
        "over_generate_to_cap": median(to_cap),
        "over_generate_to_cap_least": to_cap[0],
        "over_generate_to_cap_most": to_cap[-1],
        "bound_to_cap": (shape.prompt + k * shape.cap) / (shape.computed + k * g),
        "gain_by_sharing_alone": median(over_engine("engine_without_sharing")),
        "texts_equal_to_generate": sum(ours[i].text == text for i, text in enumerate(naive)) / n,
        "texts_equal_without_sharing": sum(ours[i].text == unshared[i].text for i in ours) / n,
    }
    return {measure: round(value, 3) for measure, value in values.items()}


def _stopping(plain: Plain, shape: Shape, folder: Path, rows: int) -> tuple[set[int], list[str]]:
    """Stop tokens that give outputs of the wanted mean length, and the renamed words."""
    n_words = len(plain.tokenizer) - 2
    words = plain.tokenizer.convert_ids_to_tokens(range(n_words))
    sample = prompts(shape, words)[:: max(1, shape.requests // 32)]
    texts = _generate(plain, sample, shape.cap, rows, None)
    outputs = [plain.tokenizer(text)["input_ids"] for text in texts]
    stops = choose_stops(outputs, n_words=n_words, length=shape.output)
    return stops, save_tokenizer(folder, n_words, stops=stops)


def _generate(
    plain: Plain, asked: list[str], cap: int, rows: int, stops: list[int] | None
) -> list[str]:
    """Texts of transformers' own `generate`, in batches of `rows`, which the budget holds.

    Stops are token ids here, which is cheaper than the stop strings that the engine looks for.
    """
    texts = []
    end = {} if stops is None else {"eos_token_id": stops}
    for start in range(0, len(asked), rows):
        inputs = plain.tokenizer(asked[start : start + rows], return_tensors="pt", padding=True)
        found = plain.model.generate(
            input_ids=inputs["input_ids"].to(plain.model.device),
            attention_mask=inputs["attention_mask"].to(plain.model.device),
            do_sample=False,
            max_new_tokens=cap,
            **end,
        )
        written = found[:, inputs["input_ids"].shape[1] :]
        texts += plain.tokenizer.batch_decode(written, skip_special_tokens=True)
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
def _decode_cost(plain: Plain, asked: list[str]) -> float:
    """k: seconds of one decoded token over seconds of one prompt token, in a full batch."""
    ids = plain.tokenizer(asked, return_tensors="pt")["input_ids"].to(plain.model.device)
    plain.model(ids[:, :8])  # what is only done once
    output, prefill = timed(lambda: plain.model(ids, use_cache=True, logits_to_keep=1))
    past = output.past_key_values

    def decode() -> None:
        for _ in range(DECODE_STEPS):
            plain.model(ids[:, -1:], past_key_values=past, use_cache=True).logits.argmax().item()

    _, seconds = timed(decode)
    return (seconds / DECODE_STEPS) / (prefill / ids.shape[1])
