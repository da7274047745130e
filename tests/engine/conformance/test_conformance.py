"""vLLM and the transformers engine say the same of the same model, prompt by prompt."""

import random
import re
import warnings
from collections import Counter

import pytest
import torch
from engine_models import TRANSFORMERS, VLLM, load_vllm, phrase
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file

from arte.core.errors import ArteError
from arte.engine.contract import Completion, Engine, Sampling
from arte.engine.generate import Generator
from arte.engine.transformers.engine import TransformersEngine
from arte.engine.vllm import weights
from arte.models.adapter import Update
from arte.models.folder import load_causal_lm, record_base, write_fingerprint
from arte.models.tokenizer import load_tokenizer

EPSILON = 1e-4
"""Two likeliest logits (of a spread of about 5) this close may change places by rounding."""
MAX_TOKENS = 24
FEW = 0.01
"""Share of prompts that may diverge at a near-tie."""

pytestmark = pytest.mark.filterwarnings("default")  # vLLM's own


def complete(engine: Engine, prompts: list[str], sampling: Sampling, seeds=None):
    found = dict(engine.generate(prompts, sampling, seeds))
    assert sorted(found) == list(range(len(prompts)))
    return [found[i] for i in range(len(prompts))]


def told(completion: Completion) -> tuple[str, str, int]:
    """All but what depends on caching, and on when a stop was seen."""
    return completion.text, completion.finish_reason, completion.n_prompt_tokens


def smallest_gap(model_dir, prompt: str) -> float:
    """Least difference of the two likeliest logits along the greedy path."""
    model, tokenizer = load_causal_lm(model_dir, "float32"), load_tokenizer(model_dir)
    ids = tokenizer(prompt, return_tensors="pt")["input_ids"]
    gaps = []
    for _ in range(MAX_TOKENS):
        with torch.inference_mode():
            best = model(ids).logits[0, -1].topk(2)
        gaps.append(float(best.values[0] - best.values[1]))
        ids = torch.cat([ids, best.indices[None, :1]], dim=1)
        if ids[0, -1] == tokenizer.eos_token_id:
            break
    return min(gaps)


def check_told(model_dir, prompts, ours, theirs):
    """Equal texts and reasons, but for few divergences, all of them at near-ties."""
    pairs = zip(ours, theirs, strict=True)
    diverged = [i for i, (one, other) in enumerate(pairs) if told(one) != told(other)]
    gaps = {i: smallest_gap(model_dir, prompts[i]) for i in diverged}
    print(f"{len(prompts)} prompts, {len(diverged)} diverged, least top-2 gaps {gaps}")
    for i, gap in gaps.items():
        assert gap < EPSILON, f"prompt {i}: {told(ours[i])} against {told(theirs[i])}"
    assert len(diverged) <= FEW * len(prompts)


def check_equal(model_dir, prompts, ours, theirs):
    """The same, and as many tokens made, but for those after a stop that is seen late."""
    check_told(model_dir, prompts, ours, theirs)
    tokens = [sum(c.n_output_tokens for c in completions) for completions in (ours, theirs)]
    assert tokens[1] == pytest.approx(tokens[0], rel=0.005)


@pytest.fixture(scope="module")
def greedy(reference, vllm, prompts):
    sampling = Sampling(MAX_TOKENS)
    return complete(reference, prompts, sampling), complete(vllm, prompts, sampling)


def test_greedy_completions_are_equal(greedy, prompts, model_dir):
    assert len(prompts) >= 500
    check_equal(model_dir, prompts, *greedy)


def test_the_prompts_meet_every_kind_of_end(greedy):
    ours, _ = greedy
    reasons = Counter(completion.finish_reason for completion in ours)
    assert min(reasons["stop"], reasons["eos"], reasons["length"]) >= 20
    assert sum(completion.text == "" for completion in ours) >= 3
    assert any("�" in completion.text for completion in ours)
    assert len({completion.text for completion in ours}) > 400


def test_stops_across_tokens_cut_both_alike(reference, vllm, prompts, greedy, model_dir):
    runs = [run for c in greedy[0] for run in re.findall(r"[ -~]{12,}", c.text)]
    stop = tuple(run[4:8] for run in random.Random(1).sample(runs, 8))
    sampling = Sampling(MAX_TOKENS, stop=stop)
    ours, theirs = (complete(engine, prompts, sampling) for engine in (reference, vllm))
    assert sum(c.finish_reason == "stop" for c in ours) >= 10
    check_equal(model_dir, prompts, ours, theirs)


def rated(engine: Engine, prompts: list[str], continuations: list[str]):
    found = dict(engine.likelihoods(prompts, continuations))
    assert sorted(found) == list(range(len(prompts)))
    return [found[i] for i in range(len(prompts))]


