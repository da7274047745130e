"""KL divergence, margins and what digits keep of them, on tiny models and known numbers."""

import math
from contextlib import nullcontext

import numpy as np
import pytest
import tiny
import torch

from arte.align import divergence, preferences
from arte.core.errors import ArteError
from arte.models import folder as models
from arte.models.precision import Float32
from arte.models.tokenizer import load_tokenizer

ROWS = [
    {
        "kind": "rationale",
        "prompt": f"Question: q{i}\nAnswer:",
        "chosen": " so it is" * (i + 1),
        "rejected": " no",
    }
    for i in range(5)
]


@pytest.fixture
def folders(tmp_path):
    return [tiny.save(tmp_path / name, seed) for name, seed in (("a", 0), ("b", 1))]


def pairs_of(folder, **settings):
    settings = {"max_length": None, "seed": 0} | settings
    by_kind = preferences.renderings(load_tokenizer(folder), {}, model=str(folder))
    return divergence.sample(preferences.tokenized(ROWS, by_kind, where="here"), **settings)


def test_two_binary_distributions_give_the_textbook_value():
    p, q = torch.tensor([0.9, 0.1]), torch.tensor([0.5, 0.5])
    expected = 0.9 * math.log(0.9 / 0.5) + 0.1 * math.log(0.1 / 0.5)
    assert divergence.kl(p.log() + 3, q.log() - 1).item() == pytest.approx(expected, rel=1e-6)


def test_a_pair_counts_the_tokens_of_both_responses_and_of_nothing_else(folders):
    """One position at a time, in float64."""
    tokenizer = load_tokenizer(folders[0])
    aligned, original = (models.load_causal_lm(folder, "float32") for folder in folders)
    found = divergence.differences(pairs_of(folders[0]), aligned, original)
    for row, (nats, rise) in zip(ROWS, found, strict=True):
        values, odds = [], 0.0
        for key, sign in (("chosen", 1), ("rejected", -1)):
            head = tokenizer(row["prompt"])["input_ids"]
            ids = tokenizer(row["prompt"] + row[key] + "</s>")["input_ids"]
            for t in range(len(head), len(ids)):
                with torch.no_grad():
                    p, q = (
                        model(input_ids=torch.tensor([ids[:t]])).logits[0, -1].double()
                        for model in (aligned, original)
                    )
                p, q = p.log_softmax(-1), q.log_softmax(-1)
                values.append(float((p.exp() * (p - q)).sum()))
                odds += sign * float(p[ids[t]] - q[ids[t]])
        assert nats == pytest.approx(sum(values) / len(values), rel=1e-4)
        assert rise == pytest.approx(odds, rel=1e-3, abs=1e-4)


def test_a_model_is_at_no_distance_from_itself(folders):
    model = models.load_causal_lm(folders[0], "float32")
    assert divergence.differences(pairs_of(folders[0]), model, model) == [(0.0, 0.0)] * 5


def test_texts_are_cut_as_in_training_and_prompts_that_fill_it_are_left_out(folders):
    tokenizer = load_tokenizer(folders[0])
    heads = [len(tokenizer(row["prompt"])["input_ids"]) for row in ROWS]
    limit = max(heads) + 3
    cut = pairs_of(folders[0], max_length=limit)
    assert len(cut) == 5
    assert max(text.ids.shape[1] for pair in cut for text in pair) == limit
    assert pairs_of(folders[0], max_length=min(heads)) == []


def test_the_sample_is_seeded_and_at_most_as_large_as_said(folders, monkeypatch):
    monkeypatch.setattr(divergence, "PAIRS", 3)
    ids = [
        [text.ids.tolist() for pair in pairs_of(folders[0], seed=seed) for text in pair]
        for seed in (0, 0, 1, 2)
    ]
    assert len(ids[0]) == 6
    assert ids[0] == ids[1]
    assert ids[0] != ids[2] or ids[0] != ids[3]


def test_wide_arithmetic_on_narrow_weights_is_that_of_wide_weights(folders):
    narrow = models.load_causal_lm(folders[0], "bfloat16")
    ids = torch.arange(3, 40)[None]
    with torch.no_grad(), Float32():
        found = narrow(input_ids=ids).logits
    with torch.no_grad():
        rounded, expected = narrow(input_ids=ids).logits, narrow.float()(input_ids=ids).logits
    assert found.dtype == torch.float32
    assert torch.allclose(found, expected, atol=1e-6)
    assert not torch.allclose(rounded.float(), expected, atol=1e-4)


def test_the_mean_has_its_standard_error_over_pairs():
    assert divergence.summary([1.0, 2.0, 3.0]) == {
        "kl": 2.0,
        "kl_se": pytest.approx(1 / math.sqrt(3)),
        "kl_pairs": 3,
    }
    assert divergence.summary([1.0])["kl_se"] is None


def test_the_share_is_a_slope_with_its_error():
    expected = [0.5, 1.0, -2.0, 4.0]
    assert divergence.share([x / 4 for x in expected], expected) == pytest.approx((0.25, 0))
    slope, error = divergence.share([0.6, 0.9, -2.1, 4.1], expected)
    assert slope == pytest.approx(1.02, abs=0.01)
    assert 0.005 < error < 0.05
    assert divergence.share([0.7], [1.0]) == (0.7, None)
    assert divergence.share([0.7, 0.2], [1.0, 0.0]) == (0.7, None)


@pytest.mark.parametrize("pairs", [2, 3, 6, 24])
def test_a_share_of_exactly_the_least_is_seldom_refused_however_few_the_pairs(pairs):
    rng = np.random.default_rng(pairs)
    engine = {"backend": "transformers", "dtype": "bfloat16"}
    refused, draws = 0, 1000
    for _ in range(draws):
        expected = rng.normal(0.5, 0.4, pairs)
        found = 0.9 * expected + rng.normal(0, 0.3, pairs)
        kept, error = divergence.share(found.tolist(), expected.tolist())
        measured = {"moved": True, "margin_kept": kept, "margin_kept_se": error}
        try:
            divergence.check(measured | {"kl_pairs": pairs}, engine)
        except ArteError:
            refused += 1
    assert refused / draws < 0.045  # nominally 0.025; by two plain standard errors 0.10 of 6 pairs


@pytest.mark.parametrize(
    ("moved", "kept", "error", "refused"),
    [
        (True, 0.14, 0.05, True),
        (True, 0.75, 0.01, True),
        (True, 0.85, 0.05, False),
        (True, 0.75, None, False),
        (True, 0.99, 0.0, False),
        (True, None, None, False),
        (False, 0.1, 0.01, False),
    ],
)
def test_lost_margins_are_refused_beyond_their_noise(moved, kept, error, refused):
    found = {"moved": moved, "margin_kept": kept, "margin_kept_se": error, "kl_pairs": 128}
    engine = {"backend": "openai", "dtype": "bfloat16"}
    expected = nullcontext()
    if refused:
        expected = pytest.raises(ArteError, match=r"(?s)openai.*bfloat16.*learning_rate")
    with expected:
        divergence.check(found, engine)
