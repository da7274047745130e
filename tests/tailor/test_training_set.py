"""How an arm's training set is chosen, and that every question is accounted for."""

import json
import sys
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from arte.core import io
from arte.core.errors import ArteError
from arte.core.prompts import Prompts
from arte.elicit.tables import QUESTIONS, RATIONALES
from arte.prefer.tables.scores import SCORES
from arte.tailor import training_set as assemble
from arte.tailor.tables import TRAINING_SET

PROMPTS = Path(__file__).parents[2] / "resources" / "prompts"
TECHNIQUES = ("steps", "detailed", "direct", "options")
POINTS = {  # question: score of each technique
    "000": (0.5, 0.9, 0.1, 0.9),
    "001": (0.8, 0.2, 0.2, 0.1),
    "002": (0.7, 0.1, 0.6, 0.3),
}


def drafts(subtask="hyperbaton"):
    keys = [
        {"subtask": subtask, "question_id": q, "rationale_id": i, "technique": t}
        for q in POINTS
        for i, t in enumerate(TECHNIQUES)
    ]
    text = {"question": "q", "answer": "(A)", "prompt_id": "p"}
    questions = QUESTIONS.frame([{"subtask": subtask, "question_id": q, **text} for q in POINTS])
    rationales = RATIONALES.frame(
        [
            key
            | text
            | {
                "rationale": f"By {key['technique']}. So the answer is <ans>(A)</ans>.",
                "finish_reason": "stop",
                "answer_pred": "(A)",
                "correct": True,
            }
            for key in keys
        ]
    )
    scores = SCORES.frame(
        [key | {"score": POINTS[key["question_id"]][key["rationale_id"]], "n": 10} for key in keys]
    )
    return questions, rationales, scores


def build(questions, rationales, scores, **cfg):
    cfg = {"subtasks": ["hyperbaton"], "seed": 0} | cfg
    table, report = assemble.assemble(
        questions, rationales, scores=scores, cfg=cfg, prompts=Prompts(PROMPTS)
    )
    return table, report["hyperbaton"]


def replaced(rationales, index, text):
    texts = rationales["rationale"].to_list()
    texts[index] = text
    return rationales.with_columns(rationale=type(rationales["rationale"])(texts))


def test_most_preferred_takes_the_best_score_and_draws_among_equals():
    firsts = set()
    for seed in range(40):
        table, report = build(*drafts(), select="most_preferred", seed=seed)
        first, *others = table.sort("question_id")["technique"]
        assert (others, report["drawn_among_best"]) == (["steps", "steps"], 1)
        firsts.add(first)
    assert firsts == {"detailed", "options"}


def test_task_consistent_takes_one_technique_per_subtask():
    table, report = build(*drafts(), select="task_consistent")
    assert set(table["technique"]) == {"steps"}
    assert report["techniques"] == {"steps": 3}


def test_task_consistent_draws_among_techniques_of_the_same_mean():
    questions, rationales, scores = drafts()
    # the same three scores in another order, whose sums differ in the last bit
    points = {"steps": (0.1, 0.2, 0.3), "detailed": (0.3, 0.2, 0.1), "direct": (0.0, 0.0, 0.0)}
    of = {**points, "options": points["direct"]}
    values = [of[t][int(q)] for q, t in scores.select("question_id", "technique").rows()]
    equal = scores.with_columns(score=pl.Series(values))
    chosen = Counter()
    for seed in range(100):
        table, report = build(questions, rationales, equal, select="task_consistent", seed=seed)
        assert report["drawn_among_best"] == 3
        [technique] = set(table["technique"])
        chosen[technique] += 1
    assert set(chosen) == {"steps", "detailed"}
    assert 30 <= chosen["steps"] <= 70  # four standard errors


def test_task_consistent_counts_questions_that_lack_the_technique():
    questions, rationales, scores = drafts()
    table, report = build(questions, rationales[1:], scores, select="task_consistent")
    assert (table.height, report["not_selectable"]) == (2, 1)


def test_random_depends_on_the_seed_only():
    first, second = (build(*drafts(), select="random", seed=s)[0] for s in (0, 0))
    others = [build(*drafts(), select="random", seed=s)[0] for s in range(20)]
    assert first.equals(second)
    chosen = {tuple(table["technique"]) for table in others}
    assert len(chosen) > 5
    assert all(table.height == 3 for table in others)


