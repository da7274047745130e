"""Preference scores of rationales (Eq. 3) and of questions (Eq. 4)."""

from arte.core.schema import FLOAT, INTEGER, TEXT, Schema

SCORES = Schema(
    "scores",
    {
        "subtask": TEXT,
        "question_id": TEXT,
        "rationale_id": INTEGER,
        "technique": TEXT,
        "score": FLOAT,
        "n": INTEGER,
    },
    key=("subtask", "question_id", "rationale_id"),
)
QUESTION_SCORES = Schema(
    "question_scores",
    {
        "subtask": TEXT,
        "question_id": TEXT,
        "score": FLOAT,
        "n": INTEGER,
    },
    key=("subtask", "question_id"),
)
