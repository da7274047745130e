"""A training set of the user's own, compared with ARTE's (config arms.<name>.file).

A row is {"question", "rationale"} with the name of its "subtask" where a run has several: it gets
the student's zero-shot prompt (Table 13). Or it is {"prompt", "completion"}: both stay as they are,
and the completion follows the prompt after one space. Other fields are ignored.
"""

import re
from typing import NamedTuple

import polars as pl

from arte.core import io, job, rows
from arte.core.errors import cli
from arte.core.parse import same_text
from arte.core.prompts import Prompts
from arte.core.tasks import CANARY
from arte.data.tables import ITEMS
from arte.tailor.tables import TRAINING_SET

TECHNIQUE = "file"
EXPECTED = (
    'rows like {"question": "…", "rationale": "…"}, with "subtask" where the run has several, or '
    '{"prompt": "…", "completion": "…"}'
)
WRITTEN, READY = ("question", "rationale"), ("prompt", "completion")
_ASKED = re.compile(r"Question:(.*?)(?:\nAnswer:|\Z)", re.DOTALL)


class Row(NamedTuple):
    """A question of `subtask` and its rationale; without a subtask, a prompt and its completion."""

    subtask: str | None
    asked: str
    answer: str


def read(path: str, subtasks: list[str]) -> list[rows.Placed]:
    """The rows of a file, each a Row. Raises ArteError naming the rows that cannot be used."""
    return rows.read(path, lambda row: read_row(row, subtasks), EXPECTED)


def read_row(row: dict, subtasks: list[str]) -> Row | str:
    """A row's Row, or what is wrong with it."""
    kinds = [names for names in (WRITTEN, READY) if any(name in row for name in names)]
    if len(kinds) != 1:
        both = "fields of both kinds" if kinds else "neither question nor prompt"
        return f"{both}, {sorted(row)}"
    for name in kinds[0]:
        if not isinstance(row.get(name), str) or not row[name].strip():
            return f"no text in {name!r}"
    if any(CANARY in row[name] for name in kinds[0]):
        return "benchmark canary"
    asked, answer = (row[name].strip() for name in kinds[0])
    if kinds[0] == READY:
        return Row(None, asked, answer)
    subtask = row.get("subtask", subtasks[0] if len(subtasks) == 1 else None)
    if subtask not in subtasks:
        return f"subtask {subtask!r} is none of the run's {len(subtasks)}"
    return Row(subtask, asked, answer)


def refuse_tested(found: list[rows.Placed], items: pl.DataFrame, path: str) -> None:
    """Raise ArteError where a row asks a test question, up to case and white space."""
    tested = {same_text(question) for question in items["question"]}
    faults = []
    for where, row in found:
        asked = [row.asked, *_ASKED.findall(row.asked)]
        if any(same_text(text) in tested for text in asked):
            faults.append(f"{where}: a test question, {row.asked[:60]!r}")
    rows.refuse(faults, len(found), "no question in common with the test items", path)


def training_rows(found: list[rows.Placed], name: str, prompts: Prompts) -> pl.DataFrame:
    """TRAINING_SET of all rows in their order; `name` stands for the subtask of ready prompts."""
    return TRAINING_SET.frame(
        [
            {
                "subtask": row.subtask or name,
                "question_id": f"{number:08d}",
                "technique": TECHNIQUE,
                "prompt": row.asked
                if row.subtask is None
                else prompts.student(row.subtask, [], row.asked),
                "completion": row.answer,
            }
            for number, (_, row) in enumerate(found)
        ]
    )


@cli
def main() -> None:
    """Parse the command line, check the rows against the test items, and write them."""
    flags = ("--cfg", "--prompts", "--rows", "--items+", "--output", "--output-report")
    args = job.parse(__doc__, *flags)
    cfg = args.cfg
    found = read(args.rows, cfg["subtasks"])
    refuse_tested(found, io.read_tables(args.items, ITEMS), args.rows)
    table = training_rows(found, cfg["arm"], Prompts(args.prompts))
    counts = dict(sorted(table["subtask"].value_counts().iter_rows()))
    job.log(f"{cfg['arm']}: {table.height} rows of {args.rows}: {counts}")
    io.write_table(table, args.output, TRAINING_SET, cfg)
    io.write_json({"rows": table.height, "subtasks": counts}, args.output_report)


if __name__ == "__main__":
    main()
