"""The training loop of the nano models: Muon and AdamW, in one process or in several."""

import contextlib
import functools
import itertools
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import distributed
from transformers import PreTrainedModel

from arte.core import job
from arte.core.lock import sole_writer
from arte.nano.checkpoints import Checkpoint

IGNORE = -100  # the label that the loss of transformers skips


@functools.cache
def native_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 itself; elsewhere autocast is slower than float32.

    oneDNN is asked, too: ONEDNN_MAX_CPU_ISA may forbid what the CPU can.
    """
    info = Path("/proc/cpuinfo")
    able = info.exists() and "avx512_bf16" in info.read_text()
    return able and torch.ops.mkldnn._is_mkldnn_bf16_supported()


def n_steps(cfg: dict, tokens: int) -> int:
    """Optimizer steps that `tokens` tokens make."""
    return max(1, tokens // (cfg["batch_tokens"] // cfg["context"] * cfg["context"]))


def optimizers(model: PreTrainedModel, cfg: dict) -> list[torch.optim.Optimizer]:
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


def schedule(optimizer: torch.optim.Optimizer, steps: int) -> torch.optim.lr_scheduler.LRScheduler:
    """5 % of the steps warm-up, then linear decay to a fiftieth."""
    warmup = max(1, steps // 20)
    return torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda s: min((s + 1) / warmup, 1 - 0.98 * max(0, s - warmup) / max(1, steps - warmup)),
    )


@contextlib.contextmanager
def process(scratch: str) -> Iterator[int]:
    """Yield this process's rank; under torch.distributed.run, join the others for as long.

    The first process holds the folder `scratch` meanwhile. Raises ArteError if another run has it.
    """
    if not distributed.is_torchelastic_launched():
        with sole_writer(scratch):
            yield 0
        return
    distributed.init_process_group("gloo")
    rank = distributed.get_rank()
    try:
        with sole_writer(scratch) if rank == 0 else contextlib.nullcontext():
            distributed.barrier()  # nobody reads a checkpoint that another run still writes
            yield rank
    finally:
        distributed.destroy_process_group()


def share_gradients(model: PreTrainedModel, learned: int) -> None:
    """Make every gradient that of the whole batch, of which this process saw `learned` labels."""
    gradients = [weight.grad for weight in model.parameters()]
    parts = [gradient.flatten() * learned for gradient in gradients]
    flat = torch.cat([*parts, torch.tensor([float(learned)])])
    distributed.all_reduce(flat)
    whole = (flat[:-1] / flat[-1].clamp(min=1)).split([len(part) for part in parts])
    for gradient, part in zip(gradients, whole, strict=True):
        gradient.copy_(part.view_as(gradient))


@dataclass
class State:
    """What a training has come to: everything that its next step depends on, but the data."""

    model: PreTrainedModel
    parts: list[torch.optim.Optimizer | torch.optim.lr_scheduler.LRScheduler]
    step: int = 0
    seconds: float = 0.0
    history: list[dict] = field(default_factory=list)

    def resume(self, checkpoint: Checkpoint) -> None:
        """Become what was saved last, if anything was."""
        saved = checkpoint.load()
        if saved is None:
            return
        self.model.load_state_dict(saved["model"])
        for part, its in zip(self.parts, saved["parts"], strict=True):
            part.load_state_dict(its)
        self.step, self.seconds, self.history = (saved[k] for k in ("step", "seconds", "history"))
        job.log(f"resuming after step {self.step}")

    def as_dict(self) -> dict:
        """What `resume` reads."""
        return {
            "model": self.model.state_dict(),
            "parts": [part.state_dict() for part in self.parts],
            "step": self.step,
            "seconds": self.seconds,
            "history": self.history,
        }


def train(
    model: PreTrainedModel,
    batches: Iterator[tuple[list[int], list[int]]],
    cfg: dict,
    tokens: int,
    *,
    checkpoint: Checkpoint,
    keep: Collection[int] = (),
) -> list[dict]:
    """Train for `tokens` tokens in place, on from the last checkpoint.

    Weights and optimizer are float32; forward passes run in bfloat16 where the CPU computes it
    natively. The weights of the steps `keep` are kept with the checkpoint. Of several processes,
    each takes its share of every batch and all hold the same weights; the first one saves. When a
    checkpoint is written does not show in the result. Returns the loss history (of this process's
    share) as rows of step, loss, seconds.
    """
    batch_rows, steps = cfg["batch_tokens"] // cfg["context"], n_steps(cfg, tokens)
    both = optimizers(model, cfg)
    state = State(model, [*both, *(schedule(optimizer, steps) for optimizer in both)])
    state.resume(checkpoint)
    together = distributed.is_initialized()
    rank, processes = (distributed.get_rank(), distributed.get_world_size()) if together else (0, 1)
    began = time.monotonic() - state.seconds
    model.train()
    batches = itertools.islice(batches, state.step * batch_rows, None)
    for step in range(state.step + 1, steps + 1):
        batch = list(itertools.islice(batches, batch_rows))[rank::processes]
        loss = learn(state, batch, together=together)
        state.step, state.seconds = step, round(time.monotonic() - began, 1)
        if step % 100 == 0 or step == steps:
            state.history.append({"step": step, "loss": round(loss, 4), "seconds": state.seconds})
            job.log(f"step {step} of {steps}, loss {loss:.3f}, {state.seconds:.0f} s")
        if step in keep and rank == 0:
            model.save_pretrained(checkpoint.early(step))
        if rank == 0 and checkpoint.due():
            checkpoint.save(state.as_dict())
    return state.history


def learn(state: State, batch: list[tuple[list[int], list[int]]], *, together: bool) -> float:
    """One step on this process's rows of a batch; the loss on them, 0 where nothing is learned."""
    ids, labels = map(torch.tensor, zip(*batch, strict=True))
    learned = int((labels[:, 1:] != IGNORE).sum())
    with torch.autocast("cpu", torch.bfloat16, enabled=native_bfloat16()):
        output = state.model(input_ids=ids, labels=labels)
        # A mean over no labels is not a number, and one such row would end the training.
        loss = output.loss if learned else 0 * output.logits.sum()
    loss.backward()
    if together:
        share_gradients(state.model, learned)
    torch.nn.utils.clip_grad_norm_(state.model.parameters(), 1.0)
    for part in state.parts:
        part.step()
    state.model.zero_grad(set_to_none=True)
    return loss.item()
