"""What is wrong with the data: repeated questions, contradictory or unreachable published answers.

python -m arte.data.data_report --cfg JSON --items F... --validation F... --output F
"""

import polars as pl

from arte.core import io, job
from arte.core.answers import normalize
from arte.core.errors import cli
from arte.core.forms import Form, form_of
from arte.core.parse import same_text
from arte.data.tables import ITEMS


def with_keys(items: pl.DataFrame, forms: dict[str, Form]) -> pl.DataFrame:
    """ITEMS plus `key` (question up to case and white space) and `gold` (normalized, null if not).

    A null gold is a published answer not of the subtask's answer form, e.g. no option letter.
    """
    rows = items.select("subtask", "question", "answer").rows()
    golds = [normalize(answer, forms[subtask]) for subtask, _, answer in rows]
    keys = [same_text(question) for _, question, _ in rows]
    return items.with_columns(
        pl.Series("key", keys, dtype=pl.String), pl.Series("gold", golds, dtype=pl.String)
    )


def defects(items: pl.DataFrame, forms: dict[str, Form]) -> pl.DataFrame:
    """Per subtask, sorted: counts of the defects of ITEMS and what they leave reachable.

    n: items. duplicates: items whose question came before. contradictions: questions with several
    answers. not_in_form: published answers that no output can equal. reachable: items that one
    deterministic model can get right at most (always the most frequent answer to a question).
    """
    questions = (
        with_keys(items, forms)
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


def report(items: pl.DataFrame, forms: dict[str, Form]) -> dict:
    """The defects of ITEMS as {"total": {…}, "subtasks": {name: {…}}}, with `ceiling` accuracy."""
    found = defects(items, forms)
    total = found.drop("subtask").sum()
    return {
        "total": _with_ceiling(total.row(0, named=True)),
        "subtasks": {row.pop("subtask"): _with_ceiling(row) for row in found.iter_rows(named=True)},
    }


def overlap(one: pl.DataFrame, other: pl.DataFrame) -> int:
    """How many questions of one ITEMS table occur in the other, up to case and white space."""
    key = pl.col("question").map_elements(same_text, return_dtype=pl.String)
    first, second = (table.select("subtask", key) for table in (one, other))
    return first.join(second, on=["subtask", "question"], how="semi").n_unique()


def _with_ceiling(counts: dict) -> dict:
    return {**counts, "ceiling": counts["reachable"] / counts["n"]}


@cli
def main() -> None:
    """Write the report on all subtasks' test and validation items."""
    args = job.parse(__doc__, "--cfg", "--items+", "--validation+", "--output")
    items = io.read_tables(args.items, ITEMS)
    validation = io.read_tables(args.validation, ITEMS)
    forms = {name: form_of(answer) for name, answer in args.cfg["answers"].items()}
    result = {
        "items": report(items, forms),
        "validation": report(validation, forms),
        "answers": args.cfg["answers"],
        "overlap": overlap(validation, items),
    }
    io.write_json(result, args.output)


if __name__ == "__main__":
    main()
