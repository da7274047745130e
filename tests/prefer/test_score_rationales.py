import json
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from checkout import ROOT
from hypothesis import given
from hypothesis import strategies as st
from prefer.scorers.test_icl import SUBTASK, TECHNIQUES, preference, rationales
from tiny_model import ENGINE, PROMPTS, call, save_tiny_llama

from arte.core import gates, identity, io
from arte.core.errors import ArteError
from arte.elicit.tables import RATIONALES
from arte.prefer import score_rationales
from arte.prefer.scorers.table import SCORERS
from arte.prefer.tables.outputs import SCORE_OUTPUTS
from arte.prefer.tables.preference_set import PREFERENCE_SET
from arte.prefer.tables.scores import QUESTION_SCORES, SCORES

SHORT = """
from arte.prefer.scorers.contract import Request, Scored, scores_of

def score(request: Request) -> Scored:
    lengths = [-len(text.split()) for text in request.drafts["rationale"]]
    return Scored(scores_of(request.drafts, lengths))
"""
"""A scorer of three lines: short rationales are liked."""


def scored(values: list[float]) -> pl.DataFrame:
    """SCORES of questions with two rationales each."""
    rows = [
        {"question_id": f"q{i // 2}", "rationale_id": i % 2, "score": value}
        for i, value in enumerate(values)
    ]
    fixed = {"subtask": SUBTASK, "technique": "steps", "n": 7}
    return SCORES.frame([{**fixed, **row} for row in rows])


@given(st.lists(st.integers(0, 7), min_size=8, max_size=8), st.randoms(use_true_random=False))
def test_a_question_scores_the_mean_of_its_rationales_in_any_order(right, random):
    table = scored([n / 7 for n in right])
    order = list(range(8))
    random.shuffle(order)
    found = score_rationales.question_scores(table[order])
    assert found["n"].to_list() == [2] * 4
    sums = [a + b for a, b in zip(right[::2], right[1::2], strict=True)]
    for (a, s_a), (b, s_b) in pairwise(zip(sums, found["score"], strict=True)):
        assert abs(s_a - a / 14) < 1e-11
        assert (s_a == s_b) == (a == b)  # however the answers are spread over rationales


def files(tmp_path, items: bool) -> dict:
    """Arguments of the command, with its inputs written."""
    io.write_table(rationales(), tmp_path / "rationales.parquet", RATIONALES, {})
    io.write_table(preference(), tmp_path / "set.parquet", PREFERENCE_SET, {})
    return {
        "rationales": tmp_path / "rationales.parquet",
        "preference": [tmp_path / "set.parquet"] if items else [],
        "prompts": PROMPTS,
        "model": save_tiny_llama(tmp_path / "model"),
        "journal": tmp_path / "journal",
        "output_stats": tmp_path / "stats.json",
        "output_outputs": [tmp_path / "outputs.parquet"] if items else [],
        "output_scores": tmp_path / "scores.parquet",
        "output_question_scores": tmp_path / "question_scores.parquet",
    }


CFG = {"subtasks": [SUBTASK], "engine": ENGINE, "max_tokens": 4}


@pytest.mark.parametrize("name", SCORERS)
def test_every_scorer_scores_every_rationale(name, tmp_path, monkeypatch):
    scorer = SCORERS[name]
    arguments = files(tmp_path, scorer.items)
    call(score_rationales.main, monkeypatch, cfg=CFG, scorer=scorer.module, **arguments)
    assert io.read_table(tmp_path / "scores.parquet", SCORES).height == 4
    assert io.read_table(tmp_path / "question_scores.parquet", QUESTION_SCORES).height == 2
    assert (tmp_path / "outputs.parquet").exists() == scorer.items
    stats = io.read_json(tmp_path / "stats.json")
    assert stats["requests"] == (12 if scorer.items else 4)
    assert stats["counts"][SUBTASK]["without_score"] == 0
    if scorer.items:
        assert io.read_table(tmp_path / "outputs.parquet", SCORE_OUTPUTS).height == 12


def test_a_scorer_of_one_s_own_is_one_module(tmp_path, monkeypatch):
    (tmp_path / "liked_if_short.py").write_text(SHORT)
    monkeypatch.syspath_prepend(tmp_path)
    call(
        score_rationales.main,
        monkeypatch,
        cfg=CFG,
        scorer="liked_if_short",
        **files(tmp_path, items=False),
    )
    found = io.read_table(tmp_path / "scores.parquet", SCORES)
    assert found["technique"].to_list() == TECHNIQUES * 2
    assert set(found["score"]) == {-2.0}


def test_a_scorer_is_out_of_date_for_its_own_module_alone():
    def files_of(scorer):
        return set(identity.closure("arte/prefer/score_rationales.py", scorer.module))

    icl, loglik = files_of(SCORERS["icl"]), files_of(SCORERS["loglik"])
    assert icl - loglik == {"arte/prefer/scorers/icl.py"}
    assert loglik - icl == {"arte/prefer/scorers/loglik.py"}
    assert "arte/prefer/scorers/table.py" not in icl | loglik


def test_a_scorer_s_module_and_line_are_there():
    for scorer in SCORERS.values():
        path = Path(ROOT, "workflow/scripts", *scorer.module.split(".")).with_suffix(".py")
        assert path.read_text().count("\n") <= 120


def test_a_student_that_prefers_nothing_is_stopped(tmp_path, monkeypatch):
    arguments = files(tmp_path, items=True) | {"scorer": SCORERS["icl"].module}
    limits = {"calls": 1, "answers": 0.1, "distinct_scores": 2}
    monkeypatch.setenv(gates.LIMITS, json.dumps(limits))
    with pytest.raises(ArteError, match=r"(?s)gates\.distinct_scores.*gates\.answers.*chat"):
        call(score_rationales.main.__wrapped__, monkeypatch, cfg=CFG, **arguments)
    assert not (tmp_path / "scores.parquet").exists()
    limits = {"calls": 1, "answers": 0, "distinct_scores": 1}
    monkeypatch.setenv(gates.LIMITS, json.dumps(limits))
    call(score_rationales.main.__wrapped__, monkeypatch, cfg=CFG, **arguments)
    stats = io.read_json(tmp_path / "stats.json")
    assert (stats["from_journal"], stats["generated"]) == (12, 6)
