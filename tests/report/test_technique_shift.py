"""Techniques read from texts of the miniatures, and the changes that alignment made."""

import json

import numpy as np
import polars as pl
import pytest
from matplotlib import pyplot
from tiny_model import call

from arte.core import io
from arte.core.errors import ArteError
from arte.elicit.tables import RATIONALES
from arte.mini.bbh_tasks import GENERATORS, TECHNIQUES
from arte.prefer.tables.outputs import SCORE_OUTPUTS
from arte.prefer.tables.scores import SCORES
from arte.report import technique_shift as shift
from arte.report import technique_shift_figure as shift_figure
from arte.report.score_intervals import with_answers
from arte.report.technique_shift_text import occurring
from arte.stats import intervals as stats


def changed(text: str, share: float, words: list[str], rng: np.random.Generator) -> str:
    """`text` with a share of its words replaced, as by a teacher that went astray."""
    kept = [words[rng.integers(len(words))] if rng.random() < share else w for w in text.split()]
    return " ".join(kept)


@pytest.mark.parametrize(("share", "least"), [(0.0, 1.0), (0.1, 0.98), (0.33, 0.95)])
@pytest.mark.parametrize("subtask", GENERATORS)
def test_techniques_of_the_miniatures_are_told_apart(subtask, share, least):
    rng = np.random.default_rng(0)
    right = []
    for _ in range(100):
        problem, stranger = GENERATORS[subtask](rng, 2), GENERATORS[subtask](rng, 2)
        drafts = {technique: problem.rationale(technique) for technique in TECHNIQUES}
        words = " ".join(stranger.rationale(t) for t in TECHNIQUES).split()
        for technique in TECHNIQUES:
            answer = changed(problem.rationale(technique), share, words, rng)
            right.append(shift.technique_of(answer, drafts) == technique)
    assert np.mean(right) >= least


def test_what_resembles_no_draft_is_other():
    drafts = {"steps": "a plays b . c in d .", "direct": "It is yes ."}
    assert shift.technique_of("nothing of the kind was ever said here", drafts) == "other"
    assert shift.technique_of("", drafts) == "other"
    assert shift.technique_of("It is yes .", {"steps": "", "direct": ""}) == "other"


def test_what_resembles_two_drafts_equally_is_other():
    assert shift.technique_of("It is yes .", {"a": "It is yes .", "b": "It is yes ."}) == "other"


def test_a_wrong_answer_does_not_hide_the_technique():
    text = "It is so . So the answer is <ans>{}</ans>"
    a, b = (shift.bigrams(text.format(answer)) for answer in ("yes", "no"))
    assert shift.resemblance(a, b) == 1
    assert shift.resemblance(a, shift.bigrams("quite another matter")) == 0


SCHEMAS = {"scores": SCORES, "outputs": SCORE_OUTPUTS}


def tables(after: list[str], *, n: int = 20) -> dict[str, pl.DataFrame]:
    """Drafts, scores, and naive answers: "detailed" before, cycling through `after` afterwards.

    The student scores 0.9 of ten items with steps and 0.3 with all others.
    """
    rng = np.random.default_rng(4)
    rows = {"drafts": [], "scores": [], "outputs": [], "before": [], "after": []}
    for q in range(n):
        problem = GENERATORS["hyperbaton"](rng, 2)
        key = {"subtask": "hyperbaton", "question_id": f"{q:03d}-00"}
        text = {"question": problem.question, "answer": problem.answer, "prompt_id": "p"}
        fixed = {**key, **text, "finish_reason": "stop", "answer_pred": problem.answer}

        def draft(number, asked, technique, fixed=fixed, problem=problem):
            said = {"rationale": problem.rationale(technique), "correct": technique != "detailed"}
            return {**fixed, "rationale_id": number, "technique": asked, **said}

        for number, technique in enumerate(TECHNIQUES):
            rows["drafts"].append(draft(number, technique, technique))
            score = {"score": 0.9 if technique == "steps" else 0.3, "n": 10}
            rows["scores"].append({**key, "rationale_id": number, "technique": technique, **score})
            for item in range(10):
                said = {"output": "x", "finish_reason": "stop", "answer_pred": None}
                said |= {"item_id": str(item), "correct": item < round(10 * score["score"])}
                rows["outputs"].append({**key, "rationale_id": number, **said})
        rows["before"].append(draft(0, "naive", "detailed"))
        rows["after"].append(draft(0, "naive", after[q % len(after)]))
    return {name: SCHEMAS.get(name, RATIONALES).frame(found) for name, found in rows.items()}


def measured(found: dict[str, pl.DataFrame]) -> pl.DataFrame:
    naive = {when: found[when] for when in ("before", "after")}
    return shift.measure(
        shift.answered(found["drafts"], naive), with_answers(found["scores"], found["outputs"])
    )


def test_shares_and_their_changes_are_counted():
    frame = measured(tables(["steps", "steps", "detailed", "options"]))
    by = {r["technique"]: r for r in frame.filter(measure="share", subtask="hyperbaton").to_dicts()}
    assert {t: (r["before"], r["after"]) for t, r in by.items()} == {
        "steps": (0, 0.5),
        "detailed": (1, 0.25),
        "direct": (0, 0),
        "options": (0, 0.25),
        "other": (0, 0),
    }
    assert by["steps"]["score_mean"] == pytest.approx(0.9)
    assert by["detailed"]["change"] == pytest.approx(-0.75)
    assert by["detailed"]["change_low"] < -0.75 < by["detailed"]["change_high"] < 0


