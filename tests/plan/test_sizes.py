"""arte.plan.sizes: items, rounds and trainings that a config asks for."""

from configs import DEFAULT, merged

from arte.plan.sizes import (
    PUBLISHED_ITEMS,
    aligns,
    drafts,
    naive_pairs,
    rounds,
    tailors,
    writer,
)
from arte.plan.sizes import test_items as items_of

THIRD = {"questions": "original", "rationales": "original", "round": 3}


def with_arm(**arm: str | int) -> dict:
    """The default with three rounds and one arm more."""
    return merged(DEFAULT, {"rounds": 3, "arms": {"more": arm}})


def test_the_published_files_have_6511_examples():
    assert len(PUBLISHED_ITEMS) == 27
    assert sum(PUBLISHED_ITEMS.values()) == 6511


def test_rounds_are_run_as_far_as_an_arm_needs_them():
    assert list(rounds(merged(DEFAULT, {"rounds": 3}))) == [1]
    assert list(rounds(with_arm(**THIRD))) == [1, 2, 3]


def test_a_last_round_is_aligned_only_for_an_arm_of_the_aligned_teacher():
    naive = with_arm(**THIRD)
    assert [aligns(naive, n) for n in (1, 2, 3)] == [True, True, False]
    assert [drafts(naive, n) for n in (1, 2, 3)] == [True, True, False]
    selected = with_arm(**THIRD | {"rationales": "drafts", "select": "random"})
    assert (aligns(selected, 3), drafts(selected, 3)) == (False, True)
    assert aligns(with_arm(**THIRD | {"rationales": "aligned"}), 3)


def test_only_a_round_with_an_arm_of_tailored_questions_asks_for_some():
    config = with_arm(**THIRD | {"questions": "aligned"})
    assert [tailors(config, n) for n in (1, 2, 3)] == [True, False, True]


def test_the_first_round_answers_draft_questions_before_and_after_alignment():
    config = with_arm(**THIRD)
    assert ("original", "original") in naive_pairs(config, 1)
    assert ("original", "aligned") in naive_pairs(config, 1)
    assert naive_pairs(config, 2) == []
    assert naive_pairs(config, 3) == [("original", "original")]


def test_a_later_round_begins_with_the_teacher_that_the_round_before_aligned():
    names = [writer(DEFAULT, *key) for key in (("original", 1), ("aligned", 1), ("original", 2))]
    assert names == ["nano_teacher", "aligned_teacher", "aligned_teacher"]


def test_no_validation_items_are_held_out_of_the_tests_outside_bbh():
    public = merged(DEFAULT, {"data": {"source": "github", "test_items": 0}})
    public["ood"]["test_items"] = 0
    assert items_of(public, "snarks") == 178 - DEFAULT["data"]["validation_items"]
    assert items_of(public, "gsm8k") == 1319
    assert items_of(merged(public, {"ood": {"test_items": 500}}), "gsm8k") == 500
