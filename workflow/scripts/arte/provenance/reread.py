"""Read the kept outputs of a run again by a rule of extraction, and count what comes out else."""

from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from arte.core import io
from arte.core.errors import ArteError
from arte.core.forms import Form, form_of
from arte.core.parse import is_correct
from arte.core.schema import Schema
from arte.data.tables import ITEMS
from arte.evaluate.tables import PREDICTIONS
from arte.prefer.scorers.icl import rationale_scores
from arte.prefer.tables.outputs import SCORE_OUTPUTS
from arte.prefer.tables.scores import SCORES
from arte.provenance.records import field_of

Rule = Callable[[str, Form], str | None]
ANSWERED: dict[str, Schema] = {each.name: each for each in (PREDICTIONS, SCORE_OUTPUTS)}
"""Tables that keep what a model wrote beside what was read from it."""


def schema_of(path: Path) -> str:
    """The name of the schema that a table was written with; nothing for other files."""
    if path.suffix != ".parquet":
        return ""
    return (pq.read_metadata(path).metadata or {}).get(b"arte.schema", b"").decode()


def reread(
    frame: pl.DataFrame, gold: dict[tuple[str, str], str], forms: dict[str, Form], rule: Rule
) -> pl.DataFrame:
    """`frame` with `answer_pred` and `correct` as `rule` reads them from `output`.

    gold: the published answer of (subtask, item_id); forms: the answer form of a subtask. Raises
    ArteError where one is unknown.
    """
    answers, right = [], []
    for name, item, output in frame.select("subtask", "item_id", "output").iter_rows():
        if name not in forms or (name, item) not in gold:
            raise ArteError(
                expected="answers to items of the run's data",
                found=f"item {item}" if name in forms else "no answer form of this subtask",
                where=f"subtask {name}: data/{name}/, data/report.json",
                remedy="the data and the answers are of two runs: restore the folder",
            )
        kind = forms[name]
        answers.append(rule(output, kind))
        right.append(is_correct(answers[-1], gold[name, item], kind))
    return frame.with_columns(
        pl.Series("answer_pred", answers, pl.String), pl.Series("correct", right, pl.Boolean)
    )


def published_answers(run: Path) -> dict[tuple[str, str], str]:
    """The published answer of each (subtask, item_id) among test and validation items."""
    found = {}
    for path in sorted((run / "data").rglob("*.parquet")):
        if schema_of(path) == ITEMS.name:
            rows = io.read_table(path, ITEMS).select("subtask", "item_id", "answer")
            found.update({(name, item): answer for name, item, answer in rows.iter_rows()})
    return found


def answer_forms(run: Path) -> dict[str, Form]:
    """The answer form of each subtask, as the data report of a run has it."""
    path = run / "data/report.json"
    known = field_of(io.read_json(path), "answers", path)
    try:
        return {name: form_of(answer) for name, answer in known.items()}
    except ValueError as error:
        expected, found = error.args
        remedy = "use the code that made the run; its commit is in manifest.json"
        raise ArteError(
            expected=expected, found=found, where=f"{path}, key answers", remedy=remedy
        ) from None


def write(run: Path, to: Path, paths: Iterable[str], rule: Rule) -> tuple[int, int]:
    """Write those of the tables `paths` of a run that hold answers, read anew, below `to`.

    Scores that are accuracies are taken from the answers anew. Returns how many outputs were read
    and how many of them are right now and were wrong before, or the other way round.
    """
    gold, forms = published_answers(run), answer_forms(run)
    read, other = 0, 0
    scores = []
    for path in paths:
        kind = schema_of(run / path)
        if kind == SCORES.name:
            scores.append(path)
        elif kind in ANSWERED:
            before = io.read_table(run / path, ANSWERED[kind])
            after = reread(before, gold, forms, rule)
            read += before.height
            other += int((before["correct"] != after["correct"]).sum())
            io.write_table(after, to / path, ANSWERED[kind], None)
    for path in scores:
        answered = to / path.replace("scores/", "outputs/")
        if answered.exists():  # else the scorer asks for no answers
            named = io.read_table(run / path, SCORES)
            found = rationale_scores(io.read_table(answered, SCORE_OUTPUTS), named)
            io.write_table(found, to / path, SCORES, None)
    return read, other
