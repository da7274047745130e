"""Figure 2's bins and its files."""

import json
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from matplotlib import pyplot

from arte.core import io
from arte.core.errors import ArteError
from arte.elicit.tables import RATIONALES
from arte.prefer.tables.scores import SCORES
from arte.report import figure2 as figures

PUBLISHED = Path(__file__).parents[2] / "config/published.yaml"


def tables(n_questions=40, subtasks=("boolean_expressions", "hyperbaton")):
    draw = np.random.default_rng(5)
    rationales, scores = [], []
    for subtask in subtasks:
        for question in range(n_questions):
            for index, technique in enumerate(("steps", "detailed", "direct", "options")):
                words = int(draw.integers(3, 20) + 12 * index)
                keys = {
                    "subtask": subtask,
                    "question_id": f"{question:03d}-0",
                    "rationale_id": index,
                    "technique": technique,
                }
                rationales.append(
                    keys
                    | {
                        "question": "q",
                        "answer": "a",
                        "rationale": " ".join(["word"] * words),
                        "finish_reason": "stop",
                        "answer_pred": "a",
                        "correct": True,
                        "prompt_id": "p",
                    }
                )
                score = draw.binomial(20, 0.3 + 0.1 * index) / 20
                scores.append(keys | {"score": score, "n": 20})
    rationale_table = RATIONALES.frame(
        [{k: row[k] for k in RATIONALES.columns} for row in rationales]
    )
    return rationale_table, SCORES.frame(scores)


def test_bins_hold_their_lower_edge_and_not_their_upper():
    rationales, scores = tables(n_questions=1, subtasks=("hyperbaton",))
    texts = [" ".join(["w"] * n) for n in (9, 10, 19, 20)]
    rationales = rationales.with_columns(pl.Series("rationale", texts))
    bins = figures.word_bins(rationales, scores, width=10, seed=0, scorer="icl")
    assert bins.select("words_from", "words_below", "n_rationales").rows() == [
        (0, 10, 1),
        (10, 20, 2),
        (20, 30, 1),
    ]


def test_bins_average_scores_and_count_questions():
    rationales, scores = tables()
    bins = figures.word_bins(rationales, scores, width=1000, seed=0)
    first = bins.row(0, named=True)
    mean = scores.filter(subtask="boolean_expressions")["score"].mean()
    assert first["accuracy"] == pytest.approx(mean)
    assert (first["n_rationales"], first["n_questions"]) == (160, 40)
    assert first["low"] < first["accuracy"] < first["high"]


def test_a_bin_with_one_question_has_no_interval():
    rationales, scores = tables(n_questions=1)
    bins = figures.word_bins(rationales, scores, width=10, seed=0, scorer="icl")
    assert bins["low"].null_count() == bins.height


def test_scores_of_other_rationales_are_an_error():
    rationales, scores = tables()
    with pytest.raises(ArteError, match="none of the scores"):
        figures.word_bins(rationales, scores.clear(), width=10, seed=0, scorer="icl")


def test_the_papers_subtasks_come_first():
    assert figures.order(["a", "sports_understanding", "boolean_expressions"]) == [
        "boolean_expressions",
        "sports_understanding",
        "a",
    ]


def test_bins_name_the_papers_best_bin_where_it_has_one():
    rationales, scores = tables(n_questions=2)
    published = {"figure2": {"best_bins": {"boolean_expressions": [75, 100]}}}
    bins = figures.word_bins(rationales, scores, width=10, seed=0, scorer="icl")
    found = figures.with_printed(bins, published)
    columns = ["subtask", "printed_best_from", "printed_best_below"]
    assert set(found.select(columns).rows()) == {
        ("boolean_expressions", 75, 100),
        ("hyperbaton", None, None),
    }


@pytest.mark.parametrize(
    ("large", "small", "widths"),
    [
        (2, 5, [6, 6, 3, 3, 3, 3, 3]),
        (2, 2, [6, 6, 6, 6]),
        (2, 0, [6, 6]),
        (1, 1, [12, 12]),
        (0, 3, [4, 4, 4]),
    ],
)
def test_rows_of_panels_are_as_wide_as_the_figure(large, small, widths):
    figure, panels = figures._panels(large, small)
    assert [len(panel.get_subplotspec().colspan) for panel in panels] == widths
    pyplot.close(figure)


def test_log_probabilities_keep_their_unit():
    rationales, scores = tables()
    scores = scores.with_columns(score=pl.col("score") - 3)
    bins = figures.word_bins(rationales, scores, width=10, seed=0, scorer="loglik")
    assert "accuracy" not in bins.columns
    assert bins["log_probability"].max() < -2
    figure = figures.figure2(figures.with_printed(bins, {"figure2": {"best_bins": {}}}), "loglik")
    assert "nats" in figure.get_supylabel()
    low, high = figure.axes[0].get_ylim()
    assert -4 < low < bins["log_probability"].min()
    assert bins["log_probability"].max() < high < -1
    pyplot.close(figure)


def test_the_command_writes_the_same_bytes_each_time(monkeypatch, tmp_path):
    rationales, scores = tables()
    io.write_table(rationales, tmp_path / "r.parquet", RATIONALES, {})
    io.write_table(scores, tmp_path / "s.parquet", SCORES, {})
    written = []
    for run in ("first", "second"):
        outputs = [tmp_path / run / f"figure2.{suffix}" for suffix in ("pdf", "png", "csv")]
        arguments = ["--cfg", json.dumps({"bin_words": 10, "seed": 0, "scorer": "icl"})]
        arguments += ["--rationales", tmp_path / "r.parquet", "--scores", tmp_path / "s.parquet"]
        arguments += ["--published", PUBLISHED]
        monkeypatch.setattr(sys, "argv", ["f", *map(str, [*arguments, "--output", *outputs])])
        figures.main()
        written.append([path.read_bytes() for path in outputs])
    assert written[0] == written[1]
