"""Limits on what a model's first calls give."""

import pytest

from arte.core import gates
from arte.core.errors import ArteError

LEAST, MOST = {"tagged": 0.25}, {"cut_off": 0.5}


def gate_of(*rates):
    gate = gates.Gate("rationales")
    for name, tagged, cut_off in rates:
        found = {"tagged": tagged, "cut_off": cut_off}
        gate.judge(name, found, least=LEAST, most=MOST, shown=["", f"said of {name}"])
    return gate


def test_rates_at_their_limits_pass(capsys):
    gate_of(("navigate", 0.25, 0.5), ("snarks", 1, 0)).stop(where="here", remedy="do this")
    told = capsys.readouterr().err
    assert "first rationales of navigate: tagged 0.25, cut_off 0.50" in told


def test_a_stop_names_each_limit_an_output_and_the_remedy():
    gate = gate_of(("navigate", 1, 0), ("snarks", 0.2, 0.6), ("hyperbaton", 0, 0))
    with pytest.raises(ArteError) as error:
        gate.stop(where="the teacher", remedy="do this")
    told = str(error.value)
    for words in (
        "snarks: tagged 0.20 (least gates.tagged: 0.25), cut_off 0.60 (most gates.cut_off: 0.5)",
        "hyperbaton: tagged 0.00",
        "'said of snarks'",
        "snakemake preview",
        "do this",
    ):
        assert words in told
    assert "navigate" not in told


def test_without_limits_nothing_is_judged(monkeypatch):
    monkeypatch.delenv(gates.LIMITS, raising=False)
    assert gates.limits() == {"calls": 0}


@pytest.mark.parametrize(
    ("text", "refuses"),
    [
        ("I'm sorry, but I can't help with that.", True),
        ("I cannot say.", True),
        ("**As an AI** language model", True),
        ("I can't tell the first from the second, but the third", True),
        ("He is sorry. I agree.", False),
        ("I can see that he plays it.", False),
        ("As an airline pilot", False),
        ("", False),
    ],
)
def test_refusals_are_known_by_their_first_words(text, refuses):
    assert gates.refused(text) == refuses
