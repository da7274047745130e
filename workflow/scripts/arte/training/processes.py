"""A training of several processes (config `launch`): they decide alike, and one of them writes."""

import torch
from accelerate import PartialState
from torch.distributed.tensor import DTensor
from transformers import Trainer

from arte.core import job
from arte.core.errors import ArteError


def check(trainer: Trainer, launch: dict, where: str) -> None:
    """Raise ArteError unless the training is spread as the config says.

    Accelerate itself trains on without a word where it can't: a batch would be smaller than meant,
    or every process would hold all weights.
    """
    wanted = (launch["num_processes"], bool(launch["fsdp"]))
    found = (trainer.accelerator.num_processes, trainer.is_fsdp_enabled)
    if found != wanted:
        raise ArteError(
            expected="{} processes, sharding weights: {}".format(*wanted),
            found="{} processes, sharding weights: {}".format(*found),
            where=where,
            remedy="start it by the rule, which calls accelerate's launcher; FSDP needs GPUs",
        )


def anywhere(*flags: bool) -> list[bool]:
    """Each flag or-ed over all processes."""
    everyone = PartialState()
    if everyone.num_processes == 1:
        return list(flags)
    tensor = torch.tensor(flags, dtype=torch.int32, device=everyone.device)
    torch.distributed.all_reduce(tensor, torch.distributed.ReduceOp.MAX)
    return [bool(value) for value in tensor.tolist()]


def whole_weights(model: torch.nn.Module) -> dict[str, torch.Tensor] | None:
    """Trained parameters of a sharded model, put together; None where nothing is sharded.

    Every process must call this; only the main one keeps the tensors, in its memory. What is frozen
    (the base under an adapter) is neither gathered nor written.
    """
    trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    if not any(isinstance(p, DTensor) for _, p in trained):
        return None
    whole = {}
    for name, parameter in trained:
        tensor = parameter.detach()
        tensor = tensor.full_tensor() if isinstance(tensor, DTensor) else tensor
        if job.is_main():
            whole[name] = tensor.cpu()
    return whole


def leave() -> bool:
    """End the work in common, when it is; whether this process goes on alone to write."""
    PartialState().wait_for_everyone()
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
    return job.is_main()
