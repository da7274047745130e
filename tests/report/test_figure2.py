"""Figure 2's bins and its files."""

import json
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from matplotlib import pyplot
from predicted import cell

from arte.core import io
from arte.core.errors import ArteError
from arte.elicit.tables import RATIONALES
from arte.explain import cells
from arte.prefer.tables.outputs import SCORE_OUTPUTS
from arte.prefer.tables.scores import SCORES
from arte.report import figure2 as figures

PUBLISHED = Path(__file__).parents[2] / "config/published.yaml"


ITEMS = 20


def tables(n_questions=40, subtasks=("boolean_expressions", "hyperbaton")):
    """RATIONALES, SCORES and SCORE_OUTPUTS of four techniques, each longer than the one before."""
    draw = np.random.default_rng(5)
    rationales, scores, outputs = [], [], []
    for subtask in subtasks:
        for question in range(n_questions):
            for index, technique in enumerate(("steps", "detailed", "direct", "options")):
                words = int(draw.integers(3, 20) + 12 * index)
                key = {"subtask": subtask, "question_id": f"{question:03d}-0"}
                key |= {"rationale_id": index}
                text = {"question": "q", "answer": "a", "rationale": " ".join(["word"] * words)}
                said = {"finish_reason": "stop", "answer_pred": "a", "correct": True}
                rationales.append(key | {"technique": technique, **text, **said, "prompt_id": "p"})
                right = draw.random(ITEMS) < 0.3 + 0.1 * index
                scores.append(key | {"technique": technique, "score": right.mean(), "n": ITEMS})
                outputs += [
                    key | said | {"item_id": f"{item:02d}", "output": "x", "correct": bool(found)}
                    for item, found in enumerate(right)
                ]
    return RATIONALES.frame(rationales), SCORES.frame(scores), SCORE_OUTPUTS.frame(outputs)


def test_bins_hold_their_lower_edge_and_not_their_upper():
    rationales, *scored = tables(n_questions=1, subtasks=("hyperbaton",))
    texts = [" ".join(["w"] * n) for n in (9, 10, 19, 20)]
    rationales = rationales.with_columns(pl.Series("rationale", texts))
    bins = figures.word_bins(figures.scored(rationales, *scored), width=10)
    found = bins.sort("words_from", "n_rationales").select("words_from", "words_below")
    assert found.rows() == [(0, 10), (10, 20), (10, 20), (20, 30)]


def test_bins_average_the_scores_of_one_technique_and_count_questions():
    rationales, *scored = tables()
    bins = figures.word_bins(figures.scored(rationales, *scored), width=1000)
    where = {"subtask": "boolean_expressions", "technique": "steps"}
    first = cell(bins, **where)
    assert first["accuracy"] == pytest.approx(scored[0].filter(**where)["score"].mean())
    assert (first["n_rationales"], first["n_questions"]) == (40, 40)
    assert first["low"] < first["accuracy"] < first["high"]


def test_where_all_rationales_agree_the_items_still_make_an_interval():
    rationales, scores, outputs = tables()
    right = outputs.with_columns(correct=pl.col("item_id") < "10")
    scores = scores.with_columns(score=pl.lit(0.5))
    bins = figures.word_bins(figures.scored(rationales, scores, right), width=10)
    assert (bins["high"] - bins["low"]).min() > 0.35  # of 20 items: 0.40


@pytest.mark.parametrize("n_questions", [1, 40])
def test_no_interval_is_a_point(n_questions):
    rationales, scores, outputs = tables(n_questions)
    for right in (True, False):
        same = outputs.with_columns(correct=pl.lit(right))
        level = scores.with_columns(score=pl.lit(float(right)))
        bins = figures.word_bins(figures.scored(rationales, level, same), width=10)
        assert (bins["high"] - bins["low"]).min() > 0.1


