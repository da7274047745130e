import pytest
from tiny_model import call

from arte import io, preference_set
from arte.errors import ArteError
from arte.schema import IRT, ITEMS, PREFERENCE_SET


def items(*ids: str):
    fixed = {"subtask": "s", "task": "t", "category": "c", "question": "?", "answer": "yes"}
    return ITEMS.frame([{**fixed, "item_id": item_id} for item_id in ids])


def estimates(**discrimination: float):
    fixed = {"subtask": "s", "difficulty": 0.0, "discrimination_map": 1.0, "n_correct": 1, "n": 2}
    return IRT.frame(
        [{**fixed, "item_id": i, "discrimination": a} for i, a in discrimination.items()]
    )


def test_the_most_discriminative_items_are_chosen_and_ties_go_by_id():
    chosen = preference_set.select(
        items("a", "b", "c", "d"), estimates(d=1.0, c=2.0, b=1.0, a=0.5), 2
    )
    assert chosen.sort("rank").select("item_id", "discrimination", "rank").rows() == [
        ("c", 2.0, 1),
        ("b", 1.0, 2),
    ]


def test_too_few_validation_items_name_the_config_keys():
    with pytest.raises(ArteError, match=r"(?s)prefer\.preference_set.*data\.validation_items"):
        preference_set.select(items("a", "b"), estimates(a=1.0, b=1.0), 3)


def test_estimates_of_other_items_are_an_error():
    with pytest.raises(ArteError, match="1 of them validation items"):
        preference_set.select(items("a", "b"), estimates(a=1.0, x=1.0), 1)


def test_the_command_writes_one_table_per_subtask(tmp_path, monkeypatch):
    io.write_table(items("a", "b"), tmp_path / "validation.parquet", ITEMS, {})
    io.write_table(estimates(a=1.0, b=2.0), tmp_path / "irt.parquet", IRT, {})
    call(
        preference_set.main,
        monkeypatch,
        cfg={"subtasks": ["s"], "preference_set": 1},
        irt=tmp_path / "irt.parquet",
        validation=tmp_path / "validation.parquet",
        output=tmp_path / "set.parquet",
    )
    assert io.read_table(tmp_path / "set.parquet", PREFERENCE_SET)["item_id"].to_list() == ["b"]
