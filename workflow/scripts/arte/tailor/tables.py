"""What a student is trained on."""

from arte.core.schema import TEXT, Schema

TRAINING_SET = Schema(
    "training_set",
    {
        "subtask": TEXT,
        "question_id": TEXT,
        "technique": TEXT,
        "prompt": TEXT,
        "completion": TEXT,
    },
    key=("subtask", "question_id"),
)