def test_correlations_are_pearsons_of_all_rationales_of_a_subtask():
    rationales, scores, outputs = tables()
    found = figures.correlations(figures.scored(rationales, scores, outputs))
    assert found["subtask"].to_list() == ["boolean_expressions", "hyperbaton"]
    words = rationales["rationale"].str.count_matches(r"\S+")
    joined = scores.with_columns(words=words).filter(subtask="hyperbaton")
    row = cell(found, subtask="hyperbaton")
    assert row["correlation"] == pytest.approx(np.corrcoef(joined["words"], joined["score"])[0, 1])
    assert (row["n_rationales"], row["n_questions"]) == (160, 40)
    assert 0 < row["low"] < row["correlation"] < row["high"] < 1  # longer techniques are better
    alone = cell(
        figures.correlations(figures.scored(rationales, scores, None)), subtask="hyperbaton"
    )
    assert alone["correlation"] == pytest.approx(row["correlation"])
    assert alone["high"] - alone["low"] < row["high"] - row["low"]  # items are taken as they are
    level = scores.with_columns(score=pl.lit(0.5))
    same = figures.correlations(figures.scored(rationales, level, None))
    assert same["correlation"].null_count() == same.height == 2


def test_lines_join_points_of_one_technique_only():
    rationales, *scored = tables(subtasks=("hyperbaton",))
    bins = figures.word_bins(figures.scored(rationales, *scored), width=10)
    figure = figures.figure2(figures.with_printed(bins, {"figure2": {"best_bins": {}}}), "icl")
    lines = figure.axes[0].get_lines()
    assert len(lines) == 4
    assert len({line.get_color() for line in lines}) == 4
    assert sum(len(line.get_xdata()) for line in lines) == bins.height
    pyplot.close(figure)


def test_scores_of_other_rationales_are_an_error():
    rationales, scores, _ = tables()
    with pytest.raises(ArteError, match="none of the scores"):
        figures.word_bins(figures.scored(rationales, scores.clear(), None), width=10)


def test_the_papers_subtasks_come_first():
    assert figures.order(["a", "sports_understanding", "boolean_expressions"]) == [
        "boolean_expressions",
        "sports_understanding",
        "a",
    ]


def test_bins_name_the_papers_best_bin_where_it_has_one():
    rationales, *scored = tables(n_questions=2)
    published = {"figure2": {"best_bins": {"boolean_expressions": [75, 100]}}}
    bins = figures.word_bins(figures.scored(rationales, *scored), width=10)
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
    rationales, scores, _ = tables()
    scores = scores.with_columns(score=pl.col("score") - 3)
    bins = figures.word_bins(figures.scored(rationales, scores, None), width=10, scorer="loglik")
    assert "accuracy" not in bins.columns
    assert bins["log_probability"].max() < -2
    figure = figures.figure2(figures.with_printed(bins, {"figure2": {"best_bins": {}}}), "loglik")
    assert "nats" in figure.get_supylabel()
    low, high = figure.axes[0].get_ylim()
    assert -6 < low < bins["log_probability"].min()
    assert bins["log_probability"].max() < high < 1
    pyplot.close(figure)


def test_the_command_writes_the_same_bytes_each_time(monkeypatch, tmp_path):
    rationales, scores, outputs = tables()
    io.write_table(rationales, tmp_path / "r.parquet", RATIONALES, {})
    io.write_table(scores, tmp_path / "s.parquet", SCORES, {})
    io.write_table(outputs, tmp_path / "o.parquet", SCORE_OUTPUTS, {})
    written = []
    for run in ("first", "second"):
        names = [f"figure2.{suffix}" for suffix in ("pdf", "png", "csv")]
        outputs = [tmp_path / run / name for name in (*names, "figure2_correlations.csv")]
        arguments = ["--cfg", json.dumps({"bin_words": 10, "scorer": "icl"})]
        arguments += ["--rationales", tmp_path / "r.parquet", "--scores", tmp_path / "s.parquet"]
        arguments += ["--answers", tmp_path / "o.parquet", "--published", PUBLISHED]
        monkeypatch.setattr(sys, "argv", ["f", *map(str, [*arguments, "--output", *outputs])])
        figures.main()
        written.append([path.read_bytes() for path in outputs])
    assert written[0] == written[1]
    bins, linear = (pl.read_csv(path) for path in outputs[-2:])
    assert "words_from" in bins.columns
    assert linear["correlation"].is_between(-1, 1).all()
    (tmp_path / "figures").mkdir()
    outputs[-1].rename(tmp_path / "figures/figure2_correlations.csv")
    row = {"table": "figure2", "comparison": "hyperbaton, words and score", "value": "0.1"}
    assert cells.judged_by(tmp_path, row)[1]["subtask"] == "hyperbaton"
    assert cells.judged_by(tmp_path, row | {"value": None}) is None  # nothing was tested
