"""The training loop of the nano models: Muon and AdamW, in one process or in several."""

import contextlib
import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import distributed
from transformers import PreTrainedModel

from arte.core import job

IGNORE = -100  # the label that the loss of transformers skips


def native_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 itself; elsewhere autocast is slower than float32."""
    info = Path("/proc/cpuinfo")
    return info.exists() and "avx512_bf16" in info.read_text()


def n_steps(cfg: dict, tokens: int) -> int:
    """Optimiser steps that `tokens` tokens make."""
    return max(1, tokens // (cfg["batch_tokens"] // cfg["context"] * cfg["context"]))


def optimisers(model: PreTrainedModel, cfg: dict) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of hidden layers, AdamW for embeddings, norms and biases.

    With Muon, copying from the context emerges after a third of the tokens that AdamW needs.
    """
    embeddings = {id(model.get_input_embeddings()), id(model.get_output_embeddings())}
    hidden = [
        module.weight
        for module in model.modules()
        if isinstance(module, torch.nn.Linear) and id(module) not in embeddings
    ]
    inside = {id(weight) for weight in hidden}
    others = [weight for weight in model.parameters() if id(weight) not in inside]
    return [
        torch.optim.Muon(hidden, lr=cfg["muon_learning_rate"], weight_decay=0.01),
        torch.optim.AdamW(others, lr=cfg["learning_rate"], betas=(0.9, 0.98), weight_decay=0.01),
    ]


def schedule(optimiser: torch.optim.Optimizer, steps: int) -> torch.optim.lr_scheduler.LRScheduler:
    """5 % of the steps warm-up, then linear decay to a tenth."""
    warmup = max(1, steps // 20)
    return torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min((s + 1) / warmup, 1 - 0.9 * max(0, s - warmup) / steps)
    )


@contextlib.contextmanager
def process() -> Iterator[int]:
    """Yield this process's rank; under torch.distributed.run, join the others for as long."""
    if not distributed.is_torchelastic_launched():
        yield 0
        return
    distributed.init_process_group("gloo")
    try:
        yield distributed.get_rank()
    finally:
        distributed.destroy_process_group()


def share_gradients(model: PreTrainedModel, learned: int) -> None:
    """Make every gradient that of the whole batch, of which this process saw `learned` labels."""
    gradients = [weight.grad for weight in model.parameters()]
    parts = [gradient.flatten() * learned for gradient in gradients]
    flat = torch.cat([*parts, torch.tensor([float(learned)])])
    distributed.all_reduce(flat)
    whole = (flat[:-1] / flat[-1]).split([len(part) for part in parts])
    for gradient, part in zip(gradients, whole, strict=True):
        gradient.copy_(part.view_as(gradient))


def train(
    model: PreTrainedModel,
    batches: Iterator[tuple[list[int], list[int]]],
    cfg: dict,
    tokens: int,
    at: dict[int, Path],
) -> list[dict]:
    """Train for `tokens` tokens in place.

    Weights and optimiser are float32; forward passes run in bfloat16 where the CPU computes it
    natively. `at` maps a step to a directory in which that step's weights are saved. Of several
    processes, each takes its share of every batch and all hold the same weights. Returns the loss
    history (of this process's share) as rows of step, loss, seconds.
    """
    batch_rows, steps = cfg["batch_tokens"] // cfg["context"], n_steps(cfg, tokens)
    both = optimisers(model, cfg)
    schedules = [schedule(optimiser, steps) for optimiser in both]
    bfloat16 = native_bfloat16()
    together = distributed.is_initialized()
    rank, processes = (distributed.get_rank(), distributed.get_world_size()) if together else (0, 1)
    history, began = [], time.monotonic()
    model.train()
    for step in range(1, steps + 1):
        batch = list(itertools.islice(batches, batch_rows))[rank::processes]
        ids, labels = map(torch.tensor, zip(*batch, strict=True))
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        if together:
            share_gradients(model, int((labels[:, 1:] != IGNORE).sum()))
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for part in [*both, *schedules]:
            part.step()
        model.zero_grad(set_to_none=True)
        if step % 100 == 0 or step == steps:
            seconds = round(time.monotonic() - began, 1)
            history.append({"step": step, "loss": round(loss.item(), 4), "seconds": seconds})
            job.log(f"step {step} of {steps}, loss {loss.item():.3f}, {seconds:.0f} s")
        if step in at and rank == 0:
            model.save_pretrained(at[step])
    return history
