"""arte.plan.stages: counts against numbers worked out by hand, most of them the paper's."""

from dataclasses import replace

import pytest
from configs import DEFAULT, merged
from configs import preset as ready

from arte.plan.lengths import Lengths
from arte.plan.sizes import names
from arte.plan.stages import plan
from arte.plan.work import Work

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


def every(config: dict, lengths: Lengths = TEN) -> dict[str, Lengths]:
    """The same lengths for all that has some."""
    sets = [arm["instructions"] for arm in config["arms"].values() if "instructions" in arm]
    return dict.fromkeys([*names(config), *sets], lengths)


def requests(config: dict, stage: str) -> dict[str, int]:
    """Requests of a stage by model; of a training, examples."""
    return {row.model: row.requests for row in work(config, stage)}


def work(config: dict, stage: str, lengths: Lengths = TEN) -> list[Work]:
    """The rows of one stage."""
    return [row for row in plan(config, every(config, lengths)) if row.stage == stage]


def preset(name: str, changes: dict | None = None) -> dict:
    return merged(ready(name), changes or {})


TEACHER = "llama3_70b_instruct"
PAPER, FULL, SMOKE = preset("paper"), preset("full"), preset("smoke")


def test_the_paper_preset_asks_for_the_papers_numbers_of_27_files():
    """Audit 3.1: 6,750 questions, 27,000 drafts, 1,080,000 scoring generations, 8,100 pairs."""
    assert requests(PAPER, "draft_questions") == {TEACHER: 27 * 50}  # calls of five
    assert requests(PAPER, "draft_rationales") == {TEACHER: 27 * 250 * 4}
    (scores,) = work(PAPER, "score_rationales")
    assert (scores.requests, scores.jobs) == (1_080_000, 8)
    (dpo,) = work(PAPER, "align_teacher")
    assert dpo.requests == 27 * (250 + 50)
    assert dpo.steps == 507  # 506 batches of 16, and one of 4


def test_students_learn_from_arms_instruction_sets_and_data_of_their_own_benchmark():
    """Ten arms of 6,750 rows; two of them again for unseen students; 2,500 rows of 4 x 2 arms."""
    main, gemma_7b, qwen = work(PAPER, "finetune_student")
    assert (main.jobs, main.requests) == (10 + 8, 10 * 6750 + 8 * 2500)
    assert main.steps == 10 * 422 + 8 * 157  # batches of 16, the last ones of 14 and 4
    assert [(row.jobs, row.requests) for row in (gemma_7b, qwen)] == [(2, 2 * 6750)] * 2
    rows = {"instructions": {"rows": 1000}}
    assert work(preset("paper", rows), "finetune_student")[0].requests == (
        6 * 6750 + 4 * 1000 + 8 * 2500
    )


def test_23_subtasks_give_the_papers_other_reading():
    config = preset("paper", {"data": {"subtasks": PAPER["data"]["subtasks"][:23]}})
    assert work(config, "score_rationales")[0].requests == 920_000
    assert work(config, "align_teacher")[0].steps == 432  # 431 batches of 16, and one of 4


def test_scorer_loglik_reads_every_draft_once_after_a_shared_prompt_and_writes_nothing():
    config = preset("paper", {"prefer": {"scorer": "loglik"}})
    (scores,) = work(config, "score_rationales")
    drafts = 27 * 250 * 4
    assert (scores.requests, scores.jobs, scores.written) == (drafts, 8, 0)
    assert scores.prompt == drafts * (10 + 10 + 10)  # instruction, question, draft
    assert scores.read == drafts * (10 + 10) + 27 * 10
    assert work(config, "collect_consistency_outputs") == work(
        PAPER, "collect_consistency_outputs"
    )  # App. E


def test_each_panel_model_answers_every_validation_item_at_four_numbers_of_shots():
    rows = work(PAPER, "collect_responses")
    assert [row.requests for row in rows] == 3 * [27 * 100 * 4]


