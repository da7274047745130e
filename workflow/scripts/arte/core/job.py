"""What commands share: their arguments, their log, derived seeds, one subtask's rows."""

import argparse
import json
import os
import sys
import time
from typing import Any

import numpy as np
import polars as pl

from arte.core.errors import ArteError
from arte.core.io import digest

ASKS = ("--cfg", "--prompts", "--model", "--journal", "--output-stats")
"""Flags of every command that asks a model."""


def is_main() -> bool:
    """Whether this process speaks and writes for all of a training; true where it is alone."""
    return os.environ.get("RANK", "0") == "0"


def log(message: str) -> None:
    """One line with the time to stderr per event, from one process."""
    if is_main():
        print(time.strftime("%Y-%m-%d %H:%M:%S"), message, file=sys.stderr, flush=True)


def parse(doc: str | None, *flags: str) -> argparse.Namespace:
    """The command line: required `flags`, of which `--cfg` is JSON.

    A flag takes one value; with a `+` at its end one or more, with a `*` any number, as lists.
    """
    parser = argparse.ArgumentParser(description=doc)
    _add(parser, flags)
    return parser.parse_args()


def parse_command(doc: str | None, commands: dict[str, tuple[str, ...]]) -> argparse.Namespace:
    """The command line of a module with several commands; the one given is `command`."""
    parser = argparse.ArgumentParser(description=doc)
    choices = parser.add_subparsers(dest="command", required=True)
    for name, flags in commands.items():
        _add(choices.add_parser(name), flags)
    return parser.parse_args()


def _add(parser: argparse.ArgumentParser, flags: tuple[str, ...]) -> None:
    for flag in flags:
        name, several = (flag[:-1], flag[-1]) if flag[-1] in "+*" else (flag, None)
        several = "+" if name == "--prompts" else several  # of own tasks, folders elsewhere
        kind = json.loads if name == "--cfg" else str
        parser.add_argument(name, nargs=several, type=kind, required=True)


def derived_seed(*parts: str | int) -> int:
    """A 32-bit seed (numpy and pyro take no more) that depends on all `parts` and nothing else."""
    return int(digest(list(parts), 8), 16)


def derived_rng(*parts: str | int) -> np.random.Generator:
    """A numpy generator seeded by `derived_seed(*parts)`."""
    return np.random.default_rng(derived_seed(*parts))


def cfg_of(cfg: dict[str, Any], subtask: str) -> dict[str, Any]:
    """`cfg` as if its job served `subtask` alone.

    How subtasks are spread over jobs (config `jobs`) must not show in an artifact's bytes.
    """
    return {**cfg, "subtasks": [subtask]}


def of_subtask(frame: pl.DataFrame, subtask: str, what: str) -> pl.DataFrame:
    """The rows of one subtask, in `frame`'s order; raise ArteError if there are none."""
    rows = frame.filter(pl.col("subtask") == subtask)
    if rows.is_empty():
        raise ArteError(
            expected=f"{what} of subtask {subtask}",
            found=f"rows of {sorted(set(frame['subtask']))} only",
            where=f"the {what} tables given",
            remedy="pass the subtask's table, or run the rule that makes it",
        )
    return rows


def first_exemplars(exemplars: pl.DataFrame, subtask: str, n: int) -> list[dict]:
    """The first `n` exemplars of a subtask; raise ArteError if there are fewer."""
    rows = exemplars.filter(pl.col("subtask") == subtask).sort("exemplar_id").to_dicts()
    if len(rows) < n:
        raise ArteError(
            expected=f"at least {n} exemplars of {subtask}",
            found=str(len(rows)),
            where="the exemplars tables given",
            remedy="lower the number of shots or elicit.seed_questions in the config",
        )
    return rows[:n]
