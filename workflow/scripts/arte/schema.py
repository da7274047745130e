"""The columns of every table that the pipeline writes (design: docs/design.md, Artefacts)."""

from dataclasses import dataclass

import polars as pl

from arte.errors import ArteError

VERSION = "1"

_TYPES = {
    "shots": pl.Int64,
    "seed": pl.Int64,
    "rank": pl.Int64,
    "n": pl.Int64,
    "n_correct": pl.Int64,
    "exemplar_id": pl.Int64,
    "rationale_id": pl.Int64,
    "score": pl.Float64,
    "margin": pl.Float64,
    "discrimination": pl.Float64,
    "difficulty": pl.Float64,
    "discrimination_map": pl.Float64,
    "correct": pl.Boolean,
    "correct_lenient": pl.Boolean,
    "tagged": pl.Boolean,
}
"""One vocabulary: a column has the same type in every table; those not named here are text."""

NULLABLE = {"answer_pred", "answer_lenient"}
"""Columns in which null means something: no answer could be extracted."""


@dataclass(frozen=True)
class Schema:
    """A table's name, columns in order, and the columns by which rows are sorted and unique."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def types(self) -> dict[str, pl.DataType]:
        """Column name to polars type, in order."""
        return {column: _TYPES.get(column, pl.String) for column in self.columns}

    def frame(self, rows: list[dict]) -> pl.DataFrame:
        """Rows as a DataFrame of this schema (also when there are none)."""
        return pl.DataFrame(rows, schema=self.types, orient="row")

    def check(self, frame: pl.DataFrame, where: str) -> pl.DataFrame:
        """`frame` with columns in order; raise ArteError on a wrong column, type, null or key."""
        if dict(frame.schema) != self.types:
            missing = sorted(set(self.types) - set(frame.columns))
            extra = sorted(set(frame.columns) - set(self.types))
            wrong = [c for c, t in self.types.items() if c in frame.columns and frame[c].dtype != t]
            if missing or extra or wrong:
                raise self._error(
                    f"missing columns {missing}, unknown columns {extra}, wrong types {wrong}",
                    where,
                )
        frame = frame.select(self.columns)
        for column in self.columns:
            if column not in NULLABLE and frame[column].null_count():
                raise self._error(f"null values in column {column!r}", where)
        twice = frame.filter(frame.select(self.key).is_duplicated())
        if twice.height:
            raise self._error(f"{twice.height} rows share a key, first {twice.row(0)}", where)
        return frame

    def _error(self, found: str, where: str) -> ArteError:
        return ArteError(
            expected=f"a {self.name} table with columns {list(self.columns)} and unique {self.key}",
            found=found,
            where=where,
            remedy="delete the file and run again; if it comes back, report it as a bug",
        )


ITEMS = Schema(
    "items",
    ("subtask", "task", "category", "item_id", "question", "answer"),
    ("subtask", "item_id"),
)
EXEMPLARS = Schema(
    "exemplars",
    ("subtask", "exemplar_id", "question", "answer", "rationale"),
    ("subtask", "exemplar_id"),
)
RESPONSES = Schema(
    "responses",
    ("subtask", "item_id", "model", "shots", "output", "finish_reason", "answer_pred", "correct"),
    ("subtask", "model", "shots", "item_id"),
)
IRT = Schema(
    "irt",
    ("subtask", "item_id", "discrimination", "difficulty", "discrimination_map", "n_correct", "n"),
    ("subtask", "item_id"),
)
PREFERENCE_SET = Schema(
    "preference_set",
    (*ITEMS.columns, "discrimination", "rank"),
    ("subtask", "item_id"),
)
QUESTIONS = Schema(
    "questions",
    ("subtask", "question_id", "question", "answer", "prompt_id"),
    ("subtask", "question_id"),
)
RATIONALES = Schema(
    "rationales",
    (
        "subtask",
        "question_id",
        "rationale_id",
        "technique",
        "question",
        "answer",
        "rationale",
        "finish_reason",
        "answer_pred",
        "correct",
        "prompt_id",
    ),
    ("subtask", "question_id", "rationale_id"),
)
SCORE_OUTPUTS = Schema(
    "score_outputs",
    (
        "subtask",
        "question_id",
        "rationale_id",
        "item_id",
        "output",
        "finish_reason",
        "answer_pred",
        "correct",
    ),
    ("subtask", "question_id", "rationale_id", "item_id"),
)
SCORES = Schema(
    "scores",
    ("subtask", "question_id", "rationale_id", "technique", "score", "n"),
    ("subtask", "question_id", "rationale_id"),
)
QUESTION_SCORES = Schema(
    "question_scores", ("subtask", "question_id", "score", "n"), ("subtask", "question_id")
)
PAIRS = Schema(
    "pairs",
    ("subtask", "kind", "question_id", "prompt", "chosen", "rejected", "margin"),
    ("subtask", "kind", "question_id"),
)
TRAINING_SET = Schema(
    "training_set",
    ("subtask", "question_id", "technique", "prompt", "completion"),
    ("subtask", "question_id"),
)
PREDICTIONS = Schema(
    "predictions",
    (
        "subtask",
        "task",
        "category",
        "item_id",
        "arm",
        "student",
        "seed",
        "shots",
        "answer",
        "output",
        "finish_reason",
        "tagged",
        "answer_pred",
        "correct",
        "answer_lenient",
        "correct_lenient",
    ),
    ("subtask", "student", "arm", "seed", "shots", "item_id"),
)
