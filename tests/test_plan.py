"""arte.plan: counts against numbers worked out by hand, most of them the paper's."""

from dataclasses import replace

import pytest
import yaml
from test_config import DEFAULT, ROOT, merged

from arte.plan import PUBLISHED_ITEMS, Work, plan
from arte.plan_lengths import Lengths

TEN = Lengths(
    question=10,
    tagged_question=10,
    rationale=10,
    answer=10,
    few_shot_answer=10,
    exemplar=10,
    question_prompt=10,
    instruction=10,
    naive=10,
    student_template=10,
    example_template=0,
    question_yield=1.0,
)
"""Ten tokens for everything."""


def work(config: dict, stage: str, lengths: Lengths = TEN) -> list[Work]:
    """The rows of one stage."""
    rows = plan(config, dict.fromkeys(config["data"]["subtasks"], lengths))
    return [row for row in rows if row.stage == stage]


def preset(name: str, changes: dict | None = None) -> dict:
    config = merged(DEFAULT, yaml.safe_load((ROOT / f"config/presets/{name}.yaml").read_text()))
    return merged(config, changes or {})


PAPER = preset("paper")


def test_the_published_files_have_6511_examples():
    assert len(PUBLISHED_ITEMS) == 27
    assert sum(PUBLISHED_ITEMS.values()) == 6511


def test_the_paper_preset_asks_for_the_papers_numbers_of_27_files():
    """Audit 3.1: 6,750 questions, 27,000 drafts, 1,080,000 scoring generations, 8,100 pairs."""
    (questions,) = work(PAPER, "draft_questions")
    assert questions.requests == 27 * 50  # calls of five
    (drafts,) = work(PAPER, "draft_rationales")
    assert drafts.requests == 27 * 250 * 4
    (scores,) = work(PAPER, "score_rationales")
    assert (scores.requests, scores.jobs) == (1_080_000, 8)
    (dpo,) = work(PAPER, "align_teacher")
    assert dpo.requests == 27 * (250 + 50)
    assert dpo.steps == 507  # 506 batches of 16, and one of 4
    students = work(PAPER, "finetune_student")
    assert students[0].requests == 6 * 6750
    assert students[0].steps == 6 * 422  # 421 batches of 16, and one of 14


def test_23_subtasks_give_the_papers_other_reading():
    config = preset("paper", {"data": {"subtasks": PAPER["data"]["subtasks"][:23]}})
    assert work(config, "score_rationales")[0].requests == 920_000
    assert work(config, "align_teacher")[0].steps == 432  # 431 batches of 16, and one of 4


def test_each_panel_model_answers_every_validation_item_at_four_numbers_of_shots():
    rows = work(PAPER, "collect_responses")
    assert [row.requests for row in rows] == 3 * [27 * 100 * 4]


def test_students_are_tested_on_what_is_not_held_out_zero_and_three_shot():
    (row,) = work(PAPER, "evaluate_student")
    assert row.requests == 7 * 2 * (6511 - 27 * 100)
    all_items = preset("paper", {"data": {"test_items": 5}})
    assert work(all_items, "evaluate_student")[0].requests == 7 * 2 * 27 * 5


def test_naive_rationales_are_asked_of_each_teacher_for_the_arms_that_need_them():
    rows = {row.model: row for row in work(PAPER, "tailor_rationales")}
    assert rows["llama3_70b_instruct"].requests == 6750  # question_only
    assert rows["aligned_teacher"].requests == 2 * 6750  # rationale_only, arte
    assert rows["aligned_teacher"].jobs == 2


def test_seeds_multiply_students_and_epochs_multiply_steps():
    changes = {"finetune": {"seeds": [0, 1, 2], "sft": {"num_train_epochs": 2}}}
    (row,) = work(preset("paper", changes), "finetune_student")
    assert (row.jobs, row.steps) == (18, 18 * 2 * 422)


def test_a_lower_yield_asks_for_more_calls_up_to_the_limit():
    assert work(PAPER, "draft_questions", replace(TEN, question_yield=0.8))[0].requests == 27 * 63
    assert work(PAPER, "draft_questions", replace(TEN, question_yield=0.1))[0].requests == 27 * 150


def test_tokens_of_scoring_share_the_prefix_over_the_preference_items():
    """Per request 10 own, and 30 shared (template, question, rationale) by 40 items."""
    (row,) = work(PAPER, "score_rationales")
    assert row.prompt == 1_080_000 * 40
    assert row.read == pytest.approx(1_080_000 * (10 + 30 / 40))
    assert row.written == 1_080_000 * 10


def test_answers_after_exemplars_have_their_own_length():
    (row,) = work(PAPER, "evaluate_student", replace(TEN, few_shot_answer=30))
    assert row.written == row.requests / 2 * 10 + row.requests / 2 * 30


def test_tokens_of_dpo_count_chosen_and_rejected():
    """250 pairs of (naive 10, question 10, rationale 10), 50 of (prompt 10, question 10)."""
    (row,) = work(PAPER, "align_teacher")
    assert row.prompt == pytest.approx(27 * 2 * (250 * 30 + 50 * 20))


def test_nano_models_are_trained_and_gated_and_hub_models_are_not():
    stages = [row.stage for row in plan(DEFAULT, {"hyperbaton": TEN})]
    assert stages[:3] == ["train_nano_student", "train_nano_teacher", "check_gates"]
    assert not [row for row in plan(PAPER, {"snarks": TEN}) if "nano" in row.stage]


def test_steps_of_a_nano_model_are_whole_batches():
    (row,) = work(DEFAULT, "train_nano_student")
    assert row.steps == 1171  # 5.4 M tokens by 6 rows of 768
    assert row.prompt == 1171 * 4608


def test_no_stage_has_more_jobs_than_subtasks():
    config = preset("smoke", {"jobs": {"score": 9}})
    assert work(config, "score_rationales")[0].jobs == 2
