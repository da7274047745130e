"""What the commands that ask a model share: arguments, derived seeds, one subtask's rows."""

import argparse
import json
import os
import sys
from typing import Any

import numpy as np
import polars as pl

from arte.core.errors import ArteError
from arte.core.io import digest


def is_main() -> bool:
    """Whether this process speaks and writes for all of a training; true where it is alone."""
    return os.environ.get("RANK", "0") == "0"


def log(message: str) -> None:
    """One line to stderr per event, from one process."""
    if is_main():
        print(message, file=sys.stderr, flush=True)


def add_inputs(parser: argparse.ArgumentParser, *names: str) -> None:
    """Add --cfg (JSON) and required list-valued file arguments."""
    parser.add_argument("--cfg", type=json.loads, required=True)
    for name in names:
        parser.add_argument(name, nargs="+", required=True)


def add_generation(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of every command that asks a model."""
    for name in ("--prompts", "--model", "--journal", "--stats"):
        parser.add_argument(name, required=True)


def derived_seed(*parts: str | int) -> int:
    """A 32-bit seed (numpy and pyro take no more) that depends on all `parts` and nothing else."""
    return int(digest(list(parts), 8), 16)


def derived_rng(*parts: str | int) -> np.random.Generator:
    """A numpy generator seeded by `derived_seed(*parts)`."""
    return np.random.default_rng(derived_seed(*parts))


def cfg_of(cfg: dict[str, Any], subtask: str) -> dict[str, Any]:
    """`cfg` as if its job served `subtask` alone.

    How subtasks are spread over jobs (config `jobs`) must not show in an artefact's bytes.
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
