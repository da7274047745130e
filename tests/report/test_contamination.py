"""The table of contamination: generated questions beside test items, and canaries in any text."""

import sys

import polars as pl
import pytest
from configs import ROOT
from declared import SUBTASKS

from arte.core import io
from arte.core.tasks import CANARY
from arte.data import bbh
from arte.data.tables import ITEMS
from arte.elicit.tables import QUESTIONS, RATIONALES
from arte.explain import cells
from arte.report import contamination
from arte.report.claims import claim
from arte.report.claims.listed import read
from arte.report.claims.measured import parts
from arte.report.claims.verdicts import judge
from arte.report.leaks import LEVEL
from arte.stats.intervals import wilson
from arte.tailor.tables import TRAINING_SET

TEST = [f"Is '{team} won the cup' plausible?" for team in ("Ajax", "Bari", "Celta", "Derby")]


def questions(*texts: str) -> pl.DataFrame:
    base = {"subtask": "sports_understanding", "answer": "yes", "prompt_id": "p"}
    return QUESTIONS.frame(
        [base | {"question_id": str(i), "question": text} for i, text in enumerate(texts)]
    )


@pytest.fixture
def flags(tmp_path):
    """A run of two drafts and one tailored question, as the command line of the job."""
    rationale = dict.fromkeys(RATIONALES.types, "") | {"rationale_id": 0, "correct": True}
    rationale |= {"subtask": "sports_understanding", "rationale": "Yes.", "answer_pred": None}
    example = dict.fromkeys(TRAINING_SET.types, "a")
    tables = {
        "items": (
            bbh.items(SUBTASKS["sports_understanding"], [(text, "yes") for text in TEST]),
            ITEMS,
        ),
        "drafts": (questions(TEST[1], "Is 'Eibar lost' plausible?"), QUESTIONS),
        "tailored": (questions(TEST[1].upper()), QUESTIONS),
        "rationales": (RATIONALES.frame([rationale]), RATIONALES),
        "training": (TRAINING_SET.frame([example]), TRAINING_SET),
    }
    for name, (table, schema) in tables.items():
        io.write_table(table, tmp_path / name, schema, {})
    (tmp_path / "prompts").write_text(f"canary GUID {CANARY}-1")
    given = [word for name in (*tables, "prompts") for word in (f"--{name}", str(tmp_path / name))]
    return [*given, "--output", str(tmp_path / "c.csv"), str(tmp_path / "c.md")]


def test_copies_are_counted_by_subtask_and_source(flags, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["contamination", *flags])
    contamination.main()
    found = pl.read_csv(tmp_path / "c.csv").select("subtask", "source", "questions", "exact")
    assert found.rows() == [
        ("sports_understanding", "drafts", 2, 1),
        ("sports_understanding", "tailored", 1, 0),
        ("all", "drafts", 2, 1),
        ("all", "tailored", 1, 0),
    ]
    assert pl.read_csv(tmp_path / "c.csv")["normalized"].to_list() == [1, 1, 1, 1]
    text = (tmp_path / "c.md").read_text()
    marked = {
        line.split("|")[1].strip(): line.split("|")[3].strip()
        for line in text.splitlines()
        if "|" in line
    }
    assert marked["prompt files"] == "1"
    assert marked["training examples"] == "0"


def test_a_run_without_tailored_questions_has_a_table(flags, tmp_path, monkeypatch):
    at = flags.index("--tailored")
    monkeypatch.setattr(sys, "argv", ["contamination", *flags[: at + 1], *flags[at + 2 :]])
    contamination.main()
    assert set(pl.read_csv(tmp_path / "c.csv")["source"]) == {"drafts"}


def judged(copies: int, n: int, flags, tmp_path, monkeypatch) -> tuple[str, list[tuple]]:
    """The verdict on `n` drafts of which some are test items, and its parts' values and ends."""
    texts = [TEST[i % len(TEST)].upper() if i < copies else f"No {i}." for i in range(n)]
    io.write_table(questions(*texts), tmp_path / "drafts", QUESTIONS, {})
    io.write_table(questions(*texts[copies:]), tmp_path / "tailored", QUESTIONS, {})
    monkeypatch.setattr(sys, "argv", ["contamination", *flags])
    contamination.main()
    found = claim.tables([str(tmp_path / "c.csv")])
    claimed = read(ROOT / "config/claims.yaml")["contamination"]
    measured = parts(claimed, {"contamination": found["c"]}, {})
    return judge(claimed, measured).verdict, [(p.what, p.value, p.low, p.high) for p in measured]


@pytest.mark.parametrize(
    ("copies", "n", "verdict"),
    [(0, 200, "supported"), (0, 20, "not decided"), (40, 200, "contradicted")],
)
def test_the_claim_is_judged_by_the_shares_of_the_table(
    copies, n, verdict, flags, tmp_path, monkeypatch
):
    found, measured = judged(copies, n, flags, tmp_path, monkeypatch)
    assert found == verdict
    whats, values, lows, highs = zip(*measured, strict=True)
    assert whats[0] == f"drafts, normalized: {copies} of {n} questions"
    assert [what.partition(":")[0] for what in whats[1:]] == [
        "drafts, above",
        "tailored, normalized",
        "tailored, above",
    ]
    assert values[0] == pytest.approx(100 * copies / n)
    low, high = wilson(copies, n)
    assert (lows[0], highs[0]) == pytest.approx((100 * low, 100 * high), abs=1e-3)
    row = {"table": "contamination", "comparison": whats[2], "value": str(values[2])}
    (tmp_path / "tables").mkdir()
    (tmp_path / "c.csv").rename(tmp_path / "tables/contamination.csv")
    assert cells.judged_by(tmp_path, row)[1]["source"] == "tailored"


def test_the_claim_allows_what_test_items_have_by_construction():
    claimed = read(ROOT / "config/claims.yaml")["contamination"]
    assert claimed.below == pytest.approx(100 * (1 - LEVEL))
