from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_model import PROMPTS, call

from arte.core import io
from arte.data.tables import EXEMPLARS
from arte.elicit.tables import QUESTIONS, RATIONALES
from arte.prefer import pairs
from arte.prefer.tables.pairs import PAIRS
from arte.prefer.tables.scores import QUESTION_SCORES, SCORES
from arte.prefer.ties import lot

SUBTASK = "navigate"


def candidates(*scores: float, seed: int = 0) -> list[dict]:
    return [
        {"rationale_id": i, "rationale": f"r{i}", "score": s, "lot": lot(seed, i)}
        | {"finish_reason": "stop"}
        for i, s in enumerate(scores)
    ]


def choose(drafts: list[dict], **options: bool):
    return pairs.rationale_choice(drafts, **{"break_ties": False} | options)


def test_best_and_worst_are_paired_and_equal_scores_are_drawn():
    chosen = set()
    for seed in range(60):
        best, worst = choose(candidates(0.5, 0.9, 0.9, 0.1, 0.1, seed=seed))
        chosen.add((best["rationale_id"], worst["rationale_id"]))
    assert chosen == {(1, 3), (1, 4), (2, 3), (2, 4)}


def test_equal_scores_are_no_preference():
    assert choose(candidates(0.5, 0.5)) == "tie"


def test_ties_can_be_broken_by_seed():
    first, second = (choose(candidates(0.5, 0.5, 0.5), break_ties=True) for _ in range(2))
    assert first == second
    assert first[0] != first[1]


def test_a_rationale_that_was_cut_off_may_be_the_worst_but_not_the_best():
    drafts = candidates(0.2, 0.9, 0.5, 0.1)
    drafts[1]["finish_reason"] = drafts[3]["finish_reason"] = "length"
    best, worst = choose(drafts)
    assert (best["rationale_id"], worst["rationale_id"]) == (2, 3)
    best, worst = choose(drafts, keep_cut_off=True)
    assert (best["rationale_id"], worst["rationale_id"]) == (1, 3)
    for each in drafts:
        each["finish_reason"] = "length"
    assert choose(drafts) == "cut_off"
    drafts[3]["finish_reason"] = "eos"  # whole, but the worst
    assert choose(drafts, break_ties=True) == choose(drafts) == "cut_off"


def test_an_empty_or_repeated_text_makes_no_pair():
    drafts = candidates(0.1, 0.9, 0.5)
    drafts[0]["rationale"] = ""
    best, worst = choose(drafts)
    assert (best["rationale_id"], worst["rationale_id"]) == (1, 2)
    drafts[2]["rationale"] = drafts[1]["rationale"]
    assert choose(drafts) == "single"


@given(
    st.lists(st.integers(0, 4), max_size=20),
    st.integers(0, 30),
    st.sampled_from([0.1, 0.25, 0.5]),
    st.booleans(),
)
def test_question_pairs_are_distinct_within_the_ends_and_never_reversed(
    scores, n, share, break_ties
):
    questions = [
        {"question_id": f"q{i:02d}", "score": s / 4, "lot": lot(0, i)} for i, s in enumerate(scores)
    ]
    chosen, _ = pairs.question_choices(
        questions, n=n, share=share, break_ties=break_ties, rng=np.random.default_rng(0)
    )
    ids = [(best["question_id"], worst["question_id"]) for best, worst in chosen]
    assert len(set(ids)) == len(ids) <= n
    for best, worst in chosen:
        assert best["score"] >= worst["score"]
        assert break_ties or best["score"] > worst["score"]
        assert best["question_id"] != worst["question_id"]


def test_questions_come_from_both_ends_and_everyone_before_anyone_again():
    questions = [{"question_id": f"q{i}", "score": i / 8, "lot": lot(0, i)} for i in range(8)]
    chosen, ties = pairs.question_choices(
        questions, n=3, share=0.25, break_ties=False, rng=np.random.default_rng(1)
    )
    assert ties == 0
    assert {best["question_id"] for best, _ in chosen[:2]} == {"q6", "q7"}
    assert {worst["question_id"] for _, worst in chosen[:2]} == {"q0", "q1"}
    assert len(chosen) == 3