def test_the_preferred_technique_is_the_one_with_the_highest_mean_score():
    row = measured(tables(["steps"])).filter(measure="preferred").to_dicts()
    assert [(r["subtask"], r["technique"]) for r in row] == [
        ("hyperbaton", "steps"),
        ("total", "steps"),
    ]
    assert [(r["before"], r["after"], r["change"]) for r in row] == [(0, 1, 1)] * 2


def test_where_two_techniques_score_best_none_is_preferred():
    found = tables(["steps"])
    found["scores"] = found["scores"].with_columns(score=pl.lit(0.3))
    found["outputs"] = found["outputs"].with_columns(correct=pl.col("item_id") < "3")
    assert not measured(found).filter(measure="preferred").height


def test_accuracy_and_words_are_compared_too():
    rows = measured(tables(["direct"])).filter(subtask="total")
    accuracy = rows.filter(measure="accuracy").row(0, named=True)
    assert (accuracy["before"], accuracy["after"]) == (0, 1)
    words = rows.filter(measure="words").row(0, named=True)
    assert words["after"] == 9  # "It is (A) . So the answer is <ans>(A)</ans>"
    assert words["change_high"] < 0


def test_answers_that_the_token_limit_cut_off_are_counted():
    found = tables(["steps"])
    cut = pl.when(pl.col("question_id") < "005-00").then(pl.lit("length"))
    found["after"] = found["after"].with_columns(finish_reason=cut.otherwise("finish_reason"))
    row = measured(found).filter(measure="cut_off", subtask="total").row(0, named=True)
    assert (row["before"], row["after"], row["change"]) == (0, 0.25, 0.25)


def test_means_of_words_that_do_not_vary_have_no_interval():
    row = measured(tables(["steps"], n=1)).filter(measure="words").row(0, named=True)
    assert (row["change_low"], row["before_low"]) == (None, None)


@pytest.mark.parametrize("n", [1, 20])
@pytest.mark.parametrize("after", ["detailed", "steps"])
def test_no_interval_is_a_point(after, n):
    frame = measured(tables([after], n=n))
    for name in ("before", "after", "change", "score"):
        known = frame.drop_nulls(f"{name}_low")
        assert known.height
        assert (known[f"{name}_high"] - known[f"{name}_low"]).min() > 0
        value = "score_mean" if name == "score" else name
        assert (
            (known[f"{name}_low"] <= known[value]) & (known[value] <= known[f"{name}_high"])
        ).all()


def test_a_score_is_no_more_certain_than_its_items():
    frame = measured(tables(["steps"], n=20)).filter(measure="share", technique="steps")
    row = frame.filter(subtask="hyperbaton").row(0, named=True)
    assert (row["score_low"], row["score_high"]) == pytest.approx(stats.wilson(9, 10), abs=0.03)


def test_techniques_that_never_occur_have_no_row_in_the_figure():
    frame = measured(tables(["steps"])).filter(measure="share", subtask="hyperbaton")
    shown = occurring(frame)
    assert shown["technique"].to_list() == ["steps", "detailed", "direct", "options"]
    for scorer, diamonds in (("icl", 1), ("loglik", 0)):
        figure = shift_figure.figure(shown, scorer)
        labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
        assert labels == shown["technique"].to_list()
        legend = [text.get_text() for text in figure.legends[0].get_texts()]
        assert sum("score" in text for text in legend) == diamonds
        pyplot.close(figure)


def test_answers_to_other_questions_are_an_error():
    found = tables(["steps"])
    found["after"] = found["after"][1:]
    with pytest.raises(ArteError, match="answers to 19 questions, 19 of them"):
        measured(found)


def test_the_command_writes_the_same_bytes_each_time(tmp_path, monkeypatch):
    for name, table in tables(["steps", "direct"]).items():
        io.write_table(table, tmp_path / name, SCHEMAS.get(name, RATIONALES), {})
    margin = {"final_margin": 0.65, "final_margin_se": 0.1, "moved": True, "kl": {"mean": 0.25}}
    (tmp_path / "metrics.json").write_text(json.dumps({"n_pairs": 9, "steps": 3, **margin}))
    written = []
    for run in ("first", "second"):
        output = [tmp_path / run / f"shift.{suffix}" for suffix in ("csv", "md", "tex")]
        figure = [tmp_path / run / f"figure.{suffix}" for suffix in ("pdf", "png", "csv")]
        names = ("drafts", "scores", "outputs", "before", "after")
        inputs = {name: tmp_path / name for name in names}
        inputs["answers"] = inputs.pop("outputs")
        call(
            shift.main,
            monkeypatch,
            cfg={"scorer": "icl"},
            **inputs,
            metrics=tmp_path / "metrics.json",
            output=output,
            output_figure=figure,
        )
        written.append([path.read_bytes() for path in (*output, *figure)])
    assert written[0] == written[1]
    report = written[0][1].decode()
    assert "0.650 ± 0.100" in report
    assert "mean 0.25" in report
