"""What a student answered to the test items, read strictly and leniently."""

from arte.core.schema import BOOLEAN, INTEGER, TEXT, Schema

PREDICTIONS = Schema(
    "predictions",
    {
        "subtask": TEXT,
        "task": TEXT,
        "category": TEXT,
        "item_id": TEXT,
        "arm": TEXT,
        "student": TEXT,
        "seed": INTEGER,
        "shots": INTEGER,
        "answer": TEXT,
        "output": TEXT,
        "finish_reason": TEXT,
        "tagged": BOOLEAN,
        "answer_pred": TEXT,
        "correct": BOOLEAN,
        "answer_lenient": TEXT,
        "correct_lenient": BOOLEAN,
    },
    key=("subtask", "student", "arm", "seed", "shots", "item_id"),
    nullable=("answer_pred", "answer_lenient"),
)
