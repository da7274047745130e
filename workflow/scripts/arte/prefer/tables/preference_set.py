"""The validation items on which rationales are scored."""

from arte.core.schema import FLOAT, INTEGER, TEXT, Schema

PREFERENCE_SET = Schema(
    "preference_set",
    {
        "subtask": TEXT,
        "task": TEXT,
        "category": TEXT,
        "item_id": TEXT,
        "question": TEXT,
        "answer": TEXT,
        "discrimination": FLOAT,
        "rank": INTEGER,
    },
    key=("subtask", "item_id"),
)
