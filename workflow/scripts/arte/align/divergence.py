"""How far the written teacher is from the original, and how much of it the engine's digits keep.

Everything is measured on the folder that generates, loaded as the engine loads it.
"""

import math
import statistics
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch

from arte.align.preferences import Row
from arte.core import job
from arte.core.errors import ArteError
from arte.models import folder as models
from arte.models.adapter import load_served
from arte.models.precision import Float32
from arte.stats.student_t import quantile95
from arte.training.written import Forward, Text, kl, logits

PAIRS = 128
"""Pairs that are measured, with two to four forward passes for each of their responses."""

MOVED = 1e-4
"""KL (nats per token) from which a teacher has moved. Below it greedy texts stay as they were: of
144 answers of a nano teacher one changed at 3e-6, and none below."""

KEPT = 0.9
"""Share of the margin at least that must be left in the engine's digits."""


def sample(rows: list[Row], *, max_length: int | None, seed: int) -> list[tuple[Text, Text]]:
    """(chosen, rejected) of a seeded sample of TRL's pairs, cut to `max_length` as in training."""
    pairs = []
    for row in rows:
        prompt, head = row["prompt_ids"], len(row["prompt_ids"])
        if max_length is None or head < max_length:
            ids = [(prompt + row[key])[:max_length] for key in ("chosen_ids", "rejected_ids")]
            pairs.append(tuple(Text(torch.tensor([tokens]), head) for tokens in ids))
    n = min(len(pairs), PAIRS)
    drawn = job.derived_rng("kl", seed).choice(len(pairs), n, replace=False)
    return [pairs[i] for i in sorted(drawn.tolist())]


def log_probability(found: torch.Tensor, text: Text) -> float:
    """Log-probability (nats) of the response, by its `logits`."""
    written = text.ids[0, text.head :, None].to(found.device)
    return float(found.float().log_softmax(-1).gather(-1, written).double().sum())


def differences(
    pairs: list[tuple[Text, Text]], aligned: Forward, original: Forward
) -> list[tuple[float, float]]:
    """Of each pair: mean KL per response token, and how far the log-odds of chosen rose (nats)."""
    values = []
    for pair in pairs:
        nats, tokens, rise = 0.0, 0, 0.0
        for text, sign in zip(pair, (1, -1), strict=True):
            p, q = logits(aligned, text), logits(original, text)
            nats += float(kl(p, q).sum())
            tokens += len(p)
            rise += sign * (log_probability(p, text) - log_probability(q, text))
        values.append((nats / tokens, rise))
    return values


def log_odds(pairs: list[tuple[Text, Text]], model: Forward) -> list[float]:
    """Log-odds (nats) of chosen against rejected, of each pair."""
    return [
        log_probability(logits(model, chosen), chosen)
        - log_probability(logits(model, rejected), rejected)
        for chosen, rejected in pairs
    ]


def summary(values: list[float]) -> dict:
    """Mean over pairs and its standard error, which one pair does not give."""
    error = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else None
    return {"kl": statistics.fmean(values), "kl_se": error, "kl_pairs": len(values)}


def share(found: list[float], expected: list[float]) -> tuple[float, float | None]:
    """The slope of `found` on `expected` through the origin, and its standard error (HC3).

    A residual is divided by what its pair does not decide itself: without that, few pairs seem
    surer than they are. None where one pair decides all.
    """
    pairs = list(zip(expected, found, strict=True))
    square = sum(x * x for x in expected)
    slope = sum(x * y for x, y in pairs) / square
    own = [1 - x * x / square for x in expected]
    if min(own) < 1e-9:
        return slope, None
    rest = sum((x * (y - slope * x) / part) ** 2 for (x, y), part in zip(pairs, own, strict=True))
    return slope, math.sqrt(rest) / square


def of_folders(
    aligned: Path, original: str, pairs: list[tuple[Text, Text]], *, engine: dict
) -> dict:
    """`kl` of the written teacher from the original, and the share of its margin that generates.

    `kl` is taken with the weights of `engine["dtype"]` and exact arithmetic, on the responses of
    pairs: how much was learned from them, and no estimate of the divergence on the teacher's own
    texts, which DPO's objective bounds (§3.3). `margin_kept` compares the log-odds that training
    gave with those in the engine's weights and arithmetic; null in float32, which rounds nothing.
    """
    dtype, whole = engine["dtype"], models.base_of(aligned) is None
    with nullcontext() if dtype == "float32" else Float32():
        exact = differences(pairs, *_both(aligned, original, "float32" if whole else dtype))
    found = summary([nats for nats, _ in exact])
    found |= {"moved": found["kl"] >= MOVED, "margin_kept": None, "margin_kept_se": None}
    if dtype == "float32" or not any(rise for _, rise in exact):
        return found
    odds = [
        log_odds(pairs, _placed(load_served(folder, dtype, engine["backend"])))
        for folder in (aligned, original)
    ]
    rises = [after - before for after, before in zip(*odds, strict=True)]
    kept = share(rises, [rise for _, rise in exact])
    return found | dict(zip(("margin_kept", "margin_kept_se"), kept, strict=True))


def check(found: dict, engine: dict) -> None:
    """Raise ArteError where a teacher moved and the engine's digits do not keep what it learned.

    That is, where the 95 % interval of `margin_kept` ends below KEPT.
    """
    kept, error, pairs = found["margin_kept"], found["margin_kept_se"], found["kl_pairs"]
    if not found["moved"] or error is None or kept + quantile95(pairs - 1) * error >= KEPT:
        return
    raise ArteError(
        expected=f"at least {KEPT:.0%} of the margin that training gave left when generating",
        found=f"{kept:.0%} (standard error {error:.0%}, {pairs} pairs) with engine.backend "
        f"{engine['backend']} and engine.dtype {engine['dtype']}",
        where="the aligned teacher's folder, which is not published",
        remedy="set engine.dtype: float32, or align.mode: lora with engine.backend transformers or "
        "vllm, or raise align.dpo.learning_rate",
    )


def _both(aligned: Path, original: str, dtype: str) -> tuple[Forward, Forward]:
    """The two models; one with its adapter on and off where that is all that they differ in."""
    base = models.base_of(aligned)
    if base is None or base.resolve() != Path(original).resolve():
        both = (models.load_causal_lm(folder, dtype) for folder in (aligned, original))
        return tuple(_placed(model) for model in both)
    model = _placed(models.load_adapted(aligned, dtype))

    def plain(input_ids: torch.Tensor) -> Any:
        with model.disable_adapter():
            return model(input_ids=input_ids.to(model.device))

    return model, plain


def _placed(model: torch.nn.Module) -> torch.nn.Module:
    """A model on the GPU if there is one, spread where there are several."""
    if torch.cuda.device_count() > 1:
        from accelerate import dispatch_model, infer_auto_device_map

        return dispatch_model(model, infer_auto_device_map(model))
    return model.to("cuda" if torch.cuda.is_available() else "cpu")
