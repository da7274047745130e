"""One random model and one engine of each kind for all tests of this folder, which need vLLM."""

import importlib.util

import pytest
from engine_models import TRANSFORMERS, load_vllm, mixed_prompts, save_random_llama

from arte.engine.transformers.engine import TransformersEngine


def pytest_collection_modifyitems(items):
    if importlib.util.find_spec("vllm") is None:
        reason = "vLLM is not in this environment; `make test-vllm` makes one and runs this"
        for item in items:
            if "tests/engine/conformance" in item.nodeid:
                item.add_marker(pytest.mark.skip(reason=reason))


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
