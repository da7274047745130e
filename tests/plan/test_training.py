"""arte.plan.training: what a training set is made of."""

from dataclasses import replace

import pytest
from configs import DEFAULT, merged
from plan.test_stages import TEN, every

from arte.plan.sizes import Training
from arte.plan.training import padded, train_nano, training_set


def test_a_training_set_has_its_arms_questions_and_their_lengths():
    """An example: template 10, question 10, rationale 10; with longer responses 40."""
    lengths = every(DEFAULT)
    assert training_set(DEFAULT, lengths, Training("s", "arte")) == (6 * 24, 30)
    lengths["gpt4_llm"] = replace(TEN, rationale=20)
    rows = DEFAULT["instructions"]["rows"]
    assert training_set(DEFAULT, lengths, Training("s", "gpt4_llm")) == (rows, 40)


def test_an_arm_of_table_4_has_one_benchmarks_questions():
    lengths = {"gsm8k": replace(TEN, question=50)}
    config = merged(DEFAULT, {"ood": {"questions": 7}})
    assert training_set(config, lengths, Training("s", "transfer_aligned", "gsm8k")) == (7, 70)


@pytest.mark.parametrize(("tokens", "steps"), [(100_000, 48), (100, 1)])
def test_an_unseen_nano_student_is_trained_for_its_own_tokens(tokens, steps):
    unseen = {
        "architecture": "llama",
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 1,
        "tokens": tokens,
    }
    config = merged(
        DEFAULT,
        {
            "models": {"small": {"source": "nano"}},
            "roles": {"unseen": ["small"]},
            "nano": {"unseen": {"small": unseen}},
        },
    )
    row = train_nano(config, {})[-1]
    assert (row.stage, row.model, row.steps) == ("train_nano_unseen", "small", steps)


@pytest.mark.parametrize(
    ("batch", "length"),
    [(1, 0.75 * 10 + 0.25 * 90), (2, 0.75**2 * 10 + (1 - 0.75**2) * 90), (100, 90)],
)
def test_sequences_are_padded_to_the_longest_of_their_batch(batch, length):
    assert padded([(0.25, 90), (0.75, 10)], batch) == pytest.approx(length)