def test_students_are_tested_on_what_is_not_held_out_zero_and_three_shot():
    """The untrained student and ten trained ones; of each unseen student two."""
    left = 2 * (6511 - 27 * 100)
    assert requests(PAPER, "evaluate_student") == {
        "gemma_2b": 11 * left,
        "gemma_7b": 2 * left,
        "qwen1_5_1_8b": 2 * left,
    }
    five = preset("paper", {"data": {"test_items": 5}})
    assert requests(five, "evaluate_student")["gemma_2b"] == 11 * 2 * 27 * 5


def test_seven_students_meet_500_items_of_every_benchmark_outside():
    """Untrained, original_teacher, arte and four instruction sets (Table 3), at two shots."""
    assert requests(PAPER, "evaluate_student_ood") == {"gemma_2b": 7 * 5 * 500 * 2}
    assert work(PAPER, "evaluate_student_ood")[0].jobs == 7


def test_both_teachers_write_2500_examples_for_each_of_four_benchmarks():
    assert requests(PAPER, "transfer_questions") == {TEACHER: 4 * 500, "aligned_teacher": 4 * 500}
    assert requests(PAPER, "transfer_rationales") == {TEACHER: 10_000, "aligned_teacher": 10_000}
    (tested,) = work(PAPER, "evaluate_student_transfer")
    assert (tested.jobs, tested.requests) == (4 * 2, 4 * 2 * 500 * 2)


def test_naive_rationales_are_asked_of_each_teacher_for_the_arms_and_the_technique_shift():
    rows = {row.model: row for row in work(PAPER, "tailor_rationales")}
    assert rows[TEACHER].requests == 2 * 6750  # question_only, the shift
    assert rows["aligned_teacher"].requests == 2 * 6750  # rationale_only (and the shift), arte
    assert rows["aligned_teacher"].jobs == 2


def test_appendix_e_scores_the_drafts_of_ten_questions_on_all_validation_items():
    (row,) = work(PAPER, "collect_consistency_outputs")
    assert (row.requests, row.jobs) == (27 * 10 * 4 * 100, 8)
    assert work(DEFAULT, "collect_consistency_outputs") == []


def test_a_second_round_drafts_scores_and_aligns_again_with_the_aligned_teacher():
    """Smoke: two subtasks of four questions, 4 techniques, 6 preference items; 12 pairs a round."""
    assert requests(SMOKE, "draft_questions") == {"nano_teacher": 2, "aligned_teacher": 2}
    assert requests(SMOKE, "draft_rationales") == {"nano_teacher": 32, "aligned_teacher": 32}
    (scores,) = work(SMOKE, "score_rationales")
    assert (scores.requests, scores.jobs) == (2 * 32 * 6, 2 * 2)
    (dpo,) = work(SMOKE, "align_teacher")
    assert (dpo.requests, dpo.steps, dpo.jobs) == (2 * 12, 2 * 3, 2)
    (tailored,) = work(SMOKE, "tailor_questions")
    assert (tailored.requests, tailored.jobs) == (2 * 2, 2)
    assert requests(SMOKE, "tailor_rationales") == {"nano_teacher": 2 * 8, "aligned_teacher": 3 * 8}


def test_the_smoke_preset_is_counted_by_hand():
    assert requests(SMOKE, "check_gates") == {
        "nano_teacher": 3 * (1 + 5 * 4),  # two subtasks and PIQA: a call, 4 problems x 5 prompts
        "nano_student": 3 * (4 + 4 * 4),
    }
    assert requests(SMOKE, "collect_consistency_outputs") == {"nano_student": 2 * 1 * 4 * 12}
    assert requests(SMOKE, "transfer_questions") == {"nano_teacher": 1, "aligned_teacher": 1}
    assert requests(SMOKE, "transfer_rationales") == {"nano_teacher": 4, "aligned_teacher": 4}
    assert requests(SMOKE, "finetune_student") == {
        "nano_student": 7 * 8 + 4 * 8 + 2 * 4,  # arms with questions, instruction sets, transfer
        "nano_neox": 2 * 8,
    }
    assert requests(SMOKE, "evaluate_student") == {"nano_student": 12 * 48, "nano_neox": 2 * 48}
    assert requests(SMOKE, "evaluate_student_ood") == {"nano_student": 7 * 12 * 2}
    assert requests(SMOKE, "evaluate_student_transfer") == {"nano_student": 2 * 12 * 2}


