"""One random model and one engine of each kind for all tests of this folder, which need vLLM."""

import importlib.util
import warnings

import pytest

from arte.batched import TransformersEngine
from arte.engine import load_engine
from engines.engine_models import mixed_prompts, save_random_llama

COMMON = {"dtype": "float32", "max_model_len": 1024}
TRANSFORMERS = {**COMMON, "backend": "transformers", "batch_tokens": 16384}
VLLM = {
    **COMMON,
    "backend": "vllm",
    "gpus": 0,
    "vllm": {
        "max_num_seqs": 64,
        "max_num_batched_tokens": 2048,
        "block_size": 32,
        "gpu_memory_utilization": 0.9,
        "kv_cache_memory_bytes": 64 * 2**20,
        "enforce_eager": True,
    },
}


def pytest_collection_modifyitems(items):
    if importlib.util.find_spec("vllm") is None:
        reason = "vLLM is not in this environment; `make test-vllm` makes one and runs this"
        for item in items:
            if "tests/engines" in item.nodeid:
                item.add_marker(pytest.mark.skip(reason=reason))


def load_vllm(model_dir):
    """vLLM's imports warn of much that is not ours to mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load_engine(model_dir, VLLM)


@pytest.fixture(scope="session")
def prompts():
    return mixed_prompts(520)


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory, prompts):
    return save_random_llama(tmp_path_factory.mktemp("llama"), prompts)


@pytest.fixture(scope="session")
def reference(model_dir):
    return TransformersEngine(model_dir, TRANSFORMERS)


@pytest.fixture(scope="session")
def vllm(model_dir):
    return load_vllm(model_dir)
