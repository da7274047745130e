"""arte.config.licenses: which teacher must not teach which student."""

import json
from pathlib import Path

import pytest

from arte.config.licenses import CLAUSES, problems
from arte.core.errors import ArteError

ROOT = Path(__file__).parents[2]


def config(teacher: str, *students: str, acknowledged: tuple[str, ...] = ()) -> dict:
    """The blocks that matter, by licenses; `nano` is a model without one.

    The students are the one that gives preferences, then the unseen.
    """

    def model(name: str) -> dict:
        return (
            {"source": "nano"}
            if name == "nano"
            else {"source": "hub", "id": f"org/{name}-model", "license": name}
        )

    return {
        "models": {"t": model(teacher)} | {f"s{i}": model(s) for i, s in enumerate(students)},
        "roles": {
            "teacher": "t",
            "student": "s0",
            "unseen": [f"s{i}" for i in range(1, len(students))],
        },
        "licenses": {"acknowledged": list(acknowledged)},
    }


@pytest.mark.parametrize(
    ("teacher", "student"),
    [
        ("apache-2.0", "gemma"),
        ("mit", "apache-2.0"),
        ("gemma", "apache-2.0"),
        ("llama3.1", "gemma"),
        ("llama3", "llama3"),
        ("nano", "nano"),
    ],
)
def test_a_permitted_pair_passes(teacher, student):
    assert list(problems(config(teacher, student))) == []


@pytest.mark.parametrize("student", ["gemma", "apache-2.0", "llama2", "llama3.1", "nano"])
def test_llama_3_must_not_teach_another_family(student):
    (error,) = problems(config("llama3", student))
    assert isinstance(error, ArteError)
    assert "clause 1.b.v of the Meta Llama 3 Community License" in error.expected
    assert "org/llama3-model" in error.found
    assert "licenses.acknowledged" in error.where
    assert "add llama3-1.b.v to licenses.acknowledged" in error.remedy


def test_an_acknowledged_clause_passes_and_another_does_not():
    assert list(problems(config("llama3", "gemma", acknowledged=("llama3-1.b.v",)))) == []
    assert len(list(problems(config("llama3", "gemma", acknowledged=("llama2-1.b.v",))))) == 1


def test_an_unseen_student_is_held_to_the_same_clause():
    (error,) = problems(config("llama3", "llama3", "llama3", "gemma"))
    assert "org/gemma-model" in error.found
    assert "roles.unseen" in error.where
    both = list(problems(config("llama3", "apache-2.0", "gemma")))
    assert ["roles.student" in error.where for error in both] == [True, False]
    assert list(problems(config("llama3", "gemma", "gemma", acknowledged=("llama3-1.b.v",)))) == []


def test_the_schema_knows_exactly_the_clauses():
    schema = json.loads((ROOT / "workflow/schemas/config.schema.json").read_text())
    names = schema["properties"]["licenses"]["properties"]["acknowledged"]["items"]["enum"]
    assert names == [clause.name for clause in CLAUSES.values()]
