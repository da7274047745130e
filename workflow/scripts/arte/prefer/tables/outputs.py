"""What the student answered with a draft as its example."""

from arte.core.schema import BOOLEAN, INTEGER, TEXT, Schema

SCORE_OUTPUTS = Schema(
    "score_outputs",
    {
        "subtask": TEXT,
        "question_id": TEXT,
        "rationale_id": INTEGER,
        "item_id": TEXT,
        "output": TEXT,
        "finish_reason": TEXT,
        "answer_pred": TEXT,
        "correct": BOOLEAN,
    },
    key=("subtask", "question_id", "rationale_id", "item_id"),
    nullable=("answer_pred",),
)
