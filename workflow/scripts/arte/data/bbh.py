"""Public BIG-Bench Hard: get one subtask's files unchanged, and split them into the data tables.

python -m arte.data.bbh fetch --cfg JSON --folder [DIR] --hashes F --output-raw F --output-cot F
python -m arte.data.bbh split --cfg JSON --raw F --cot F --output-items F --output-validation F
    --output-exemplars F
"""

import argparse
import re
from pathlib import Path
from typing import Any

import polars as pl

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.core.parse import extract, same_text, tag_answer
from arte.core.tasks import Subtask, declared
from arte.data import bbh_files, item_tables
from arte.data.item_tables import draw, hold_out, items
from arte.data.tables import EXEMPLARS
from arte.tasks.items import N_EXEMPLARS

_QUESTION = re.compile(r"^Q: ", re.MULTILINE)
_ANSWER = "\nA: Let's think step by step."


def read_examples(path: str) -> list[tuple[str, str]]:
    """The (question, answer) pairs of a file in the published JSON format; the canary stays behind.

    Raises ArteError where the file has another shape.
    """
    try:
        content = io.read_json(path)
    except UnicodeDecodeError as error:
        raise _wrong_shape(f"{error.reason} at byte {error.start}", path) from None
    if not isinstance(content, dict) or not isinstance(content.get("examples"), list):
        raise _wrong_shape('no list "examples"', path)
    for number, example in enumerate(content["examples"], start=1):
        if not _is_example(example):
            raise _wrong_shape(f"example {number} without both texts", path)
        if half := io.lone_surrogate(example):
            raise _wrong_shape(f"half a character, {half}, in example {number}", path)
    if not content["examples"]:
        raise _wrong_shape("no examples", path)
    return [(example["input"], example["target"]) for example in content["examples"]]


def read_exemplars(kind: Subtask, path: str) -> pl.DataFrame:
    """The EXEMPLARS table of a published prompt file, without its canary line and description.

    Raises ArteError naming the file where there are not three question-answer pairs that end in an
    answer of the subtask's form.
    """
    _, *blocks = _QUESTION.split(_read_text(path))
    rows = []
    for number, block in enumerate(blocks):
        question, _, text = block.partition(_ANSWER)
        rationale = tag_answer(text.strip())
        if extract(rationale, kind.answer_type).strict is None:
            form = kind.answer_type.kind
            raise _wrong_exemplars(f"Q {number + 1} without a final answer ({form})", path)
        rows.append(
            {
                "subtask": kind.name,
                "exemplar_id": number,
                "question": question.strip(),
                "answer": rationale.rpartition("<ans>")[2].partition("</ans>")[0],
                "rationale": rationale,
            }
        )
    if len(rows) != N_EXEMPLARS:
        raise _wrong_exemplars(f"{len(rows)} exemplars", path)
    return EXEMPLARS.frame(rows)


def refuse_overlap(test: pl.DataFrame, questions: pl.Series, where: str) -> None:
    """Raise ArteError where one of `questions` equals a test question but for case and spaces."""
    keys = {same_text(question) for question in test["question"]}
    shared = [question for question in questions if same_text(question) in keys]
    if shared:
        raise ArteError(
            expected="no question in common with the test items",
            found=f"{len(shared)} in common, first {shared[0][:80]!r}",
            where=where,
            remedy="remove them from this file: a model must not be tuned on what it is tested on",
        )


def prepare(cfg: dict[str, Any], raw: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The test items and the held-out validation items of cfg["subtask"] as ITEMS tables."""
    kind, seed, n_validation = declared(cfg), cfg["seed"], cfg["validation_items"]
    test, validation = hold_out(items(kind, read_examples(raw)), n_validation, seed)
    n_test = cfg["test_items"] or test.height
    job.log(f"{kind.name}: {min(n_test, test.height)} of {n_test} test items")
    job.log(f"{kind.name}: {validation.height} of {n_validation} validation items")
    return draw(test, n_test, seed), validation


def _fetch(args: argparse.Namespace, cfg: dict[str, Any]) -> None:
    folder = args.folder[0] if args.folder else None
    files = bbh_files.published_files(cfg["subtask"], args.hashes)
    for file, path in zip(files, (args.output_raw, args.output_cot), strict=True):
        content = bbh_files.fetch(file, folder, cfg["allow_modified"])
        with io.replacing(path) as temporary:
            temporary.write_bytes(content)


def _split(args: argparse.Namespace, cfg: dict[str, Any]) -> None:
    test, validation = prepare(cfg, args.raw)
    shown = read_exemplars(declared(cfg), args.cot)
    refuse_overlap(test, shown["question"], args.cot)
    item_tables.write(args, cfg, test=test, validation=validation, shown=shown)


def _is_example(value: Any) -> bool:
    fields = [value.get("input"), value.get("target")] if isinstance(value, dict) else [None]
    return all(isinstance(field, str) and field.strip() for field in fields)


def _read_text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError) as error:
        raise _wrong_exemplars(str(error), path) from None


def _wrong_shape(found: str, path: str) -> ArteError:
    return ArteError(
        expected='JSON like {"examples": [{"input": "…", "target": "…"}, …]}',
        found=found,
        where=path,
        remedy="restore the published file, or fix your own",
    )


def _wrong_exemplars(found: str, path: str) -> ArteError:
    return ArteError(
        expected=f"{N_EXEMPLARS} exemplars, each 'Q: …' and \"A: Let's think step by step. …\"",
        found=found,
        where=path,
        remedy="restore the published file, or fix your own",
    )


@cli
def main() -> None:
    """Run one command for cfg["subtask"]."""
    args = job.parse_command(
        __doc__,
        {
            "fetch": ("--cfg", "--folder*", "--hashes", "--output-raw", "--output-cot"),
            "split": ("--cfg", "--raw", "--cot", *item_tables.WRITTEN),
        },
    )
    {"fetch": _fetch, "split": _split}[args.command](args, args.cfg)


if __name__ == "__main__":
    main()
