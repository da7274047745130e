"""KL divergence of two models on the responses of pairs."""

import math

import pytest
import torch

from arte.align import divergence

LENGTHS = [(3, 2), (2, 4), (5, 1)]
"""(prompt, response) tokens of rows; batches are all chosen, then all rejected."""


def batch(rows):
    """A padded batch with random tokens, as TRL's collator lays it out."""
    width = max(map(sum, rows))
    places = torch.arange(width).expand(len(rows), -1)
    heads, ends = (torch.tensor(column)[:, None] for column in zip(*rows, strict=True))
    attention = (places < heads + ends).long()
    return {
        "input_ids": torch.randint(7, (len(rows), width)) * attention,
        "attention_mask": attention,
        "completion_mask": attention * (places >= heads),
    }


def forward(seed):
    """Random logits that depend on a token and its place, never on the batch around it."""
    table = torch.randn(9, 7, 7, generator=torch.Generator().manual_seed(seed))
    return lambda input_ids, **_: table[torch.arange(input_ids.shape[1]), input_ids]


def by_hand(rows, data, aligned, original):
    """(total, tokens) of each row, one position at a time."""
    logits = [f(data["input_ids"]).double() for f in (aligned, original)]
    for i, (head, response) in enumerate(rows):
        total = 0.0
        for t in range(head - 1, head + response - 1):
            p, q = (torch.softmax(x[i, t], -1).tolist() for x in logits)
            total += sum(a * math.log(a / b) for a, b in zip(p, q, strict=True))
        yield total, response


def test_two_binary_distributions_give_the_textbook_value():
    p, q = torch.tensor([0.9, 0.1]), torch.tensor([0.5, 0.5])
    expected = 0.9 * math.log(0.9 / 0.5) + 0.1 * math.log(0.1 / 0.5)
    assert divergence.kl(p.log() + 3, q.log() - 1).item() == pytest.approx(expected, rel=1e-6)


def test_a_pair_counts_the_tokens_of_both_responses_and_of_nothing_else():
    chosen, rejected = LENGTHS, LENGTHS[::-1]
    data = batch(chosen + rejected)
    aligned, original = forward(0), forward(1)
    rows = list(by_hand(chosen + rejected, data, aligned, original))
    expected = [
        (rows[i][0] + rows[i + 3][0]) / (rows[i][1] + rows[i + 3][1]) for i in range(len(chosen))
    ]
    found = divergence.of_pairs([data], aligned, original)
    assert found == pytest.approx(expected, rel=1e-5)


def test_a_model_is_at_no_distance_from_itself():
    data = [batch(LENGTHS[:2]), batch(LENGTHS[1:])]
    assert divergence.of_pairs(data, forward(0), forward(0)) == [0.0, 0.0]


def test_the_mean_has_its_standard_error_over_pairs():
    assert divergence.summary([1.0, 2.0, 3.0]) == {
        "kl": 2.0,
        "kl_se": pytest.approx(1 / math.sqrt(3)),
        "kl_pairs": 3,
    }
    assert divergence.summary([1.0])["kl_se"] is None
