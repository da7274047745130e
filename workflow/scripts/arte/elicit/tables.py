"""Tables of what the teacher writes: questions, and rationales for them."""

from arte.core.schema import BOOLEAN, INTEGER, TEXT, Schema

QUESTIONS = Schema(
    "questions",
    {
        "subtask": TEXT,
        "question_id": TEXT,
        "question": TEXT,
        "answer": TEXT,
        "prompt_id": TEXT,
    },
    key=("subtask", "question_id"),
)
RATIONALES = Schema(
    "rationales",
    {
        "subtask": TEXT,
        "question_id": TEXT,
        "rationale_id": INTEGER,
        "technique": TEXT,
        "question": TEXT,
        "answer": TEXT,
        "rationale": TEXT,
        "finish_reason": TEXT,
        "answer_pred": TEXT,
        "correct": BOOLEAN,
        "prompt_id": TEXT,
    },
    key=("subtask", "question_id", "rationale_id"),
    nullable=("answer_pred",),
)
