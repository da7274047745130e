"""The published subtasks and benchmarks, as their task.yaml declare them."""

from pathlib import Path

from arte.core import tasks
from arte.core.forms import declaration

PUBLISHED = tasks.read_all(Path(__file__).parents[2] / "resources/prompts")
SUBTASKS = {name: kind for name, kind in PUBLISHED.items() if kind.is_bbh}
OOD = {name: kind for name, kind in PUBLISHED.items() if kind.is_benchmark}


def declares(name: str) -> dict:
    """What the config of a data job says of a subtask."""
    kind = PUBLISHED[name]
    answer = declaration(kind.answer_type)
    return {
        "subtask": name,
        "declared": {"task": kind.task, "category": kind.category, "answer": answer},
    }
