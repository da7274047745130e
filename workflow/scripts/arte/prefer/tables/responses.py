"""What the panel answered to the validation items."""

from arte.core.schema import BOOLEAN, INTEGER, TEXT, Schema

RESPONSES = Schema(
    "responses",
    {
        "subtask": TEXT,
        "item_id": TEXT,
        "model": TEXT,
        "shots": INTEGER,
        "output": TEXT,
        "finish_reason": TEXT,
        "answer_pred": TEXT,
        "correct": BOOLEAN,
    },
    key=("subtask", "model", "shots", "item_id"),
    nullable=("answer_pred",),
)
