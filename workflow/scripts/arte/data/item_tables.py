"""Questions and answers as data tables, and seeded draws from them."""

import argparse
from collections.abc import Callable
from typing import Any

import polars as pl

from arte.core import io
from arte.core.errors import ArteError
from arte.core.parse import same_text
from arte.core.tasks import Subtask
from arte.data.tables import EXEMPLARS, ITEMS
from arte.tasks.items import Item, rationale


def items(kind: Subtask, examples: list[tuple[str, str]]) -> pl.DataFrame:
    """(question, answer) pairs as an ITEMS table in their order, answers as published.

    Exact repeats keep their rows; from the second on, the item_id ends in -1, -2, …
    """
    count, rows = {}, []
    for question, answer in examples:
        item_id = io.digest([kind.name, question, answer])
        repeats = count.get(item_id, 0)
        count[item_id] = repeats + 1
        rows.append(
            {
                "subtask": kind.name,
                "task": kind.task,
                "category": kind.category,
                "item_id": f"{item_id}-{repeats}" if repeats else item_id,
                "question": question,
                "answer": answer,
            }
        )
    return ITEMS.frame(rows)


def exemplars(subtask: str, shown: list[Item]) -> pl.DataFrame:
    """Items as an EXEMPLARS table in their order."""
    return EXEMPLARS.frame(
        [
            {
                "subtask": subtask,
                "exemplar_id": number,
                "question": item.question,
                "answer": item.answer,
                "rationale": rationale(item),
            }
            for number, item in enumerate(shown)
        ]
    )


def hold_out(
    table: pl.DataFrame, count: int, seed: int, same: Callable[[str], str] = same_text
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split ITEMS into the rest and `count` items drawn for validation.

    Paper: validation comes from BIG-bench items outside BBH (§4.1, arte.data.bigbench). Where there
    are none, they are taken from, and removed from, the test items. A question that occurs twice,
    as `same` tells, is never drawn, else its twin would stay in the test.
    """
    once = ~table["question"].map_elements(same, return_dtype=pl.String).is_duplicated()
    eligible = table.filter(once)
    if eligible.height < count or table.height == count:
        raise ArteError(
            expected=f"more than {count} items whose question occurs once, to hold {count} out",
            found=f"{eligible.height} of {table.height}",
            where=f"{table['subtask'][0]}, config key data.validation_items",
            remedy="lower data.validation_items",
        )
    validation = draw(eligible, count, seed)
    return table.join(validation, on="item_id", how="anti"), validation


def draw(table: pl.DataFrame, count: int, seed: int) -> pl.DataFrame:
    """`count` rows of ITEMS (all if fewer), drawn by the hash of seed and item_id.

    So a draw depends on no library's generator, and a larger draw contains the smaller one.
    """
    ranks = [io.digest([seed, item_id]) for item_id in table["item_id"]]
    return table.with_columns(pl.Series("_rank", ranks)).sort("_rank").head(count).drop("_rank")


WRITTEN = ("--output-items", "--output-validation", "--output-exemplars")
"""The flags of a command that ends with `write`."""


def write(
    args: argparse.Namespace,
    cfg: dict[str, Any],
    *,
    test: pl.DataFrame,
    validation: pl.DataFrame,
    shown: pl.DataFrame,
) -> None:
    """Write the three tables of a subtask where the flags WRITTEN say."""
    io.write_table(test, args.output_items, ITEMS, cfg)
    io.write_table(validation, args.output_validation, ITEMS, cfg)
    io.write_table(shown, args.output_exemplars, EXEMPLARS, cfg)
