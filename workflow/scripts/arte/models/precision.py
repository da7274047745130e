"""Exact arithmetic on weights of few digits."""

from collections.abc import Callable
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_map

NARROW = (torch.bfloat16, torch.float16)


class Float32(TorchFunctionMode):
    """Compute in float32 with weights of any type, each of them widened while it is used.

    The arithmetic of bfloat16 has a noise of some 1e-3 nats per token, above what small updates do.
    """

    def __torch_function__(
        self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Run one function of torch on widened tensors; a tensor's type looks widened, too."""
        if getattr(func, "__name__", "") == "__get__":
            found = func(*args, **(kwargs or {}))
            return torch.float32 if isinstance(found, torch.dtype) and found in NARROW else found
        args, kwargs = tree_map(_widened, (args, kwargs or {}))
        return func(*args, **kwargs)


def _widened(value: Any) -> Any:
    narrow = isinstance(value, torch.Tensor) and value.dtype in NARROW
    return value.to(torch.float32) if narrow else value