def test_of_questions_with_the_score_of_the_cut_each_is_inside_as_often():
    rng, inside = np.random.default_rng(0), Counter()
    for seed in range(600):
        questions = [{"question_id": i, "score": 0.5, "lot": lot(seed, i)} for i in range(8)]
        questions[0]["score"], questions[7]["score"] = 1.0, 0.0
        chosen, _ = pairs.question_choices(questions, n=4, share=0.25, break_ties=True, rng=rng)
        ends = {question["question_id"] for each in chosen for question in each}
        assert {0, 7} < ends
        inside.update(ends)
    # two of six ties are inside: 600 draws of chance 1/3, four standard errors
    assert all(abs(inside[i] - 200) < 4 * 11.6 for i in range(1, 7))


@pytest.fixture
def files(tmp_path):
    def write(scores: list[list[float]]) -> dict:
        """Tables of one question per row of `scores` with one rationale per number in it."""
        drafted, rationales, s_r, s_q = [], [], [], []
        for q, row in enumerate(scores):
            key = {"subtask": SUBTASK, "question_id": f"000-0{q}"}
            text = {"question": f"Turn {q} {{times}}?", "answer": "Yes", "prompt_id": "p"}
            drafted.append({**key, **text})
            s_q.append({**key, "score": float(np.mean(row)), "n": len(row)})
            for r, value in enumerate(row):
                both = {**key, "rationale_id": r, "technique": f"t{r}"}
                verdict = {"finish_reason": "stop", "answer_pred": "yes", "correct": True}
                said = {"rationale": f"because {r} {{x}} <ans>Yes</ans>"}
                rationales.append({**both, **text, **verdict, **said})
                s_r.append({**both, "score": value, "n": 10})
        seed = {"subtask": SUBTASK, "answer": "No", "rationale": ""}
        shown = [{**seed, "exemplar_id": i, "question": f"seed {i}?"} for i in range(3)]
        tables = {
            "questions": (drafted, QUESTIONS),
            "rationales": (rationales, RATIONALES),
            "scores": (s_r, SCORES),
            "question_scores": (s_q, QUESTION_SCORES),
            "exemplars": (shown, EXEMPLARS),
        }
        for name, (rows, schema) in tables.items():
            io.write_table(schema.frame(rows), tmp_path / name, schema, {})
        return {
            **{name: tmp_path / name for name in tables},
            "prompts": PROMPTS,
            "output": tmp_path / "pairs.parquet",
            "output_report": tmp_path / "report.json",
        }

    return write


CFG = {
    "subtasks": [SUBTASK],
    "seed": 0,
    "question_pairs": 2,
    "question_share": 0.25,
    "ties": "drop",
    "keep_cut_off": False,
    "questions_per_call": 5,
    "seed_questions": 3,
}


def test_the_command_writes_both_kinds_and_counts_what_it_drops(files, monkeypatch):
    paths = files([[0.1, 0.9], [0.5, 0.5], [0.4, 0.2], [0.0, 0.1]])
    call(pairs.main, monkeypatch, cfg=CFG, **paths)
    table = io.read_table(paths["output"], PAIRS)
    assert table.select("kind", "question_id", "margin").rows() == [
        ("question", "000:000-00>000-03", pytest.approx(0.45)),
        ("rationale", "000-00", pytest.approx(0.8)),
        ("rationale", "000-02", pytest.approx(0.2)),
        ("rationale", "000-03", pytest.approx(0.1)),
    ]
    question, rationale = table.row(0, named=True), table.row(1, named=True)
    assert question["chosen"] == (
        "<Question_1><input>Turn 0 {times}?</input><target>Yes</target></Question_1>"
    )
    assert "seed 2?" in question["prompt"]
    assert rationale["prompt"].endswith("Turn 0 {times}?\nAnswer: Let's think step by step.")
    assert rationale["chosen"] == "because 1 {x} <ans>Yes</ans>"
    total = io.read_json(paths["output_report"])["total"]
    assert total["rationale_ties_dropped"] == 1
    assert (total["rationale_best_shared"], total["rationale_worst_shared"]) == (0, 0)
    assert total["question_pairs_short"] == 1
    assert total["mean_rationale_margin"] == pytest.approx(1.1 / 3)


