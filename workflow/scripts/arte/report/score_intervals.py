"""Mean scores of drafts with intervals over questions and over the items of the preference set."""

import numpy as np
import polars as pl

from arte.core import io
from arte.core.errors import ArteError
from arte.prefer.tables.outputs import SCORE_OUTPUTS
from arte.prefer.tables.scores import SCORES
from arte.stats.correlation import correlation
from arte.stats.crossed import cluster_interval, crossed_interval


def read_answers(paths: list[str]) -> pl.DataFrame | None:
    """Whether the student was right with each rationale, in SCORE_OUTPUTS tables; None for none.

    Texts are dropped file by file: there may be a million of them.
    """
    key = SCORE_OUTPUTS.key
    tables = [io.read_table(path, SCORE_OUTPUTS).select(*key, "correct") for path in paths]
    return pl.concat(tables) if tables else None


def with_answers(scores: pl.DataFrame, answers: pl.DataFrame | None) -> pl.DataFrame:
    """SCORES with a column `right`, the answers in the order of items; null without `answers`.

    Raises ArteError where a rationale was not scored on every item of its subtask, or its score
    is not the mean of its answers.
    """
    if answers is None:
        return scores.with_columns(right=pl.lit(None, pl.List(pl.Boolean)))
    items = answers.group_by("subtask").agg(pl.col("item_id").unique().sort().alias("all"))
    of_rationale = (
        answers.sort("item_id")
        .group_by(SCORES.key, maintain_order=True)
        .agg("item_id", right="correct")
        .join(items, on="subtask")
    )
    joined = scores.join(of_rationale, on=SCORES.key, how="left", maintain_order="left")
    complete = pl.col("item_id") == pl.col("all")
    same = (pl.col("right").cast(pl.List(pl.Float64)).list.mean() - pl.col("score")).abs() < 1e-9
    wrong = joined.filter(~(complete & same).fill_null(False))
    if wrong.height:
        raise ArteError(
            expected="answers to every item for each rationale, whose mean is its score",
            found=f"{wrong.height} of {scores.height} rationales without, such as"
            f" {wrong.select(SCORES.key).row(0)}",
            where="the answers and scores given",
            remedy="make both from the same run",
        )
    return joined.drop("item_id", "all")


def correlation_with(part: pl.DataFrame, x: pl.Series) -> dict[str, float | None]:
    """Pearson's correlation of `x` with the scores of `part`, and its 95 % interval.

    Both are null where nothing is known of it. Over what they are is as in `mean_score`.
    """
    listed = not part["right"].null_count()
    y = np.array(part["right"].to_list() if listed else part["score"].to_numpy()[:, None], float)
    found = correlation(x.to_numpy().astype(float), y, part["question_id"].to_numpy())
    return dict(zip(("correlation", "low", "high"), found or (None, None, None), strict=True))


def mean_score(part: pl.DataFrame) -> dict[str, float | None]:
    """Mean of the scores of `part` (of `with_answers`, one subtask) and its 95 % interval.

    Accuracies: over questions, which rationales share, and over the items behind each score; of
    one question, over items alone. Other scores: over questions, none where these show no variance.
    """
    score, questions = part["score"].to_numpy(), part["question_id"].to_numpy()
    if part["right"].null_count():
        found = cluster_interval(score, questions)
    else:
        found = crossed_interval(np.array(part["right"].to_list(), dtype=float), questions)
    low, high = found or (None, None)
    return {"mean": float(score.mean()), "low": low, "high": high}
