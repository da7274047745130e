from collections import Counter

import pytest
from tiny_model import call

from arte.core import io
from arte.core.errors import ArteError
from arte.data.tables import ITEMS
from arte.prefer import preference_set
from arte.prefer.tables.irt import IRT
from arte.prefer.tables.preference_set import PREFERENCE_SET


def items(*ids: str, answers: str | None = None):
    fixed = {"subtask": "s", "task": "t", "category": "c", "question": "?"}
    return ITEMS.frame(
        [
            {**fixed, "item_id": item_id, "answer": answer}
            for item_id, answer in zip(ids, answers or "y" * len(ids), strict=True)
        ]
    )


def estimates(**discrimination: float):
    fixed = {"subtask": "s", "difficulty": 0.0, "discrimination_map": 1.0, "n_correct": 1, "n": 2}
    return IRT.frame(
        [{**fixed, "item_id": i, "discrimination": float(a)} for i, a in discrimination.items()]
    )


def test_the_most_discriminative_items_are_chosen_and_ties_are_drawn():
    some, a = items("a", "b", "c", "d"), estimates(d=1.0, c=2.0, b=1.0, a=0.5)
    seconds = set()
    for seed in range(40):
        chosen = preference_set.select(some, a, 2, seed=seed).sort("rank")
        assert chosen["discrimination"].to_list() == [2.0, 1.0]
        seconds.add(chosen["item_id"][1])
    assert seconds == {"b", "d"}
    assert preference_set.select(some, a, 2, seed=3).equals(
        preference_set.select(some, a, 2, seed=3)
    )


def test_of_equal_items_each_is_chosen_as_often_with_and_without_balance():
    some, a = items(*"abcdef", answers="yyynnn"), estimates(**dict.fromkeys("abcdef", 0.0))
    for balance in (False, True):
        counts = Counter()
        for seed in range(600):
            counts.update(preference_set.select(some, a, 2, seed=seed, balance=balance)["item_id"])
        # 600 draws of chance 1/3: four standard errors
        assert all(abs(counts[item] - 200) < 4 * 11.6 for item in "abcdef")


def test_a_balanced_set_has_the_proportions_of_all_answers():
    some, a = items(*"abcdef", answers="yyyynn"), estimates(a=6, b=5, c=4, d=3, e=2, f=1)
    plain = preference_set.select(some, a, 3, seed=0)
    assert plain["answer"].to_list() == ["y", "y", "y"]
    chosen = preference_set.select(some, a, 3, seed=0, balance=True).sort("rank")
    assert chosen.select("item_id", "answer").rows() == [("a", "y"), ("e", "n"), ("b", "y")]


def test_a_balanced_choice_of_fewer_items_is_a_prefix():
    some, a = items(*"abcdef", answers="yyynnn"), estimates(a=6, b=5, c=4, d=3, e=2, f=1)
    orders = [preference_set.balanced(some, a, k, 0) for k in range(1, 7)]
    assert all(orders[-1][: len(order)] == order for order in orders)


def test_where_all_answers_differ_balancing_changes_nothing():
    some, a = items(*"abcd", answers="1234"), estimates(a=1, b=3, c=2, d=4)
    assert preference_set.balanced(some, a, 3, 0) == preference_set.top_k(a, "discrimination", 3, 0)


def test_too_few_validation_items_name_the_config_keys():
    with pytest.raises(ArteError, match=r"(?s)prefer\.preference_items.*data\.validation_items"):
        preference_set.select(items("a", "b"), estimates(a=1.0, b=1.0), 3, seed=0)


def test_estimates_of_other_items_are_an_error():
    with pytest.raises(ArteError, match="1 of them validation items"):
        preference_set.select(items("a", "b"), estimates(a=1.0, x=1.0), 1, seed=0)


def test_the_command_writes_one_table_per_subtask(tmp_path, monkeypatch):
    io.write_table(items("a", "b"), tmp_path / "validation.parquet", ITEMS, {})
    io.write_table(estimates(a=1.0, b=2.0), tmp_path / "irt.parquet", IRT, {})
    call(
        preference_set.main,
        monkeypatch,
        cfg={"subtasks": ["s"], "seed": 0, "preference_items": 1, "balance": False},
        irt=tmp_path / "irt.parquet",
        validation=tmp_path / "validation.parquet",
        output=tmp_path / "set.parquet",
    )
    assert io.read_table(tmp_path / "set.parquet", PREFERENCE_SET)["item_id"].to_list() == ["b"]
