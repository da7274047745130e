import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from arte.engine.transformers.attention import partial

ROWS, HEADS, QUERIES, KEYS, SIZE = 3, 2, 4, 11, 8
SCALE = 0.3


@pytest.fixture
def states():
    torch.manual_seed(0)
    return [torch.randn(ROWS, HEADS, n, SIZE) for n in (QUERIES, KEYS, KEYS)]


@pytest.fixture
def mask():
    hidden = torch.rand(ROWS, 1, 1, KEYS) < 0.4
    hidden[..., [0, 6]] = False
    return torch.zeros(hidden.shape).masked_fill(hidden, -torch.inf)


# a cap far above all scores changes none, but takes the way of other devices
@pytest.mark.parametrize("softcap", [None, 1e5])
def test_parts_combine_to_attention_to_all_keys(states, mask, softcap):
    query, key, value = states
    whole = scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=SCALE)
    halves = [
        partial(
            query,
            key[:, :, part],
            value[:, :, part],
            mask=mask[..., part],
            scale=SCALE,
            softcap=softcap,
        )
        for part in (slice(0, 5), slice(5, KEYS))
    ]
    weights = torch.stack([mass for _, mass in halves]).softmax(0)
    combined = sum(w[..., None] * out for w, (out, _) in zip(weights, halves, strict=True))
    torch.testing.assert_close(combined, whole, rtol=1e-4, atol=1e-5)


def test_scores_are_capped(states):
    query, key, value = states
    scores = 2 * torch.tanh(query @ key.mT * SCALE / 2)
    out, mass = partial(query, key, value, mask=None, scale=SCALE, softcap=2)
    torch.testing.assert_close(out, scores.softmax(-1) @ value)
    torch.testing.assert_close(mass, scores.logsumexp(-1))
