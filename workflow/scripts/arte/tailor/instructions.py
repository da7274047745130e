"""The instruction-tuning baselines of Table 2: get a public set, and draw a training set from it.

python -m arte.tailor.instructions fetch --cfg JSON --pins F --output-raw DIR
python -m arte.tailor.instructions prepare --cfg JSON --raw DIR --prompts DIR --output F ...

The set of `prepare` may also be a file of the user's own, in the columns of any of the public ones.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.core.prompts import Prompts
from arte.core.tasks import CANARY
from arte.data import hub_files, pinned_files
from arte.tailor.tables import TRAINING_SET

TECHNIQUE = "instruction"

MAX_PLACES = 100
"""Malformed rows that a report names; all are counted."""


class Turn(NamedTuple):
    """What a set's row asks and how it answers: system text (may be empty), request, response."""

    system: str
    request: str
    response: str


def read_alpaca(row: dict) -> Turn | str:
    """A row {instruction, output} with an optional input, or the reason why it has no turn."""
    if not _are_texts(row, "instruction", "output"):
        return "not in the set's columns"
    given = row.get("input") or ""
    if not isinstance(given, str):
        return "not in the set's columns"
    request = "\n".join(part for part in (row["instruction"].strip(), given.strip()) if part)
    return Turn("", request, row["output"].strip())


def read_openorca(row: dict) -> Turn | str:
    """A row {system_prompt, question, response}, or the reason."""
    if not _are_texts(row, "question", "response"):
        return "not in the set's columns"
    system = row.get("system_prompt") or ""
    if not isinstance(system, str):
        return "not in the set's columns"
    return Turn(system.strip(), row["question"].strip(), row["response"].strip())


def read_tulu(row: dict) -> Turn | str:
    """A row {messages [{role, content}]}: system texts, first request and its response; or why not.

    Later turns of a conversation are left out: the other sets have one turn, and the student's
    prompt has room for one.
    """
    messages = row.get("messages")
    if not isinstance(messages, list) or not all(
        isinstance(message, dict) and _are_texts(message, "role", "content") for message in messages
    ):
        return "not in the set's columns"
    system = []
    while messages and messages[0]["role"] == "system":
        system.append(messages[0]["content"].strip())
        messages = messages[1:]
    if [message["role"] for message in messages[:2]] != ["user", "assistant"]:
        return "no request followed by a response"
    request, response = (message["content"].strip() for message in messages[:2])
    return Turn("\n".join(system), request, response)


READERS: dict[str, Callable[[dict], Turn | str]] = {
    "gpt4_llm": read_alpaca,
    "openorca": read_openorca,
    "tulu_v2": read_tulu,
    "wizardlm": read_alpaca,
}
"""How a row of each set's own schema is read."""


def read_any(row: dict) -> Turn | str:
    """A row in the columns of one of the public sets, or the reason why it has no turn."""
    if "messages" in row:
        return read_tulu(row)
    return read_alpaca(row) if "instruction" in row else read_openorca(row)


def fault(turn: Turn, max_words: int) -> str | None:
    """Why a turn is not trained on, None if it is."""
    if not turn.request:
        return "empty request"
    if not turn.response:
        return "empty response"
    if any(CANARY in text for text in turn):
        return "benchmark canary"
    if sum(len(text.split()) for text in turn) > max_words:
        return "longer than max_words"
    return None


def _usable(
    name: str, raw: str, *, max_words: int, counts: Counter[str], places: list[str]
) -> Iterator[tuple[int, Turn]]:
    """The rows that can be trained on, with their numbers from 0; the others are counted."""
    own = Path(raw).is_file()
    rows = hub_files.read_file(Path(raw)) if own else hub_files.read_rows(raw, "train")
    for number, (where, row) in enumerate(rows):
        counts["rows"] += 1
        turn = hub_files.read_row(read_any if own else READERS[name], row)
        reason = turn if isinstance(turn, str) else fault(turn, max_words)
        if reason is None:
            yield number, turn
            continue
        counts[reason] += 1
        if isinstance(turn, str) and len(places) < MAX_PLACES:
            places.append(f"{where}: {reason}")


def sample(cfg: dict[str, Any], raw: str) -> tuple[list[tuple[int, Turn]], dict[str, Any]]:
    """cfg["rows"] usable rows of a set in their order, and counts of rows, by reason where skipped.

    Rows are drawn by the hash of seed and number, so a larger draw contains the smaller, and a set
    of millions of rows is read once and never held in memory. Raises ArteError where there are too
    few: all sets must be of one size to be compared.
    """
    counts, places = Counter(), []
    rows = _usable(
        cfg["instructions"], raw, max_words=cfg["max_words"], counts=counts, places=places
    )
    drawn = heapq.nsmallest(
        cfg["rows"], rows, key=lambda row: io.digest([cfg["seed"], cfg["instructions"], row[0]])
    )
    for place in places[:5]:
        job.log(f"malformed: {place}")
    if len(drawn) < cfg["rows"]:
        raise ArteError(
            expected=f"{cfg['rows']} rows of {cfg['instructions']} to train on",
            found=f"{len(drawn)} of {dict(counts)}; {places[0] if places else 'none malformed'}",
            where=raw,
            remedy="lower the number of rows, raise max_words, or fetch the files again",
        )
    total = counts.pop("rows")
    skipped = dict(sorted(counts.items()))
    report = {"rows": total, "skipped": skipped, "usable": total - sum(skipped.values())}
    return sorted(drawn), report | {"drawn": len(drawn), "malformed_rows": places}


def training_rows(name: str, drawn: list[tuple[int, Turn]], prompts: Prompts) -> pl.DataFrame:
    """Numbered turns as a TRAINING_SET; a question_id is the row's number in the set."""
    return TRAINING_SET.frame(
        [
            {
                "subtask": name,
                "question_id": f"{number:08d}",
                "technique": TECHNIQUE,
                "prompt": prompts.instruction(turn.system, turn.request),
                "completion": turn.response,
            }
            for number, turn in drawn
        ]
    )


def _are_texts(fields: dict, *names: str) -> bool:
    return all(isinstance(fields.get(name), str) for name in names)


@cli
def main() -> None:
    """Run one command for cfg["name"]; prepare also reads n, max_words and seed."""
    args = job.parse_command(
        __doc__,
        {
            "fetch": ("--cfg", "--pins", "--output-raw"),
            "prepare": ("--cfg", "--raw", "--prompts", "--output", "--output-report"),
        },
    )
    name = args.cfg["instructions"]
    if name not in READERS and (args.command == "fetch" or not Path(args.raw).is_file()):
        raise ArteError(
            expected=f"one of {', '.join(READERS)}",
            found=repr(name),
            where="the instruction set's name",
            remedy="use one of these names",
        )
    if args.command == "fetch":
        pinned_files.fetch(name, args.pins, args.output_raw)
        return
    drawn, report = sample(args.cfg, args.raw)
    job.log(f"{name}: {report}")
    table = training_rows(name, drawn, Prompts(args.prompts))
    io.write_table(table, args.output, TRAINING_SET, args.cfg)
    io.write_json(report, args.output_report)


if __name__ == "__main__":
    main()
