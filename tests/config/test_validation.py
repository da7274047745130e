"""data.validation: bigbench is refused where it cannot be had, before anything runs."""

import pytest
from configs import DEFAULT, ROOT, merged

from arte.config import validation

PINS = str(ROOT / "resources/bigbench.json")


def errors(subtasks, preference_items=20, of="github", **bigbench):
    data = {"source": of, "subtasks": subtasks, "validation": "bigbench", "bigbench": bigbench}
    changes = {"data": data, "prefer": {"preference_items": preference_items}}
    return list(validation.problems(merged(DEFAULT, changes), PINS))


def test_miniatures_have_no_bigbench():
    (error,) = errors(["hyperbaton"], of="embedded")
    assert "data.validation" in error.where


def test_a_folder_is_named_and_has_the_files(tmp_path):
    assert [error.found for error in errors(["web_of_lies"], source="folder")] == ["no folder"]
    where = {"source": "folder", "folder": str(tmp_path)}
    (error,) = errors(["snarks", "web_of_lies"], **where)
    assert error.found == "1 of them missing, first snarks/task.json"
    (tmp_path / "snarks").mkdir()
    (tmp_path / "snarks/task.json").touch()
    assert not errors(["snarks", "web_of_lies"], **where)


@pytest.mark.parametrize(
    ("shortage", "preference_items", "few"),
    [
        ("held_out", 40, []),
        ("fewer", 40, ["0 of snarks"]),
        ("fewer", 48, ["0 of snarks", "47 of logical_deduction_three_objects"]),
        ("error", 1, ["0 of snarks", "47 of logical_deduction_three_objects"]),
    ],
)
def test_what_bigbench_has_too_few_of_is_said(shortage, preference_items, few):
    subtasks = ["navigate", "snarks", "logical_deduction_three_objects", "web_of_lies"]
    found = errors(subtasks, preference_items, shortage=shortage)
    assert len(found) == bool(few)
    for text in few:
        assert text in found[0].expected
    assert not errors(["navigate", "web_of_lies"], preference_items, shortage=shortage)
