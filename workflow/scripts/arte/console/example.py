"""One question of a run: its rationales, the student's score of each, and the pair they give."""

import textwrap
from pathlib import Path

import polars as pl

WIDTH = 78


def example(run: Path) -> str:
    """The question whose rationales the student tells apart most, as text of 80 columns.

    Empty where no rationale is scored yet, or all are scored alike.
    """
    found = [scored(path) for path in sorted((run / "prefer/scores").glob("*.parquet"))]
    if not found:
        return ""
    rows = pl.concat(found).sort("question_id", "rationale_id")
    spread = rows.group_by("subtask", "question_id").agg(
        spread=pl.col("score").max() - pl.col("score").min()
    )
    best = spread.sort("spread", "subtask", "question_id", descending=[True, False, False])
    if best.is_empty() or not best["spread"][0]:
        return ""
    subtask, question, _ = best.row(0)
    one = rows.filter(pl.col("subtask") == subtask, pl.col("question_id") == question)
    return shown(subtask, one.sort("score", descending=True, maintain_order=True))


def scored(path: Path) -> pl.DataFrame:
    """The rationales of a subtask, with their scores."""
    keys = ("subtask", "question_id", "rationale_id", "technique")
    texts = pl.read_parquet(path.parents[2] / "elicit/rationales" / path.name)
    scores = pl.read_parquet(path).select(*keys, "score").drop_nulls("score")
    return scores.join(texts.select(*keys, "question", "rationale"), on=keys)


def shown(subtask: str, rows: pl.DataFrame) -> str:
    """The text of one question, its rationales with the best score first."""
    lines = ["", f"  A question that the teacher wrote ({subtask}):"]
    lines += [f"    {text}" for text in textwrap.wrap(rows["question"][0], WIDTH - 4)[:4]]
    lines += ["  Its rationales, by the student's score with each as its one example:"]
    for row in rows.iter_rows(named=True):
        head = f"    {row['score']:6.2f}  {row['technique']:10}"
        text = " ".join(row["rationale"].split()) or "(empty)"
        lines.append(head + textwrap.shorten(text, WIDTH - len(head), placeholder=" …"))
    best, worst = rows["technique"][0], rows["technique"][-1]
    return "\n".join([*lines, f"  So the teacher is to prefer {best} to {worst} here.", ""])
