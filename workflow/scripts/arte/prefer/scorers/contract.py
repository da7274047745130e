"""What a preference scorer takes and gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from arte.core.prompts import Prompts
from arte.engine.generate import Generator
from arte.prefer.tables.scores import SCORES


@dataclass(frozen=True)
class Request:
    """One subtask's rationales to score.

    `drafts` has the columns of RATIONALES, sorted by its key. `items`, of PREFERENCE_SET, is None
    for a scorer that needs none. `ask` is the student. `cfg` is the job's config.
    """

    drafts: pl.DataFrame
    items: pl.DataFrame | None
    ask: Generator
    prompts: Prompts
    cfg: dict[str, Any]


@dataclass(frozen=True)
class Scored:
    """SCORES of the rationales that can be scored, and SCORE_OUTPUTS where items were answered."""

    scores: pl.DataFrame
    outputs: pl.DataFrame | None = None


def scores_of(
    drafts: pl.DataFrame, values: Sequence[float], n: Sequence[int] | None = None
) -> pl.DataFrame:
    """SCORES from one value per draft; `n` says on how many items or tokens each rests (1)."""
    return SCORES.frame(
        drafts.select("subtask", "question_id", "rationale_id", "technique")
        .with_columns(
            pl.Series("score", values, pl.Float64),
            pl.Series("n", [1] * len(values) if n is None else n, pl.Int64),
        )
        .to_dicts()
    )
