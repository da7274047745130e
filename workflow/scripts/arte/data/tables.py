"""Tables of the data: test and validation items, and worked exemplars."""

from arte.core.schema import INTEGER, TEXT, Schema

ITEMS = Schema(
    "items",
    {
        "subtask": TEXT,
        "task": TEXT,
        "category": TEXT,
        "item_id": TEXT,
        "question": TEXT,
        "answer": TEXT,
    },
    key=("subtask", "item_id"),
)
EXEMPLARS = Schema(
    "exemplars",
    {
        "subtask": TEXT,
        "exemplar_id": INTEGER,
        "question": TEXT,
        "answer": TEXT,
        "rationale": TEXT,
    },
    key=("subtask", "exemplar_id"),
)