def test_the_full_preset_is_counted_by_hand():
    """Six subtasks of 24 questions and 100 items, 11 arms, three seeds, three unseen students."""
    trained = {row.model: (row.jobs, row.requests) for row in work(FULL, "finetune_student")}
    assert trained.pop("nano_student") == ((11 + 8) * 3, 3 * (11 * 144 + 8 * 24))
    assert trained == dict.fromkeys(FULL["roles"]["unseen"], (2 * 3, 2 * 3 * 144))
    tested = requests(FULL, "evaluate_student")
    assert tested.pop("nano_student") == 34 * 1200
    assert tested == dict.fromkeys(FULL["roles"]["unseen"], 6 * 1200)
    assert requests(FULL, "evaluate_student_ood") == {"nano_student": (1 + 6 * 3) * 1000}
    assert requests(FULL, "evaluate_student_transfer") == {"nano_student": 4 * 6 * 200}
    assert requests(FULL, "score_rationales") == {"nano_student": 2 * 6 * 24 * 4 * 20}
    assert requests(FULL, "collect_consistency_outputs") == {"nano_student": 6 * 10 * 4 * 60}


def test_seeds_multiply_students_and_epochs_multiply_steps():
    changes = {"finetune": {"seeds": [0, 1, 2], "sft": {"num_train_epochs": 2}}}
    row, *_ = work(preset("paper", changes), "finetune_student")
    assert (row.jobs, row.steps) == (3 * 18, 3 * 2 * (10 * 422 + 8 * 157))


def test_a_lower_yield_asks_for_more_calls_up_to_the_limit():
    assert work(PAPER, "draft_questions", replace(TEN, question_yield=0.8))[0].requests == 27 * 63
    limited = preset("paper", {"elicit": {"max_calls": 150}})
    few = replace(TEN, question_yield=0.1)
    assert work(limited, "draft_questions", few)[0].requests == 27 * 150


def test_tokens_of_scoring_share_the_prefix_over_the_preference_items():
    """Per request 10 own, and 30 shared (template, question, rationale) by 40 items."""
    (row,) = work(PAPER, "score_rationales")
    assert row.prompt == 1_080_000 * 40
    assert row.read == pytest.approx(1_080_000 * (10 + 30 / 40))
    assert row.written == 1_080_000 * 10


def test_answers_after_exemplars_have_their_own_length():
    row, *_ = work(PAPER, "evaluate_student", replace(TEN, few_shot_answer=30))
    assert row.written == row.requests / 2 * 10 + row.requests / 2 * 30


def test_tokens_of_dpo_count_chosen_and_rejected():
    """250 pairs of (naive 10, question 10, rationale 10), 50 of (prompt 10, question 10)."""
    (row,) = work(PAPER, "align_teacher")
    assert row.prompt == pytest.approx(27 * 2 * (250 * 30 + 50 * 20))


def test_nano_models_are_trained_and_gated_and_hub_models_are_not():
    stages = [row.stage for row in plan(DEFAULT, every(DEFAULT))]
    assert stages[:4] == ["train_nano_student", "train_nano_teacher", "check_gates", "check_gates"]
    hub = [row.stage for row in plan(PAPER, every(PAPER))]
    assert not [stage for stage in hub if "nano" in stage or "gates" in stage]


def test_steps_of_a_nano_model_are_whole_batches():
    """4 rows of 512 tokens a step."""
    (student,) = work(DEFAULT, "train_nano_student")
    assert student.steps == DEFAULT["nano"]["student_tokens"] // 2048
    assert student.prompt == student.steps * 2048
    assert student.processes == DEFAULT["nano"]["processes"]
    (unseen,) = work(SMOKE, "train_nano_unseen")
    assert (unseen.model, unseen.steps, unseen.processes) == ("nano_neox", 48, 1)


def test_no_stage_has_more_jobs_than_subtasks():
    config = preset("paper", {"jobs": {"score": 99}})
    assert work(config, "score_rationales")[0].jobs == 27