def test_one_technique_is_taken_by_its_name_and_needs_no_scores():
    questions, rationales, _ = drafts()
    table, report = build(questions, rationales[1:], None, select="steps")
    assert set(table["technique"]) == {"steps"}
    assert (table.height, report["not_selectable"]) == (2, 1)


def test_without_select_the_single_rationale_is_taken():
    questions, rationales, _ = drafts()
    naive = rationales.filter(technique="direct")
    table, report = build(questions, naive, None)
    assert (table.height, report["rows"]) == (3, 3)


def test_several_rationales_without_select_are_an_error():
    questions, rationales, _ = drafts()
    with pytest.raises(ArteError, match="single rationale"):
        build(questions, rationales, None)


def test_an_unknown_select_and_missing_scores_are_errors():
    questions, rationales, _ = drafts()
    for how in ("best", "most_preferred"):
        with pytest.raises(ArteError, match="select"):
            build(questions, rationales, None, select=how)


def test_the_prompt_is_the_zero_shot_prompt_and_the_completion_the_rationale():
    table, _ = build(*drafts(), select="most_preferred")
    row = table.row(0, named=True)
    assert row["prompt"] == Prompts(PROMPTS).student("hyperbaton", [], "q")
    assert row["completion"] == "By detailed. So the answer is <ans>(A)</ans>."


def test_untagged_rationales_are_kept_and_counted_unless_a_tag_is_required():
    questions, rationales, _ = drafts()
    naive = replaced(rationales.filter(technique="direct"), 1, "So the answer is (A).")
    kept, counted = build(questions, naive, None)
    assert (kept.height, counted["untagged"], counted["untagged_dropped"]) == (3, 1, 0)
    fewer, counted = build(questions, naive, None, require_tag=True)
    assert (fewer.height, counted["untagged"], counted["untagged_dropped"]) == (2, 1, 1)


def test_rationales_that_were_cut_off_are_not_taught_unless_kept():
    questions, rationales, scores = drafts()
    ends = ["stop", "length", "stop", "length", "length", *["stop"] * 3, *["length"] * 4]
    cut = rationales.with_columns(finish_reason=pl.Series(ends))
    table, report = build(questions, cut, scores, select="most_preferred")
    table = table.sort("question_id")
    assert table.select("question_id", "technique").row(0) == ("000", "steps")
    assert table["question_id"].to_list() == ["000", "001"]
    names = ("questions", "without_text", "cut_off_dropped", "not_selectable", "cut_off", "rows")
    assert [report[name] for name in names] == [3, 0, 1, 0, 0, 2]
    table, report = build(questions, cut, scores, select="most_preferred", keep_cut_off=True)
    assert [report[name] for name in names] == [3, 0, 0, 0, 3, 3]


def test_questions_without_any_text_are_counted():
    questions, rationales, _ = drafts()
    naive = replaced(rationales.filter(technique="direct"), 0, "")
    table, report = build(questions, naive[:2], None)
    assert (table.height, report["questions"], report["without_text"]) == (1, 3, 2)


def test_a_canary_stops_the_arm():
    questions, rationales, _ = drafts()
    marked = "canary GUID " + assemble.CANARY
    naive = replaced(rationales.filter(technique="direct"), 0, marked)
    with pytest.raises(ArteError, match="canary"):
        build(questions, naive, None)


def test_the_command_writes_table_and_report(monkeypatch, tmp_path):
    questions, rationales, scores = drafts()
    schemas = (QUESTIONS, RATIONALES, SCORES)
    for frame, schema in zip((questions, rationales, scores), schemas, strict=True):
        io.write_table(frame, tmp_path / schema.name, schema, {})
    cfg = {"subtasks": ["hyperbaton"], "seed": 0, "questions": "original"}
    cfg |= {"rationales": "drafts", "select": "random"}
    arguments = ["--cfg", json.dumps(cfg), "--prompts", PROMPTS]
    for schema in schemas:
        arguments += [f"--{schema.name}", tmp_path / schema.name]
    arguments += ["--output", tmp_path / "arm.parquet", "--output-report", tmp_path / "arm.json"]
    monkeypatch.setattr(sys, "argv", ["assemble", *map(str, arguments)])
    assemble.main()
    assert io.read_table(tmp_path / "arm.parquet", TRAINING_SET).height == 3
    assert io.read_json(tmp_path / "arm.json")["hyperbaton"]["rows"] == 3
