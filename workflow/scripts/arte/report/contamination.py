"""Whether the teacher wrote test items, and whether the benchmark's canary is anywhere.

python -m arte.report.contamination --items F... --drafts F... --tailored [F...] --rationales F...
    --training F... --prompts F... --output FILE.csv FILE.md
"""

import argparse
from pathlib import Path

import polars as pl

from arte.core import io, job
from arte.core.errors import cli
from arte.core.tasks import CANARY
from arte.data.tables import ITEMS
from arte.elicit.tables import QUESTIONS, RATIONALES
from arte.report import render
from arte.report.leaks import LEVEL, Items
from arte.report.render import Block, Document
from arte.stats.intervals import wilson
from arte.tailor.tables import TRAINING_SET

MEANING = (
    "exact: the question is a test item of its subtask, character for character. normalized: but"
    " for case, spaces, punctuation and the order of options. above: it has more of one test item's"
    " content than 95 % of test items have of another's. Content is runs of one to three words"
    " without the template (words that more than half of the items have); rarer runs count more."
)
READING = (
    f"Test items themselves are above in at most {1 - LEVEL:.0%}, by construction. Generated"
    " questions well beyond that are nearer to the test than it is to itself. Where the limit is 1,"
    " items are such near copies of each other, or of so few words, that only a normalized copy"
    " can be told. Whether a public model has seen the benchmark in training is not measured."
)


def rows(items: pl.DataFrame, questions: pl.DataFrame, source: str) -> pl.DataFrame:
    """Per subtask of `questions`: how many there are, and how many are or come near a test item."""
    found = []
    for (subtask,), own in questions.group_by("subtask", maintain_order=True):
        tested = Items(items.filter(subtask=subtask)["question"].to_list())
        overlaps = [tested.overlap(question) for question in own["question"]]
        found.append(
            {
                "subtask": subtask,
                "source": source,
                "questions": own.height,
                "exact": sum(one.exact for one in overlaps),
                "normalized": sum(one.normalized for one in overlaps),
                "above": sum(map(tested.above, overlaps)),
                "limit": tested.limit,
            }
        )
    return pl.DataFrame(found)


def with_totals(table: pl.DataFrame) -> pl.DataFrame:
    """`table` with a row for all subtasks of each source, and two shares with their intervals."""
    counts = pl.col("questions", "exact", "normalized", "above").sum()
    totals = table.group_by("source", maintain_order=True).agg(counts)
    both = pl.concat([table, totals.with_columns(subtask=pl.lit("all"))], how="diagonal")
    for measure, ends in (("above", ""), ("normalized", "normalized_")):
        found = [wilson(x, n) for x, n in both.select(measure, "questions").iter_rows()]
        both = both.with_columns(
            (pl.col(measure) / pl.col("questions")).alias(f"share_{measure}"),
            pl.Series(f"{ends}low", [low for low, _ in found]),
            pl.Series(f"{ends}high", [high for _, high in found]),
        )
    return both


def marked(texts: list[str]) -> int:
    """How many of these texts carry the benchmark's canary."""
    return sum(CANARY in text for text in texts)


def document(table: pl.DataFrame, canary: dict[str, list[str]]) -> Document:
    """The table and the counts of canaries, as text."""
    cells = []
    for row in table.iter_rows(named=True):
        limit = "" if row["limit"] is None else f"{row['limit']:.2f}"
        share = f"{row['share_above']:.1%} [{row['low']:.1%}, {row['high']:.1%}]"
        counts = [str(row[name]) for name in ("questions", "exact", "normalized", "above")]
        cells.append([row["subtask"], row["source"], *counts, share, limit])
    header = ["subtask", "source", "questions", "exact", "normalized", "above"]
    overlap = Block("Generated questions in the test", [*header, "share above", "limit"], cells)
    texts = [[name, str(len(each)), str(marked(each))] for name, each in canary.items()]
    canaries = Block("Benchmark canary", ["texts", "number", "with canary"], texts)
    return Document("Contamination of generated data", [MEANING, READING], [overlap, canaries])


def _texts(table: pl.DataFrame, *columns: str) -> list[str]:
    return [text for column in columns for text in table[column]]


def report(args: argparse.Namespace) -> None:
    """Write the table of overlaps and canaries."""
    items = io.read_tables(args.items, ITEMS)
    written = {"drafts": args.drafts, "tailored": args.tailored}
    questions = {name: _questions(paths) for name, paths in written.items() if paths}
    table = with_totals(pl.concat(rows(items, each, name) for name, each in questions.items()))
    rationales = pl.concat(io.read_table(path, RATIONALES) for path in args.rationales)
    training = pl.concat(io.read_table(path, TRAINING_SET) for path in args.training)
    canary = {
        "prompt files": [Path(path).read_text(encoding="utf-8") for path in args.prompts],
        "generated questions": _texts(pl.concat(questions.values()), "question", "answer"),
        "generated rationales": _texts(rationales, "rationale"),
        "training examples": _texts(training, "prompt", "completion"),
    }
    for path in args.output:
        render.write(table, document(table, canary), path)


def _questions(paths: list[str]) -> pl.DataFrame:
    """Questions of all rounds: the same one may come in several."""
    frame = pl.concat(io.read_table(path, QUESTIONS) for path in paths)
    return frame.sort("subtask", "question", maintain_order=True)


@cli
def main() -> None:
    """Command line."""
    texts = ("--rationales+", "--training+", "--prompts+")
    report(job.parse(__doc__, "--items+", "--drafts+", "--tailored*", *texts, "--output+"))


if __name__ == "__main__":
    main()
