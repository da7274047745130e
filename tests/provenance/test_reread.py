"""Kept outputs, read anew: the same verdicts by our rule, whatever the table claims."""

import polars as pl
import pytest

from arte.core.forms import Form
from arte.provenance.reread import reread
from arte.provenance.rules import PRIMARY, RULES

OUTPUTS = {
    "a": "It is <ans>(A)</ans>",
    "b": "The answer is (B).",
    "c": "Not <ans>(A)</ans>, but <ans>(C)</ans>.",
    "d": "So <ans>(D)</ans>.\nQuestion: another\nAnswer: <ans>(A)</ans>",
    "e": "no answer",
}
"""Item to what a model wrote; the item's letter is its published answer."""

READ = {
    "strict": ["(A)", None, "(C)", "(D)", None],
    "lenient": ["(A)", "(B)", "(C)", "(D)", None],
    "first": ["(A)", None, "(A)", "(D)", None],
    "uncut": ["(A)", None, "(C)", "(A)", None],
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_reads_its_own_answers(rule):
    gold = {("hyperbaton", item): f"({item.upper()})" for item in OUTPUTS}
    claimed = pl.DataFrame(
        {
            "subtask": "hyperbaton",
            "item_id": list(OUTPUTS),
            "output": list(OUTPUTS.values()),
            "answer_pred": "(A)",
            "correct": True,  # what somebody made of the table
        }
    )
    found = reread(claimed, gold, {"hyperbaton": Form("option")}, RULES[rule])
    assert found["answer_pred"].to_list() == READ[rule]
    wanted = [
        answer == gold["hyperbaton", item] for item, answer in zip(OUTPUTS, READ[rule], strict=True)
    ]
    assert found["correct"].to_list() == wanted
    assert found.columns == claimed.columns


def test_the_primary_rule_is_the_one_that_runs_use():
    assert PRIMARY == "strict"
    assert set(RULES) == set(READ)
