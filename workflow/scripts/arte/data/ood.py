"""The five out-of-domain benchmarks: get their files, and turn them into the data tables (Table 3).

python -m arte.data.ood fetch --cfg JSON --pins F --output-raw DIR
python -m arte.data.ood prepare --cfg JSON --raw DIR --output-items F --output-validation F ...
"""

import argparse
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import polars as pl

from arte.core import io, job
from arte.core.answers import normalize
from arte.core.errors import ArteError, cli
from arte.core.forms import Form
from arte.core.parse import same_text
from arte.core.tasks import declared
from arte.data import hub_files, item_tables, pinned_files
from arte.tasks.items import N_EXEMPLARS, Item

LETTERS = "ABCDEFGH"

_CALCULATOR = re.compile(r"<<[^<>\n]*>>")


def _text(value: Any) -> str:
    """A text on one line; "" where `value` is none, as an option must not add lines."""
    return " ".join(value.split()) if isinstance(value, str) else ""


def _with_options(question: Any, options: list, gold: int) -> Item | str:
    stem = question.strip() if isinstance(question, str) else ""
    texts = [_text(option) for option in options]
    if not stem:
        return "no question"
    if not all(texts) or not 2 <= len(texts) <= len(LETTERS):
        return "empty, too few or too many options"
    lines = [f"({letter}) {text}" for letter, text in zip(LETTERS, texts, strict=False)]
    return Item("\n".join([stem, "Options:", *lines]), f"({LETTERS[gold]})")


def read_piqa(row: dict) -> Item | str:
    """A row {goal, sol1, sol2, label}, or the reason why there is no item in it."""
    if row.get("label") not in (0, 1) or isinstance(row["label"], bool):
        return "label neither 0 nor 1"
    return _with_options(row.get("goal"), [row.get("sol1"), row.get("sol2")], row["label"])


def read_choices(row: dict) -> Item | str:
    """A row {question, choices {text, label}, answerKey} of ARC or CommonsenseQA, or the reason.

    Options are lettered by position: some of ARC's are labelled 1 to 4.
    """
    choices = row.get("choices")
    texts, labels = (
        (choices.get("text"), choices.get("label")) if isinstance(choices, dict) else (None, None)
    )
    if not (isinstance(texts, list) and isinstance(labels, list) and len(texts) == len(labels)):
        return "no choices with as many labels as texts"
    if labels.count(row.get("answerKey")) != 1:
        return "answerKey not among the labels"
    return _with_options(row.get("question"), texts, labels.index(row["answerKey"]))


def read_gsm8k(row: dict) -> Item | str:
    """A row {question, answer} whose answer ends in "#### n", or the reason."""
    question, answer = row.get("question"), row.get("answer")
    if not isinstance(question, str) or not question.strip():
        return "no question"
    solution, mark, gold = answer.rpartition("####") if isinstance(answer, str) else ("", "", "")
    number = normalize(gold, Form("integer")) if mark else None
    if number is None:
        return 'no integer after "####"'
    solution = _CALCULATOR.sub("", solution).strip()
    return Item(question.strip(), number, solution)


READERS: dict[str, Callable[[dict], Item | str]] = {
    "arc_challenge": read_choices,
    "arc_easy": read_choices,
    "commonsense_qa": read_choices,
    "gsm8k": read_gsm8k,
    "piqa": read_piqa,
}
"""How a row of each benchmark's own schema is read."""


def read_items(subtask: str, folder: str, split: str) -> tuple[list[Item], dict[str, Any]]:
    """The items of a split, and counts: rows, items, malformed rows by reason and their places.

    Raises ArteError where no row is well formed.
    """
    found, reasons, places, rows = [], Counter(), [], 0
    for where, row in hub_files.read_rows(folder, split):
        rows += 1
        item = hub_files.read_row(READERS[subtask], row)
        if isinstance(item, Item):
            found.append(item)
            continue
        reasons[item] += 1
        places.append(f"{where}: {item}")
    for place in places[:5]:
        job.log(f"malformed: {place}")
    if not found:
        raise ArteError(
            expected=f"rows of {subtask} in its published columns",
            found=places[0] if places else "no rows",
            where=f"{folder}, split {split}",
            remedy="fetch the file again, or fix your own",
        )
    report = {"rows": rows, "items": len(found), "malformed": dict(sorted(reasons.items()))}
    return found, report | {"malformed_rows": places[:100]}


def usable(train: list[Item], test: list[Item]) -> tuple[list[Item], dict[str, int]]:
    """Training items whose question is neither a test question nor a repeat, and what is left out.

    Questions are compared up to case and white space.
    """
    tested, seen, kept = {same_text(item.question) for item in test}, set(), []
    counts = {"also_in_test": 0, "repeated": 0}
    for item in train:
        key = same_text(item.question)
        if key in tested:
            counts["also_in_test"] += 1
        elif key in seen:
            counts["repeated"] += 1
        else:
            kept.append(item)
        seen.add(key)
    return kept, counts


def prepare(
    cfg: dict[str, Any], folder: str
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, dict[str, Any]]:
    """Test ITEMS, validation ITEMS, EXEMPLARS and a report of cfg["subtask"].

    Paper: 500 test items per benchmark (§4.1). Validation items and exemplars are drawn from the
    training split and never share a question. cfg["test_items"] 0 takes all.
    """
    kind, seed, n_validation = declared(cfg), cfg["seed"], cfg["validation_items"]
    subtask = kind.name
    test, test_report = read_items(subtask, folder, "test")
    read, train_report = read_items(subtask, folder, "train")
    train, left_out = usable(read, test)
    if len(train) < N_EXEMPLARS + n_validation:
        raise ArteError(
            expected=f"{N_EXEMPLARS} exemplars and {n_validation} validation items",
            found=f"{len(train)} usable training rows",
            where=f"{folder}, split train",
            remedy="lower the number of validation items, or fetch the file again",
        )
    items = item_tables.items(kind, [item[:2] for item in test])
    pool = item_tables.items(kind, [item[:2] for item in train])
    drawn = item_tables.draw(pool, N_EXEMPLARS + n_validation, seed)
    by_question = {item.question: item for item in train}
    shown = [by_question[question] for question in drawn["question"].head(N_EXEMPLARS)]
    chosen = item_tables.draw(items, cfg["test_items"] or items.height, seed)
    report = {"test": test_report, "train": train_report | left_out, "test_items": chosen.height}
    return chosen, drawn.slice(N_EXEMPLARS), item_tables.exemplars(subtask, shown), report


def _prepare(args: argparse.Namespace, cfg: dict[str, Any]) -> None:
    test, validation, shown, report = prepare(cfg, args.raw)
    job.log(f"{cfg['subtask']}: {test.height} test and {validation.height} validation items")
    item_tables.write(args, cfg, test=test, validation=validation, shown=shown)
    io.write_json(report, args.output_report)


@cli
def main() -> None:
    """Run one command for cfg["subtask"]."""
    tables = (*item_tables.WRITTEN, "--output-report")
    args = job.parse_command(
        __doc__,
        {
            "fetch": ("--cfg", "--pins", "--output-raw"),
            "prepare": ("--cfg", "--raw", *tables),
        },
    )
    cfg = args.cfg
    if cfg["subtask"] not in READERS:
        raise ArteError(
            expected=f"one of {', '.join(READERS)}",
            found=repr(cfg["subtask"]),
            where="the benchmark's name",
            remedy="use one of these names",
        )
    if args.command == "fetch":
        pinned_files.fetch(cfg["subtask"], args.pins, args.output_raw)
    else:
        _prepare(args, cfg)


if __name__ == "__main__":
    main()
