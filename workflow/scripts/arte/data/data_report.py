"""What is wrong with the data: repeated questions, contradictory or unreachable published answers.

python -m arte.data.data_report --items F... --validation F... --output F
"""

import polars as pl

from arte.core import io, job, tasks
from arte.core.answers import normalise
from arte.core.errors import cli
from arte.core.parse import same_text
from arte.data.tables import ITEMS


def with_keys(items: pl.DataFrame) -> pl.DataFrame:
    """ITEMS plus `key` (question up to case and white space) and `gold` (normalised, null if not).

    A null gold is a published answer not of the subtask's answer form, e.g. no option letter.
    """
    rows = items.select("subtask", "question", "answer").rows()
    golds = [normalise(answer, tasks.subtask(subtask).answer_type) for subtask, _, answer in rows]
    keys = [same_text(question) for _, question, _ in rows]
    return items.with_columns(
        pl.Series("key", keys, dtype=pl.String), pl.Series("gold", golds, dtype=pl.String)
    )


def defects(items: pl.DataFrame) -> pl.DataFrame:
    """Per subtask, sorted: counts of the defects of ITEMS and what they leave reachable.

    n: items. duplicates: items whose question came before. contradictions: questions with several
    answers. not_in_form: published answers that no output can equal. reachable: items that one
    deterministic model can get right at most (always the most frequent answer to a question).
    """
    questions = (
        with_keys(items)
        .group_by("subtask", "key", "gold")
        .agg(pl.len().alias("n"))
        .group_by("subtask", "key")
        .agg(
            pl.col("n").sum(),
            pl.len().alias("answers"),
            pl.col("n").filter(pl.col("gold").is_null()).sum().alias("not_in_form"),
            pl.col("n").filter(pl.col("gold").is_not_null()).max().fill_null(0).alias("reachable"),
        )
    )
    return (
        questions.group_by("subtask")
        .agg(
            pl.col("n").sum(),
            (pl.col("n") - 1).sum().alias("duplicates"),
            (pl.col("answers") > 1).sum().alias("contradictions"),
            pl.col("not_in_form").sum(),
            pl.col("reachable").sum(),
        )
        .sort("subtask")
    )


def report(items: pl.DataFrame) -> dict:
    """The defects of ITEMS as {"total": {…}, "subtasks": {name: {…}}}, with `ceiling` accuracy."""
    found = defects(items)
    total = found.drop("subtask").sum()
    return {
        "total": _with_ceiling(total.row(0, named=True)),
        "subtasks": {row.pop("subtask"): _with_ceiling(row) for row in found.iter_rows(named=True)},
    }


def overlap(one: pl.DataFrame, other: pl.DataFrame) -> int:
    """How many questions of one ITEMS table occur in the other, up to case and white space."""
    keys = ["subtask", "key"]
    return with_keys(one).join(with_keys(other), on=keys, how="semi").select(keys).n_unique()


def _with_ceiling(counts: dict) -> dict:
    return {**counts, "ceiling": counts["reachable"] / counts["n"]}


@cli
def main() -> None:
    """Write the report on all subtasks' test and validation items."""
    args = job.parse(__doc__, "--items+", "--validation+", "--output")
    items = io.read_tables(args.items, ITEMS)
    validation = io.read_tables(args.validation, ITEMS)
    result = {
        "items": report(items),
        "validation": report(validation),
        "overlap": overlap(validation, items),
    }
    io.write_json(result, args.output)


if __name__ == "__main__":
    main()
