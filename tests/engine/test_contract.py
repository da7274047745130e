import random
import sys
from collections import Counter

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    Gemma2Config,
    Gemma2ForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedTokenizerFast,
)

from arte.core.errors import ArteError
from arte.engine.backends import load_engine
from arte.engine.contract import Sampling
from arte.engine.stops import Stops
from arte.engine.transformers.engine import TransformersEngine
from arte.engine.vllm import ENVIRONMENT, LOGGING
from arte.models.folder import load_causal_lm
from arte.models.tokenizer import load_tokenizer

WORDS = ["not", "true", "false", "is", "the", "answer", "so", "or", "<ans>", "</ans>", "Question:"]
CFG = {"backend": "transformers", "dtype": "float32", "max_model_len": 512, "batch_tokens": 1024}
MAX_TOKENS = 40


def words(rng, n):
    return " ".join(rng.choices(WORDS, k=n))


def save_tokenizer(folder):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=["<eos>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    texts = [words(random.Random(i), 40) for i in range(50)]
    tokenizer.train_from_iterator(texts, trainer)
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<eos>", pad_token="<eos>", padding_side="left"
    )
    wrapped.save_pretrained(folder)
    return wrapped


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory):
    """A random Llama with grouped heads and weights so large that it doesn't repeat one token."""
    folder = tmp_path_factory.mktemp("llama")
    tokenizer = save_tokenizer(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=0.4,
        eos_token_id=0,
        pad_token_id=0,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def engine(model_dir):
    return TransformersEngine(model_dir, CFG)


def all_prompts():
    """Seventy prompts: families with shared beginnings, loners, one of one token, a repeat."""
    rng = random.Random(0)
    families = [
        words(rng, n) + " " + words(rng, rng.randint(1, 20)) for n in (5, 60, 30) for _ in range(3)
    ]
    grown = [family + " " + words(rng, rng.randint(1, 30)) for family in families for _ in range(6)]
    return [*grown, *(words(rng, rng.randint(1, 90)) for _ in range(14)), "t", grown[0]]


@pytest.fixture(scope="module")
def cases(model_dir):
    """(prompt, greedy token ids) by transformers' own generate, one by one and without stops.

    Without those few in which rounding decides between the two likeliest tokens.
    """
    model, tokenizer = load_causal_lm(model_dir, "float32"), load_tokenizer(model_dir)
    kept = []
    for prompt in all_prompts():
        inputs = tokenizer(prompt, return_tensors="pt")
        out = model.generate(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            do_sample=False,
            max_new_tokens=MAX_TOKENS,
            return_dict_in_generate=True,
            output_logits=True,
        )
        best, second = torch.cat(out.logits).topk(2).values.unbind(-1)
        if (best - second).min() > 1e-4:
            kept.append((prompt, out.sequences[0, inputs["input_ids"].shape[1] :].tolist()))
    assert len(kept) >= 60
    return kept


@pytest.fixture(scope="module")
def prompts(cases):
    return [prompt for prompt, _ in cases]


@pytest.fixture(scope="module")
def references(cases):
    return [ids for _, ids in cases]


def in_order(engine, prompts, sampling, seeds=None):
    found = dict(engine.generate(prompts, sampling, seeds))
    assert sorted(found) == list(range(len(prompts)))
    return [found[i] for i in range(len(prompts))]


def expected(tokenizer, ids, stop):
    """Text and reason of a reference, cut as the first of its prefixes that holds a stop."""
    for length in range(1, len(ids) + 1):
        if ids[length - 1] == tokenizer.eos_token_id:
            return tokenizer.decode(ids[: length - 1]), "eos", length
        text = tokenizer.decode(ids[:length])
        ends = [text.index(s) + len(s) for s in stop if s in text]
        if ends:
            return text[: min(ends)], "stop", length
    return tokenizer.decode(ids), "length", len(ids)


def by_hand(tokenizer, references, stop):
    return [expected(tokenizer, ids, stop) for ids in references]


def seen(completions):
    return [(c.text, c.finish_reason, c.n_output_tokens) for c in completions]


@pytest.mark.parametrize("batch_tokens", [1, 700, 20000])
def test_greedy_completions_equal_those_of_generate(
    engine, prompts, references, monkeypatch, batch_tokens
):
    monkeypatch.setattr(engine, "batch_tokens", batch_tokens)
    chosen = slice(None) if batch_tokens > 1 else slice(0, None, 8)
    found = in_order(engine, prompts[chosen], Sampling(MAX_TOKENS, stop=()))
    assert seen(found) == by_hand(engine.tokenizer, references[chosen], ())
    assert len(set(seen(found))) > len(found) / 2  # the model says different things


def test_stops_that_span_tokens_cut_the_text_and_are_kept(engine, prompts, references):
    texts = [engine.tokenizer.decode(ids) for ids in references]
    rng = random.Random(1)
    cuts = [(text, rng.randrange(len(text) - 12)) for text in texts if len(text) > 20]
    stop = tuple(text[i : i + rng.randint(2, 9)] for text, i in cuts[:8])
    found = in_order(engine, prompts, Sampling(MAX_TOKENS, stop=stop))
    assert seen(found) == by_hand(engine.tokenizer, references, stop)
    assert "stop" in {c.finish_reason for c in found}


def test_only_tokens_that_may_end_a_stop_are_looked_at(engine):
    stops = Stops(engine.tokenizer, ("</ans>", "\nQuestion:"), engine.vocab_size)
    assert 0 < stops.may_end.sum() < 30
    ids = engine.tokenizer("so <ans>no</ans>. so")["input_ids"]
    assert [stops.cut(ids[:n]) for n in range(len(ids) + 1)].count("so <ans>no</ans>") >= 1
    assert stops.cut(engine.tokenizer("so <ans>no<ans>")["input_ids"]) is None


def test_prompt_tokens_are_shared_within_families(engine, prompts):
    found = in_order(engine, prompts, Sampling(2))
    total = sum(c.n_prompt_tokens for c in found)
    assert 0.3 * total < sum(c.n_cached_tokens for c in found) < total
    assert all(c.n_cached_tokens < c.n_prompt_tokens for c in found)


def test_samples_depend_on_their_seeds_and_not_on_the_batch(engine, prompts, monkeypatch):
    sampling = Sampling(12, temperature=1.0)
    seeds = list(range(len(prompts)))
    together = in_order(engine, prompts, sampling, seeds)
    monkeypatch.setattr(engine, "batch_tokens", 300)
    assert seen(in_order(engine, prompts[::-1], sampling, seeds[::-1])) == seen(together)[::-1]
    others = in_order(engine, prompts, sampling, [seed + 1000 for seed in seeds])
    assert seen(others) != seen(together)


def test_samples_follow_the_models_distribution(engine, model_dir):
    model, prompt = load_causal_lm(model_dir, "float32"), "is the answer"
    with torch.no_grad():
        logits = model(**engine.tokenizer(prompt, return_tensors="pt")).logits[0, -1]
    texts = engine.tokenizer.batch_decode(
        [[i] for i in range(len(logits))], skip_special_tokens=True
    )
    masses = Counter()
    for text, mass in zip(texts, (logits.double() / 2).softmax(-1).tolist(), strict=True):
        masses[text] += mass
    found = in_order(engine, [prompt] * 800, Sampling(1, 2.0, ()), list(range(800)))
    counts = Counter(completion.text for completion in found)
    for text, mass in masses.most_common(5):
        assert counts[text] / 800 == pytest.approx(mass, abs=4 * (mass / 800) ** 0.5)


def test_a_prompt_that_leaves_no_room_is_refused_before_any_is_run(engine):
    long = "not " * 600
    n = len(engine.tokenizer(long)["input_ids"])
    with pytest.raises(ArteError, match=f"{n} tokens in prompt 1 of 3"):
        next(engine.generate(["so", long, "is"], Sampling(4)))
    assert list(engine.generate([], Sampling(4))) == []


def test_out_of_memory_halves_the_batch_and_loses_nothing(
    engine, prompts, references, monkeypatch, capsys
):
    monkeypatch.setattr(engine, "batch_tokens", 8000)
    calls, forward = [], engine.model.forward

    def failing(*args, **kwargs):
        calls.append(1)
        if len(calls) in (20, 45):
            raise torch.OutOfMemoryError("simulated")
        return forward(*args, **kwargs)

    monkeypatch.setattr(engine.model, "forward", failing)
    found = in_order(engine, prompts, Sampling(MAX_TOKENS, stop=()))
    assert seen(found) == by_hand(engine.tokenizer, references, ())
    assert engine.batch_tokens == 2000
    assert capsys.readouterr().err.count("out of memory") == 2


def test_out_of_memory_with_one_row_is_raised(engine, monkeypatch):
    def failing(*args, **kwargs):
        raise torch.OutOfMemoryError("simulated")

    monkeypatch.setattr(engine.model, "forward", failing)
    monkeypatch.setattr(engine, "batch_tokens", 16)
    with pytest.raises(torch.OutOfMemoryError):
        in_order(engine, ["so is the answer"], Sampling(8))


def test_an_unknown_backend_is_refused(model_dir):
    with pytest.raises(ArteError, match="backend"):
        load_engine(model_dir, {**CFG, "backend": "abacus"})


@pytest.mark.parametrize("backend", ["vllm", "openai"])
def test_a_backend_that_is_not_installed_is_named(model_dir, monkeypatch, backend):
    for name, value in (ENVIRONMENT | LOGGING).items():
        monkeypatch.setenv(name, value)  # and unset afterwards
    monkeypatch.setitem(sys.modules, backend, None)
    server = {"base_url": "http://127.0.0.1:9", "concurrency": 1, "timeout_s": 1, "retries": 0}
    with pytest.raises(ArteError, match=f"import of {backend}"):
        load_engine(model_dir, {**CFG, "backend": backend, "openai": server})


def test_capped_scores_and_one_key_head_change_nothing(tmp_path):
    tokenizer = save_tokenizer(tmp_path)
    torch.manual_seed(0)
    config = Gemma2Config(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=1,
        head_dim=8,
        sliding_window=512,
        attn_logit_softcapping=1.5,
        initializer_range=0.5,
        eos_token_id=0,
        pad_token_id=0,
        bos_token_id=None,
    )
    Gemma2ForCausalLM(config).save_pretrained(tmp_path)
    chosen = [prompt for prompt in all_prompts()[::5] if prompt]
    found = in_order(TransformersEngine(tmp_path, CFG), chosen, Sampling(8, stop=()))
    model = load_causal_lm(tmp_path, "float32")
    model.set_attn_implementation("eager")
    for prompt, completion in zip(chosen, found, strict=True):
        out = model.generate(
            **tokenizer(prompt, return_tensors="pt", return_token_type_ids=False),
            do_sample=False,
            max_new_tokens=8,
        )
        ids = out[0, completion.n_prompt_tokens :]
        assert completion.text == tokenizer.decode(ids, skip_special_tokens=True)
    assert len({completion.text for completion in found}) > len(found) / 2


def test_a_model_with_a_short_attention_window_is_refused(tmp_path):
    tokenizer = save_tokenizer(tmp_path)
    config = MistralConfig(
        vocab_size=len(tokenizer),
        hidden_size=8,
        intermediate_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        num_key_value_heads=1,
        sliding_window=64,
    )
    MistralForCausalLM(config).save_pretrained(tmp_path)
    with pytest.raises(ArteError, match="window 64"):
        load_engine(tmp_path, CFG)
    assert load_engine(tmp_path, {**CFG, "max_model_len": 64})
