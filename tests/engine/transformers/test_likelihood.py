import random

import pytest
import torch
from tiny_model import save_tiny_llama

from arte.core.errors import ArteError
from arte.engine.transformers.engine import TransformersEngine
from arte.models.folder import load_causal_lm

CFG = {"dtype": "float32", "max_model_len": 400, "batch_tokens": 4096}


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory):
    return save_tiny_llama(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def engine(model_dir):
    return TransformersEngine(model_dir, CFG)


def asked():
    """Several continuations of each of some prompts that begin alike; loners; an empty one."""
    rng = random.Random(0)
    heads = [
        "Is it so? " * 9 + "".join(rng.choices("abc ", k=rng.randint(1, 60))) for _ in range(6)
    ]
    pairs = [(head, "".join(rng.choices("xyz ", k=rng.randint(1, 90)))) for head in heads * 4]
    return [*pairs, ("a", "b"), ("Why? ", "é" * 40), (heads[0], ""), pairs[0]]


@pytest.fixture(scope="module")
def expected(model_dir, engine):
    """(sum of log-probabilities, tokens) by plain passes over single texts."""
    model, found = load_causal_lm(model_dir, "float32"), []
    for prompt, continuation in asked():
        ids = engine.tokenizer(prompt + continuation, return_tensors="pt")["input_ids"]
        n = len(continuation.encode())  # a token is a byte
        with torch.inference_mode():
            logs = model(ids).logits[0, :-1].double().log_softmax(-1)
        chosen = logs.gather(-1, ids[0, 1:, None])[:, 0]
        found.append((float(chosen[len(chosen) - n :].sum()), n))
    return found


@pytest.mark.parametrize("batch_tokens", [1, 500, 4096])
def test_likelihoods_equal_those_of_plain_passes(engine, expected, monkeypatch, batch_tokens):
    monkeypatch.setattr(engine, "batch_tokens", batch_tokens)
    prompts, continuations = zip(*asked(), strict=True)
    found = dict(engine.likelihoods(list(prompts), list(continuations)))
    assert sorted(found) == list(range(len(prompts)))
    for i, (value, n) in enumerate(expected):
        assert found[i].n_tokens == n
        assert found[i].log_probability == pytest.approx(value, abs=1e-3)
        assert found[i].n_prompt_tokens == len(prompts[i].encode())


def test_prompt_tokens_are_shared(engine):
    prompts, continuations = zip(*asked(), strict=True)
    found = dict(engine.likelihoods(list(prompts), list(continuations))).values()
    total = sum(each.n_prompt_tokens for each in found)
    assert 0.5 * total < sum(each.n_cached_tokens for each in found) < total


def test_out_of_memory_halves_the_batch(engine, expected, monkeypatch):
    monkeypatch.setattr(engine, "batch_tokens", 2000)
    calls, run = [], engine.model.forward

    def failing(*args, **kwargs):
        calls.append(1)
        if len(calls) == 3:
            raise torch.OutOfMemoryError("simulated")
        return run(*args, **kwargs)

    monkeypatch.setattr(engine.model, "forward", failing)
    prompts, continuations = zip(*asked(), strict=True)
    found = dict(engine.likelihoods(list(prompts), list(continuations)))
    assert engine.batch_tokens == 1000
    assert [found[i].n_tokens for i in range(len(found))] == [n for _, n in expected]


def test_a_text_that_does_not_fit_is_an_error(engine):
    with pytest.raises(ArteError, match="max_model_len"):
        list(engine.likelihoods(["so"], ["o" * 400]))


def test_nothing_asked_gives_nothing(engine):
    assert list(engine.likelihoods([], [])) == []