def test_pairs_that_a_draw_decided_are_counted(files, monkeypatch):
    paths = files([[0.9, 0.9, 0.1], [0.9, 0.1, 0.1], [0.9, 0.9, 0.1], [0.5, 0.5, 0.5]])
    call(pairs.main, monkeypatch, cfg=CFG, **paths)
    total = io.read_json(paths["output_report"])["total"]
    names = ("pairs", "best_shared", "worst_shared", "ties_dropped")
    assert [total[f"rationale_{name}"] for name in names] == [3, 2, 1, 1]


def test_drafts_that_were_cut_off_are_not_chosen_and_are_counted(files, monkeypatch):
    paths = files([[0.9, 0.5, 0.1], [0.9, 0.1, 0.1], [0.3, 0.2, 0.1], [0.8, 0.5, 0.5]])
    drafts = io.read_table(paths["rationales"], RATIONALES)
    ends = ["length", "stop", "stop", "length", "stop", "length"] + ["stop"] * 6
    io.write_table(
        drafts.with_columns(finish_reason=pl.Series(ends)), paths["rationales"], RATIONALES, {}
    )
    call(pairs.main, monkeypatch, cfg=CFG, **paths)
    table = io.read_table(paths["output"], PAIRS).filter(kind="rationale")
    assert table["question_id"].to_list() == ["000-00", "000-02", "000-03"]
    assert table["chosen"][0] == "because 1 {x} <ans>Yes</ans>"
    total = io.read_json(paths["output_report"])["total"]
    assert total["rationale_best_cut_off"] == total["rationale_all_better_cut_off"] == 1


def test_a_repetition_gives_the_same_bytes(files, monkeypatch):
    paths = files([[0.1, 0.9], [0.5, 0.5], [0.4, 0.2], [0.0, 0.1]])
    cfg = {**CFG, "ties": "break", "question_share": 0.5}
    written = []
    for _ in range(2):
        call(pairs.main, monkeypatch, cfg=cfg, **paths)
        written.append((paths["output"].read_bytes(), paths["output_report"].read_bytes()))
    assert written[0] == written[1]


def test_a_draft_without_a_score_is_an_error(files, monkeypatch):
    paths = files([[0.1, 0.9], [0.4, 0.2]])
    scores = io.read_table(paths["scores"], SCORES)
    io.write_table(scores[1:], paths["scores"], SCORES, {})
    with pytest.raises(SystemExit, match="none for 1, first"):
        call(pairs.main, monkeypatch, cfg=CFG, **paths)


def test_a_draft_without_a_text_needs_no_score(files, monkeypatch):
    paths = files([[0.1, 0.9], [0.4, 0.2], [0.7, 0.6]])
    drafts = io.read_table(paths["rationales"], RATIONALES)
    empty = ["because", "because 1", "", "", "because", ""]
    drafts = drafts.with_columns(rationale=pl.Series(empty))
    io.write_table(drafts, paths["rationales"], RATIONALES, {})
    scores = io.read_table(paths["scores"], SCORES)
    io.write_table(scores.filter(pl.Series(empty) != ""), paths["scores"], SCORES, {})
    by_question = io.read_table(paths["question_scores"], QUESTION_SCORES)
    io.write_table(by_question[[0, 2]], paths["question_scores"], QUESTION_SCORES, {})
    call(pairs.main, monkeypatch, cfg=CFG, **paths)
    assert io.read_table(paths["output"], PAIRS)["question_id"].to_list() == [
        "000:000-02>000-00",
        "000-00",
    ]
    assert io.read_json(paths["output_report"])["total"]["rationale_fewer_than_two_texts"] == 2


def test_no_pair_at_all_is_an_error(files, monkeypatch):
    paths = files([[0.5, 0.5]] * 4)
    with pytest.raises(SystemExit, match="at least one preference pair"):
        call(pairs.main, monkeypatch, cfg=CFG, **paths)
    assert not paths["output"].exists()
