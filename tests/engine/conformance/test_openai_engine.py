"""Both engines that ask a server, against a true `vllm serve` on this machine."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from urllib.error import URLError

import pytest
from chat_model import TEMPLATES
from engine.conformance.test_conformance import (
    MAX_TOKENS,
    check_alike,
    check_equal,
    check_told,
    complete,
    continued,
    rated,
    told,
)
from engine_models import COMMON

from arte.core.errors import ArteError
from arte.engine.backends import load_engine
from arte.engine.contract import Sampling
from arte.models.endpoint import ADDRESSES, write_identity
from arte.models.tokenizer import load_tokenizer

TEMPLATE = TEMPLATES["default_system"]
START_S = 240


@pytest.fixture(scope="module")
def address(model_dir, tmp_path_factory):
    """The address of a server of the model, which ends with the tests.

    Its folder asks for sampling and penalties, which the server applies unless a request has them.
    """
    defaults = model_dir / "generation_config.json"
    written = defaults.read_text()
    config = json.loads(written)
    odd = {"do_sample": True, "repetition_penalty": 1.8, "min_p": 0.2, "top_k": 3, "top_p": 0.5}
    defaults.write_text(json.dumps(config | odd))
    with served(model_dir, tmp_path_factory.mktemp("server") / "log") as url:
        defaults.write_text(written)
        yield url


@contextmanager
def served(model_dir, log, *flags):
    """The address of a server, while it serves the model."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    quiet = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1"}
    common = (
        "--dtype float32 --max-model-len 1024 --block-size 32 --max-num-seqs 64 --enforce-eager"
        " --enable-prompt-tokens-details"
    )
    own = ["--kv-cache-memory-bytes", str(64 * 2**20), "--host", "127.0.0.1", "--port", port]
    # what `vllm serve` runs; that command itself looks for the name of the GPU build's package
    server = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", model_dir]
    with open(log, "w") as output:
        server = subprocess.Popen(
            [*server, *common.split(), *own, *flags],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | quiet,
        )
    try:
        _wait(server, f"http://127.0.0.1:{port}/health", log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(60)


def _wait(server, url, log):
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text()[-3000:]
        try:
            return urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 (of our own making)
        except URLError:
            time.sleep(0.5)
    raise AssertionError(log.read_text()[-3000:])


def load(model_dir, address, retries=1):
    own = {"base_url": address, "concurrency": 16, "timeout_s": 60, "retries": retries}
    return load_engine(model_dir, {**COMMON, "backend": "openai", "openai": own})


def without_broken_characters(completions):
    """The server sends no characters that lack bytes, which our decoding shows as �."""
    return [replace(c, text=c.text.replace("�", "")) for c in completions]


def test_completions_equal_those_of_the_transformers_engine(address, model_dir, prompts, reference):
    chosen, sampling = prompts[:120], Sampling(MAX_TOKENS)
    theirs = complete(load(model_dir, address), chosen, sampling)
    assert min(Counter(c.finish_reason for c in theirs).values()) >= 3
    ours = complete(reference, chosen, sampling)
    check_equal(model_dir, chosen, *map(without_broken_characters, (ours, theirs)))
    assert sum(c.n_cached_tokens for c in theirs) > 0


def test_likelihoods_equal_those_of_the_transformers_engine(address, model_dir, prompts, reference):
    asked = continued(prompts[5:65])
    check_alike(rated(reference, *asked), rated(load(model_dir, address), *asked))


def test_samples_depend_on_their_seeds_alone(address, model_dir, prompts):
    engine, sampling = load(model_dir, address), Sampling(MAX_TOKENS, temperature=1.0)
    seeds = list(range(30))
    together = [told(c) for c in complete(engine, prompts[:30], sampling, seeds)]
    backwards = complete(engine, prompts[:30][::-1], sampling, seeds[::-1])
    assert [told(c) for c in backwards][::-1] == together


def test_chat_completions_are_what_the_template_and_the_transformers_engine_give(
    model_dir, prompts, reference, tmp_path, monkeypatch
):
    turns = [[{"role": "user", "content": prompt}] for prompt in prompts[:60]]
    turns[::2] = [[{"role": "system", "content": "Be exact."}, *each] for each in turns[::2]]
    tokenizer = load_tokenizer(model_dir)
    tokenizer.chat_template = TEMPLATE
    rendered = [
        tokenizer.apply_chat_template(each, tokenize=False, add_generation_prompt=True)
        for each in turns
    ]
    sampling, folder = Sampling(MAX_TOKENS), tmp_path / "big"
    with served(model_dir, tmp_path / "log", "--chat-template", TEMPLATE) as url:
        limits = {"concurrency": 16, "timeout_s": 60, "retries": 1}
        known = {"big": {"url": url, "model": str(model_dir), **limits}}
        monkeypatch.setenv(ADDRESSES, json.dumps(known))
        engine = load_engine(folder, {"backend": "endpoint"})
        write_identity(folder, str(model_dir), engine.reported())
        theirs = complete(engine, turns, sampling)
    ours = complete(reference, rendered, sampling)
    assert len({c.finish_reason for c in theirs}) >= 2
    check_told(model_dir, rendered, *map(without_broken_characters, (ours, theirs)))


def test_a_model_that_is_not_served_fails_by_name(address, model_dir, tmp_path, prompts):
    other = tmp_path / "other"
    other.symlink_to(model_dir)
    with pytest.raises(ArteError, match="NotFoundError") as caught:
        complete(load(other, address), prompts[:3], Sampling(4))
    assert str(other) in caught.value.expected


def test_a_server_that_is_down_fails_the_job_and_tells_no_key(model_dir, prompts, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sesame")
    with pytest.raises(ArteError, match="APIConnectionError") as caught:
        complete(load(model_dir, "http://127.0.0.1:9/v1", 0), prompts[:3], Sampling(4))
    assert "sesame" not in str(caught.value)
