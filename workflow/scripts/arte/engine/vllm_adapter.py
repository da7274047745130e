"""A LoRA adapter in vLLM: its update is added to the base's weights while vLLM reads them.

vLLM's own LoRA kernels add the update to outputs that are rounded already, where most of it is
lost in bfloat16 (`arte.models.adapter`). Here nothing is written to disk, no weight is held twice,
and every GPU that shares the weights adds the same.
"""

from collections.abc import Iterator
from dataclasses import replace

import torch
from vllm.config import ModelConfig
from vllm.config.load import LoadConfig
from vllm.model_executor.model_loader import register_model_loader
from vllm.model_executor.model_loader.default_loader import DefaultModelLoader

from arte.models.adapter import Update

FORMAT = "arte_adapter"


@register_model_loader(FORMAT)
class AdapterLoader(DefaultModelLoader):
    """Loads a whole model, plus the adapter in the folder `adapter` of its extra configuration."""

    def __init__(self, load_config: LoadConfig) -> None:
        self.folder = load_config.model_loader_extra_config["adapter"]
        plain = {"load_format": "safetensors", "model_loader_extra_config": {}}
        super().__init__(replace(load_config, **plain))

    def get_all_weights(
        self, model_config: ModelConfig, model: torch.nn.Module
    ) -> Iterator[tuple[str, torch.Tensor]]:
        """Yield (name, weight) of the base in the type in which it will run, with the update."""
        update = Update(self.folder)
        for name, weight in super().get_all_weights(model_config, model):
            yield name, update.added_to(name, weight, model_config.dtype)


class Imported:
    """Named to vLLM as a worker's extension, so that each worker imports this module."""
