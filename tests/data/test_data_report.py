"""The report on defects of the data."""

import json
import sys
from pathlib import Path

import polars as pl
import pytest
from declared import SUBTASKS

from arte.core import io
from arte.data import bbh, data_report
from arte.data.tables import ITEMS

FORMS = {name: kind.answer_type for name, kind in SUBTASKS.items()}
PUBLIC = Path(__file__).parents[3] / "shared/data/bbh"


def test_defects_are_counted_per_subtask_and_in_total():
    navigate = [("a", "Yes"), ("a", "No"), ("b", "No"), (" B", "no"), ("c", "maybe")]
    items = bbh.items(SUBTASKS["navigate"], navigate).vstack(
        bbh.items(SUBTASKS["snarks"], [("a", "(A)")])
    )
    found = data_report.report(items, FORMS)
    expected = {"n": 5, "duplicates": 2, "contradictions": 1, "not_in_form": 1, "reachable": 3}
    assert found["subtasks"]["navigate"] == expected | {"ceiling": 0.6}
    assert found["total"] == {**expected, "n": 6, "reachable": 4, "ceiling": 4 / 6}
    assert found["subtasks"]["snarks"]["ceiling"] == 1.0


def test_overlap_ignores_case():
    one, other = (
        bbh.items(SUBTASKS["snarks"], [("a", "(A)"), ("b", "(A)")]),
        bbh.items(SUBTASKS["snarks"], [("A", "x")]),
    )
    assert data_report.overlap(one, other) == 1


def test_the_report_is_written(tmp_path, monkeypatch):
    io.write_table(bbh.items(SUBTASKS["snarks"], [("a", "(A)")]), tmp_path / "i.parquet", ITEMS, {})
    io.write_table(bbh.items(SUBTASKS["snarks"], [("b", "(A)")]), tmp_path / "v.parquet", ITEMS, {})
    cfg = {"answers": {"snarks": "option"}}
    arguments = [
        "--cfg",
        json.dumps(cfg),
        "--items",
        "i.parquet",
        "--validation",
        "v.parquet",
        "--output",
        "r.json",
    ]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["arte.data.data_report", *arguments])
    data_report.main()
    assert json.loads((tmp_path / "r.json").read_text())["overlap"] == 0
    assert json.loads((tmp_path / "r.json").read_text())["answers"] == {"snarks": "option"}


@pytest.mark.skipif(not PUBLIC.is_dir(), reason="no copy of public BBH beside the repository")
def test_the_known_defects_of_public_bbh_are_found():
    items = pl.concat(
        bbh.items(SUBTASKS[subtask], bbh.read_examples(str(PUBLIC / f"{subtask}.json")))
        for subtask in SUBTASKS
    )
    found = data_report.report(items, FORMS)
    total, causal = found["total"], found["subtasks"]["causal_judgement"]
    assert (total["n"], total["duplicates"], total["contradictions"]) == (6511, 4, 2)
    assert total["not_in_form"] == 3
    assert causal["ceiling"] == 185 / 187
