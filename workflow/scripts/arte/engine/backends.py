"""Which backends there are, and how a model is loaded into one."""

import os
from importlib import import_module

from arte.core.errors import ArteError
from arte.engine.contract import Engine

BACKENDS = {
    "transformers": "arte.engine.transformers.engine:TransformersEngine",
    "vllm": "arte.engine.vllm:VllmEngine",
    "openai": "arte.engine.openai:OpenaiEngine",
    "endpoint": "arte.engine.endpoint:EndpointEngine",
}
"""Backend to its class; `endpoint` is that of models of this source alone.

Imported by name, so that a job depends on its own backend alone.
"""


def load_engine(model_dir: str | os.PathLike, cfg: dict) -> Engine:
    """Load the model in `model_dir` into the engine that `cfg` (config block `engine`) names."""
    if cfg["backend"] not in BACKENDS:
        raise ArteError(
            expected=f"engine.backend: one of {', '.join(BACKENDS)}",
            found=repr(cfg["backend"]),
            where="config",
            remedy="name a backend that exists",
        )
    module, _, name = BACKENDS[cfg["backend"]].partition(":")
    return getattr(import_module(module), name)(model_dir, cfg)
