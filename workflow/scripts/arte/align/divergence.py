"""How far training moved a teacher: KL divergence over the whole vocabulary on given texts."""

import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping

import torch
from trl import DPOTrainer

from arte.core import job

PAIRS = 128
"""Pairs on which the divergence is measured, with two forward passes each."""

Forward = Callable[..., torch.Tensor]
"""Logits (rows, length, vocabulary) of input_ids and attention_mask."""


def kl(aligned: torch.Tensor, original: torch.Tensor) -> torch.Tensor:
    """KL(aligned || original) in nats of logits (..., vocabulary), computed in float32."""
    p, q = (logits.float().log_softmax(-1) for logits in (aligned, original))
    return (p.exp() * (p - q)).sum(-1)


@torch.no_grad()
def of_pairs(
    batches: Iterable[Mapping[str, torch.Tensor]], aligned: Forward, original: Forward
) -> list[float]:
    """Each pair's mean KL per response token, both responses together, in the batches' order.

    A batch is what TRL's collator makes: first all chosen responses, then all rejected ones, and a
    completion_mask. A position's logits belong to the token that follows it.
    """
    values = []
    for batch in batches:
        inputs = {key: batch[key] for key in ("input_ids", "attention_mask")}
        responses = batch["completion_mask"][:, 1:].bool()
        p, q = (forward(**inputs)[:, :-1][responses] for forward in (aligned, original))
        nats = torch.zeros(responses.shape, device=p.device).masked_scatter(responses, kl(p, q))
        total, tokens = (x.sum(1).view(2, -1).sum(0) for x in (nats, responses))
        values += (total / tokens).tolist()
    return values


def summary(values: list[float]) -> dict:
    """Mean over pairs and its standard error, which one pair does not give."""
    error = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else None
    return {"kl": statistics.fmean(values), "kl_se": error, "kl_pairs": len(values)}


def of_trainer(trainer: DPOTrainer, seed: int) -> dict:
    """KL(aligned || original) on the responses of a seeded sample of the pairs, after training.

    The texts are those trained on, so this is how much was learnt from them, and no estimate of the
    divergence on the teacher's own generations, which DPO's objective bounds (§3.3). Processes
    share the pairs; each must call this. The reference is as in training: adapter off, or a copy.
    """
    n = min(len(trainer.train_dataset), PAIRS)
    rng = job.derived_rng("kl", seed)
    sample = sorted(rng.choice(len(trainer.train_dataset), n, replace=False).tolist())
    model = trainer.model.eval()

    def aligned(**inputs: torch.Tensor) -> torch.Tensor:
        return model(**inputs).logits

    def original(**inputs: torch.Tensor) -> torch.Tensor:
        if trainer.ref_model is not None:
            return trainer.ref_model(**inputs).logits
        with model.disable_adapter():
            return model(**inputs).logits

    everyone = trainer.accelerator
    share = -(-n // everyone.num_processes)
    sample += sample[-1:] * (share * everyone.num_processes - n)  # as many batches in each process
    mine = sample[everyone.process_index * share :][:share]
    values = of_pairs(_batches(trainer, mine), aligned, original)
    tensor = torch.tensor(values, dtype=torch.float64, device=everyone.device)
    return summary(everyone.gather(tensor).tolist()[:n])


def _batches(trainer: DPOTrainer, rows: list[int]) -> Iterator[dict[str, torch.Tensor]]:
    size = trainer.args.per_device_train_batch_size
    for at in range(0, len(rows), size):
        batch = trainer.data_collator([trainer.train_dataset[i] for i in rows[at : at + size]])
        yield {key: value.to(trainer.accelerator.device) for key, value in batch.items()}
