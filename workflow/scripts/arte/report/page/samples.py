"""What models wrote, a few of each kind: drafts, pairs, tailored data, students' answers."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from arte.report.text import setting

LENGTH = 1500
"""Characters of a text that are shown."""

BUDGET = 2_000_000
"""Characters of all samples together; fewer of each kind are shown where they would be more."""

NUMBERS = (8, 5, 3, 2, 1)
"""How many of each kind and subtask are shown, the first that keeps the budget."""

KINDS = {
    "answers": "Students' answers by arm",
    "drafts": "Drafts with their scores",
    "pairs": "Preference pairs",
    "tailored": "Training data by arm",
}


@dataclass(frozen=True)
class Cell:
    """A text of a model. label: an arm, a technique or a side of a pair; right: None if unknown."""

    label: str
    text: str
    note: str = ""
    right: bool | None = None


@dataclass(frozen=True)
class Sample:
    """What belongs side by side; given: what the models were asked, or its question."""

    kind: str
    task: str
    title: str
    given: str
    cells: list[Cell] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Characters, with what marks them up."""
        return len(self.given) + sum(len(cell.text) + 200 for cell in self.cells) + 400


@dataclass(frozen=True)
class Sources:
    """The tables of a run that samples come from.

    predictions: of one training seed; scores: of the first round; training: arm to TRAINING_SET.
    """

    items: pl.DataFrame
    predictions: pl.DataFrame
    rationales: pl.DataFrame
    scores: pl.DataFrame
    pairs: pl.DataFrame
    training: dict[str, pl.DataFrame]
    unit: int


def chosen(sources: Sources) -> tuple[list[Sample], list[str]]:
    """The first samples of each kind and subtask in the order of their ids, and how many of all."""
    for number in NUMBERS:
        samples = list(_samples(sources, number))
        if sum(sample.size for sample in samples) <= BUDGET:
            break
    return samples, _stated(sources, number)


def _stated(sources: Sources, number: int) -> list[str]:
    """How many are shown of how many, by kind."""
    sizes = {
        "test items": sources.items,
        "draft questions": sources.rationales.unique(["subtask", "question_id"]),
        "pairs": sources.pairs,
    }
    found = []
    for what, frame in sizes.items():
        many = frame.group_by("subtask").len()["len"]
        if len(many):
            least, most = many.min(), many.max()
            of = str(most) if least == most else f"{least} to {most}"
            each = " and kind of pair" if what == "pairs" else ""
            first = f"the first {number} of {of}" if number < most else f"all {of}"
            found.append(f"{what}: {first} of each subtask{each}")
    rows = [frame.height for frame in sources.training.values()]
    if rows:
        found.append(f"training data: the first {number} rows of each subtask and arm")
    return found


def _samples(sources: Sources, number: int) -> Iterator[Sample]:
    for subtask in sorted(set(sources.items["subtask"])):
        yield from _answers(sources, subtask, number)
        yield from _drafts(sources, subtask, number)
        yield from _pairs(sources, subtask, number)
        yield from _tailored(sources, subtask, number)


def _answers(sources: Sources, subtask: str, number: int) -> Iterator[Sample]:
    items = sources.items.filter(subtask=subtask).sort("item_id").head(number)
    mine = sources.predictions.filter(subtask=subtask)
    for item in items.iter_rows(named=True):
        here = mine.filter(item_id=item["item_id"])
        for shots in here["shots"].unique().sort():
            cells = []
            for row in here.filter(shots=shots).sort("arm").iter_rows(named=True):
                read = row["answer_pred"]
                note = "no answer tag" if read is None else f"read as {read}"
                cells.append(Cell(row["arm"], _cut(row["output"]), note, row["correct"]))
            title = f"{setting(shots)}, item {item['item_id']}, answer {item['answer']}"
            yield Sample("answers", subtask, title, _cut(item["question"]), cells)


def _drafts(sources: Sources, subtask: str, number: int) -> Iterator[Sample]:
    keys = ["subtask", "question_id", "rationale_id"]
    scores = sources.scores.select(*keys, "score")
    drafts = sources.rationales.filter(subtask=subtask).join(scores, on=keys, how="left")
    questions = drafts["question_id"].unique().sort().head(number)
    for question in questions:
        cells = []
        for row in drafts.filter(question_id=question).sort("rationale_id").iter_rows(named=True):
            score = row["score"]
            note = "not scored" if score is None else f"score {score * sources.unit:.1f}"
            cells.append(Cell(row["technique"], _cut(row["rationale"]), note, row["correct"]))
        title = f"draft {question}, answer {row['answer']}"
        yield Sample("drafts", subtask, title, _cut(row["question"]), cells)


def _pairs(sources: Sources, subtask: str, number: int) -> Iterator[Sample]:
    mine = sources.pairs.filter(subtask=subtask).sort("kind", "question_id")
    for _, part in mine.group_by("kind", maintain_order=True):
        for row in part.head(number).iter_rows(named=True):
            margin = f"{row['margin'] * sources.unit:.1f} better"
            cells = [
                Cell("chosen", _cut(row["chosen"]), margin),
                Cell("rejected", _cut(row["rejected"])),
            ]
            title = f"{row['kind']} pair {row['question_id']}"
            yield Sample("pairs", subtask, title, _cut(row["prompt"]), cells)


def _tailored(sources: Sources, subtask: str, number: int) -> Iterator[Sample]:
    for index in range(number):
        cells = []
        for arm, rows in sources.training.items():
            mine = rows.filter(subtask=subtask).sort("question_id").slice(index, 1)
            for row in mine.iter_rows(named=True):
                text = f"{row['prompt']}\n{row['completion']}"
                cells.append(Cell(arm, _cut(text), row["technique"]))
        if cells:
            yield Sample("tailored", subtask, f"row {index + 1} of each training set", "", cells)


def _cut(text: str) -> str:
    """A text, or its beginning and how much follows."""
    more = len(text) - LENGTH
    return text if more <= 0 else f"{text[:LENGTH]}… ({more} more characters)"
