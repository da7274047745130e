import polars as pl

from arte.core.forms import Form
from arte.elicit.tables import RATIONALES
from arte.engine.contract import Completion
from arte.prefer.scorers import icl
from arte.prefer.tables.outputs import SCORE_OUTPUTS
from arte.prefer.tables.preference_set import PREFERENCE_SET

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
    scores = icl.rationale_scores(outputs(verdicts), rationales())
    assert scores["score"].to_list() == [2 / 3, 0.0, 1.0, 1 / 3]
    assert scores["n"].to_list() == [3] * 4
    assert scores["technique"].to_list() == TECHNIQUES * 2


def test_an_answer_cut_off_before_its_tag_is_wrong():
    draft, item = rationales().row(0, named=True), preference().row(0, named=True)
    cut = icl.scored(draft, item, Completion("The answer is No", "length", 1, 0, 1), Form("yesno"))
    whole = icl.scored(draft, item, Completion("<ans>No</ans>", "stop", 1, 0, 1), Form("yesno"))
    assert (cut["correct"], whole["correct"]) == (False, True)
