import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from tiny_model import ENGINE, PROMPTS, call, save_tiny_llama

from arte.core import io
from arte.elicit.tables import RATIONALES
from arte.engine.contract import Completion
from arte.prefer import icl as score
from arte.prefer.tables.outputs import SCORE_OUTPUTS
from arte.prefer.tables.preference_set import PREFERENCE_SET
from arte.prefer.tables.scores import QUESTION_SCORES, SCORES

SUBTASK = "navigate"
TECHNIQUES = ["steps", "direct"]


def rationales():
    return RATIONALES.frame(
        [
            {
                "subtask": SUBTASK,
                "question_id": f"q{q}",
                "rationale_id": r,
                "technique": technique,
                "question": f"Walk {q} {{steps}}?",
                "answer": "Yes",
                "rationale": f"{technique} <ans>Yes</ans>",
                "finish_reason": "stop",
                "answer_pred": "yes",
                "correct": True,
                "prompt_id": "p",
            }
            for q in range(2)
            for r, technique in enumerate(TECHNIQUES)
        ]
    )


def preference():
    fixed = {"subtask": SUBTASK, "task": SUBTASK, "category": "BBH-Logic", "discrimination": 1.0}
    return PREFERENCE_SET.frame(
        [
            {**fixed, "item_id": f"i{n}", "question": f"{n}?", "answer": "No", "rank": n + 1}
            for n in range(3)
        ]
    )


def outputs(correct: list[bool]) -> pl.DataFrame:
    """Outputs of 2 questions x 2 rationales x 3 items with the given verdicts."""
    keys = [(f"q{q}", r, f"i{n}") for q in range(2) for r in range(2) for n in range(3)]
    names = ("question_id", "rationale_id", "item_id")
    fixed = {"subtask": SUBTASK, "output": "", "finish_reason": "stop", "answer_pred": None}
    return SCORE_OUTPUTS.frame(
        [
            {**fixed, **dict(zip(names, key, strict=True)), "correct": verdict}
            for key, verdict in zip(keys, correct, strict=True)
        ]
    )


def test_a_rationale_scores_the_share_of_right_answers():
    verdicts = [True, True, False] + [False] * 3 + [True] * 3 + [True, False, False]
    scores = score.rationale_scores(outputs(verdicts), rationales())
    assert scores["score"].to_list() == [2 / 3, 0.0, 1.0, 1 / 3]
    assert scores["n"].to_list() == [3] * 4
    assert scores["technique"].to_list() == TECHNIQUES * 2


@given(st.lists(st.booleans(), min_size=12, max_size=12), st.randoms(use_true_random=False))
def test_a_question_scores_the_mean_of_its_rationales_in_any_order(verdicts, random):
    table = outputs(verdicts)
    order = list(range(12))
    random.shuffle(order)
    questions = score.question_scores(table[order])
    assert questions["n"].to_list() == [2, 2]
    s_r = score.rationale_scores(table, rationales())["score"].to_list()
    for i, s_q in enumerate(questions["score"].to_list()):
        assert abs(s_q - (s_r[2 * i] + s_r[2 * i + 1]) / 2) < 1e-12


def test_an_answer_cut_off_before_its_tag_is_wrong():
    draft, item = rationales().row(0, named=True), preference().row(0, named=True)
    cut = score.scored(draft, item, Completion("The answer is No", "length", 1, 0, 1))
    whole = score.scored(draft, item, Completion("<ans>No</ans>", "stop", 1, 0, 1))
    assert (cut["correct"], whole["correct"]) == (False, True)


def test_every_rationale_is_scored_on_every_preference_item(tmp_path, monkeypatch):
    io.write_table(rationales(), tmp_path / "rationales.parquet", RATIONALES, {})
    io.write_table(preference(), tmp_path / "set.parquet", PREFERENCE_SET, {})
    call(
        score.main,
        monkeypatch,
        cfg={"subtasks": [SUBTASK], "seed": 0, "engine": ENGINE, "max_tokens": 4},
        rationales=tmp_path / "rationales.parquet",
        preference=tmp_path / "set.parquet",
        prompts=PROMPTS,
        model=save_tiny_llama(tmp_path / "model"),
        journal=tmp_path / "journal",
        stats=tmp_path / "stats.json",
        output_outputs=tmp_path / "outputs.parquet",
        output_scores=tmp_path / "scores.parquet",
        output_question_scores=tmp_path / "question_scores.parquet",
    )
    assert io.read_table(tmp_path / "outputs.parquet", SCORE_OUTPUTS).height == 12
    assert io.read_table(tmp_path / "scores.parquet", SCORES)["n"].to_list() == [3] * 4
    assert io.read_table(tmp_path / "question_scores.parquet", QUESTION_SCORES).height == 2
    assert io.read_json(tmp_path / "stats.json")["requests"] == 12
