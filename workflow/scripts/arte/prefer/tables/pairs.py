"""Preference pairs for DPO."""

from arte.core.schema import FLOAT, TEXT, Schema

PAIRS = Schema(
    "pairs",
    {
        "subtask": TEXT,
        "kind": TEXT,
        "question_id": TEXT,
        "prompt": TEXT,
        "chosen": TEXT,
        "rejected": TEXT,
        "margin": FLOAT,
    },
    key=("subtask", "kind", "question_id"),
)
