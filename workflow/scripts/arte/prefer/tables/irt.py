"""Item parameters of the 2PL model."""

from arte.core.schema import FLOAT, INTEGER, TEXT, Schema

IRT = Schema(
    "irt",
    {
        "subtask": TEXT,
        "item_id": TEXT,
        "discrimination": FLOAT,
        "difficulty": FLOAT,
        "discrimination_map": FLOAT,
        "n_correct": INTEGER,
        "n": INTEGER,
    },
    key=("subtask", "item_id"),
)
