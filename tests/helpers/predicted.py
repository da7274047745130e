"""Simulated predictions for the tests of tables: items, arms, seeds and students differ."""

from pathlib import Path

import numpy as np
import yaml
from declared import SUBTASKS

from arte.evaluate.tables import PREDICTIONS

PUBLISHED_FILE = Path(__file__).parents[2] / "config" / "published.yaml"
PUBLISHED = yaml.safe_load(PUBLISHED_FILE.read_text(encoding="utf-8"))
BBH = {
    "web_of_lies": 30,
    "hyperbaton": 20,
    "logical_deduction_three_objects": 12,
    "logical_deduction_five_objects": 18,
}
OOD = {"piqa": 30, "commonsense_qa": 25, "arc_easy": 20, "arc_challenge": 24, "gsm8k": 20}
ARMS = ("vanilla", "original_teacher", "question_only", "arte", "random")


def predictions(seeds=(0,), arms=ARMS, shots=(0, 3), sizes=BBH, student="nano", seed=3):
    """A shuffled PREDICTIONS table; later arms are better, vanilla has one seed."""
    draw = np.random.default_rng(seed)
    rows = [
        row(subtask, number, arm, k, draw.random() < 0.3 + 0.5 * index / len(arms))
        | {"seed": training, "student": student}
        for index, arm in enumerate(arms)
        for training in ((0,) if arm == "vanilla" else seeds)
        for k in shots
        for subtask, size in sizes.items()
        for number in range(size)
    ]
    return PREDICTIONS.frame(rows).sample(fraction=1, shuffle=True, seed=1)


def row(subtask, number, arm, shots, right):
    known = SUBTASKS.get(subtask) if subtask in BBH else None
    return {
        "subtask": subtask,
        "task": known.task if known else subtask,
        "category": known.category if known else "OOD",
        "item_id": f"{number:03d}",
        "arm": arm,
        "shots": shots,
        "answer": "x",
        "output": "x",
        "finish_reason": "stop",
        "tagged": bool(right),
        "answer_pred": "x" if right else None,
        "correct": bool(right),
        "answer_lenient": "x",
        "correct_lenient": True,
    }


def cell(frame, **where):
    """The one row that has these values."""
    found = frame.filter(**where)
    assert found.height == 1
    return found.row(0, named=True)