def continued(prompts: list[str]) -> tuple[list[str], list[str]]:
    """Prompts with one to three continuations each, of which one is empty."""
    rng = random.Random(2)
    pairs = [(prompt, " " + phrase(rng, 1, 40)) for prompt in prompts for _ in range(3)]
    chosen = [pairs[0], (prompts[0], ""), *rng.sample(pairs, len(prompts))]
    return [prompt for prompt, _ in chosen], [continuation for _, continuation in chosen]


def check_alike(ours, theirs):
    """Equal counts; log-probabilities within rounding, relative to how unlikely the text is."""
    assert [(c.n_tokens, c.n_prompt_tokens) for c in ours] == [
        (c.n_tokens, c.n_prompt_tokens) for c in theirs
    ]
    for one, other in zip(ours, theirs, strict=True):
        assert other.log_probability == pytest.approx(one.log_probability, rel=1e-5, abs=1e-4)
    assert (ours[1].n_tokens, ours[1].log_probability) == (0, 0)
    assert min(each.n_tokens for each in ours[2:]) > 0


def test_likelihoods_are_equal(reference, vllm, prompts):
    asked = continued(prompts[5:205])
    check_alike(rated(reference, *asked), rated(vllm, *asked))


def test_shared_prefixes_are_cached(greedy):
    _, theirs = greedy
    cached = sum(completion.n_cached_tokens for completion in theirs)
    assert cached > 0.3 * sum(completion.n_prompt_tokens for completion in theirs)


def test_samples_depend_on_their_seeds_alone(vllm, prompts):
    chosen, sampling = prompts[:60], Sampling(MAX_TOKENS, temperature=1.0)
    seeds = list(range(60))
    together = [told(c) for c in complete(vllm, chosen, sampling, seeds)]
    backwards = [told(c) for c in complete(vllm, chosen[::-1], sampling, seeds[::-1])]
    assert backwards[::-1] == together
    others = [told(c) for c in complete(vllm, chosen, sampling, [seed + 100 for seed in seeds])]
    assert sum(a != b for a, b in zip(together, others, strict=True)) > 50


def test_a_prompt_that_leaves_no_room_is_refused(vllm):
    with pytest.raises(ArteError, match="prompt 1 of 3"):
        next(vllm.generate(["so", "東京 " * 2000, "yes"], Sampling(4)))


def test_an_abandoned_iterator_leaves_nothing_behind(vllm, prompts, greedy):
    started = vllm.generate(prompts, Sampling(MAX_TOKENS))
    next(started)
    started.close()
    assert complete(vllm, prompts[:5], Sampling(MAX_TOKENS))[0].text == greedy[1][0].text


@pytest.fixture(scope="module")
def adapter(tmp_path_factory, model_dir):
    """A LoRA folder on the model."""
    folder = tmp_path_factory.mktemp("lora")
    torch.manual_seed(1)
    config = LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False)
    get_peft_model(load_causal_lm(model_dir, "float32"), config).save_pretrained(folder)
    record_base(folder, model_dir)
    write_fingerprint(folder)
    return folder


def test_a_lora_folder_is_served_as_it_was_trained(adapter, prompts, greedy):
    sampling, chosen = Sampling(MAX_TOKENS), prompts[:100]
    ours = complete(TransformersEngine(adapter, TRANSFORMERS), chosen, sampling)
    assert [c.text for c in ours] != [c.text for c in greedy[0][:100]]
    check_equal(adapter, chosen, ours, complete(load_vllm(adapter), chosen, sampling))


def test_weights_of_few_digits_take_the_update_rounded_at_random(adapter, model_dir):
    from vllm import EngineArgs
    from vllm.model_executor.model_loader import get_model_loader

    arguments = EngineArgs(dtype="bfloat16", **weights(adapter))
    loader = get_model_loader(arguments.create_load_config())
    config = arguments.create_model_config()
    found = dict(loader.get_all_weights(config, torch.nn.Module()))
    update, base = Update(adapter), load_file(model_dir / "model.safetensors")
    assert found.keys() == base.keys() > update.names
    for name, weight in base.items():
        assert torch.equal(found[name], update.added_to(name, weight, torch.bfloat16))
        assert torch.equal(found[name], weight) is (name not in update.names)


def test_a_generator_journals_what_vllm_says(tmp_path, model_dir, prompts, greedy):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        first = Generator(model_dir, VLLM, tmp_path, "score")
        found = first.complete("snarks", prompts[:50], Sampling(MAX_TOKENS))
    assert [c.text for c in found] == [c.text for c in greedy[1][:50]]
    assert (first.stats["model_loads"], first.stats["generated"]) == (1, 50)
    second = Generator(model_dir, VLLM, tmp_path, "score")
    assert second.complete("snarks", prompts[:50], Sampling(MAX_TOKENS)) == found
    assert (second.stats["model_loads"], second.stats["from_journal"]) == (0, 50)
