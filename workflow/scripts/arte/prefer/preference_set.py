"""The preference set: the k most discriminative validation items of each subtask (§3.2, §4.1)."""

import argparse

import polars as pl

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.data.tables import ITEMS
from arte.prefer.tables.irt import IRT
from arte.prefer.tables.preference_set import PREFERENCE_SET
from arte.prefer.ties import with_lots


def top_k(estimates: pl.DataFrame, column: str, k: int, seed: int) -> list[str]:
    """Ids of the `k` rows with the highest `column`, best first; equal values in a drawn order."""
    order = with_lots(estimates, seed, IRT.key).sort(column, "lot", descending=True)
    return order["item_id"].head(k).to_list()


def balanced(items: pl.DataFrame, estimates: pl.DataFrame, k: int, seed: int) -> list[str]:
    """Ids of `k` discriminative items whose answers come in the proportions of all `items`.

    Raters that lean to one answer make the items of that answer look discriminative, and a set of
    one answer would reward a rationale for repeating it. So the next item is always the most
    discriminative one of the answer that is furthest behind its share; where all answers differ,
    this is plain top-k. A smaller k gives a prefix of a larger one's choice.
    """
    answers = dict(items.select("item_id", "answer").rows())
    waiting: dict[str, list[str]] = {}
    order = top_k(estimates, "discrimination", estimates.height, seed)
    for item_id in order:
        waiting.setdefault(answers[item_id], []).append(item_id)
    size = {answer: len(ids) for answer, ids in waiting.items()}
    place = {item_id: i for i, item_id in enumerate(order)}
    chosen: list[str] = []
    for n in range(1, k + 1):

        def urgency(answer: str, n: int = n) -> tuple[int, int]:
            taken = size[answer] - len(waiting[answer])
            return n * size[answer] - taken * items.height, -place[waiting[answer][0]]

        answer = max((answer for answer, ids in waiting.items() if ids), key=urgency)
        chosen.append(waiting[answer].pop(0))
    return chosen


def select(
    items: pl.DataFrame, estimates: pl.DataFrame, k: int, *, seed: int, balance: bool = False
) -> pl.DataFrame:
    """One subtask's `k` preference items with discrimination and rank, in order of choice from 1.

    The paper takes the top k by discrimination; `balance` keeps the proportions of the answers.
    Of equal discriminations, `seed` draws.
    Raises ArteError if there are fewer than `k` items or the estimates are of other items.
    """
    subtask = items["subtask"][0]
    if k > items.height:
        raise ArteError(
            expected=f"at least {k} validation items of {subtask} (config prefer.preference_items)",
            found=f"{items.height} (config data.validation_items)",
            where=f"the validation table of {subtask}",
            remedy="lower prefer.preference_items or raise data.validation_items",
        )
    if set(items["item_id"]) != set(estimates["item_id"]):
        raise ArteError(
            expected=f"IRT estimates of exactly the {items.height} validation items of {subtask}",
            found=f"estimates of {estimates.height} items, "
            f"{len(set(items['item_id']) & set(estimates['item_id']))} of them validation items",
            where="the IRT table",
            remedy="run the rules collect_responses and fit_irt again on these validation items",
        )
    if balance:
        chosen = balanced(items, estimates, k, seed)
    else:
        chosen = top_k(estimates, "discrimination", k, seed)
    ranks = pl.DataFrame(
        {"item_id": chosen, "rank": range(1, k + 1)}, schema_overrides={"rank": pl.Int64}
    )
    return items.join(ranks, on="item_id").join(
        estimates.select("item_id", "discrimination"), on="item_id"
    )


def run(args: argparse.Namespace) -> None:
    """Write a PREFERENCE_SET table per subtask."""
    cfg = args.cfg
    estimates = io.read_table(args.irt, IRT)
    validation = io.read_tables(args.validation, ITEMS)
    for subtask, output in zip(cfg["subtasks"], args.output, strict=True):
        frame = select(
            job.of_subtask(validation, subtask, "validation items"),
            job.of_subtask(estimates, subtask, "IRT estimates"),
            cfg["preference_items"],
            seed=cfg["seed"],
            balance=cfg["balance"],
        )
        constant = frame.filter(pl.col("discrimination") == 0).height
        answers = dict(frame["answer"].value_counts(sort=True).iter_rows())
        job.log(
            f"preference set {subtask}: {frame.height} items, {constant} tell no rater apart, "
            f"answers {answers}"
        )
        io.write_table(frame, output, PREFERENCE_SET, job.cfg_of(cfg, subtask))


@cli
def main() -> None:
    """Command line."""
    run(job.parse(__doc__, "--cfg", "--irt", "--validation+", "--output+"))


if __name__ == "__main__":
    main()
