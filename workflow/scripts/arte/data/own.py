"""The data tables of a user's own task, from the files of its folder (docs/own-task.md)."""

from typing import Any

import polars as pl

from arte.core import io, job
from arte.core.errors import cli
from arte.core.rows import Placed
from arte.core.tasks import Source, Subtask, declared
from arte.data import item_tables
from arte.tasks.items import N_EXEMPLARS, Item, Splits, splits


def prepare(
    cfg: dict[str, Any], found: Splits
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, dict[str, Any]]:
    """Test ITEMS, validation ITEMS, EXEMPLARS and a report of cfg["subtask"].

    Validation items are held out of the items where they have no file. Exemplars without a file are
    drawn besides from the validation items. cfg["test_items"] 0 takes all.
    """
    kind, seed, wanted = declared(cfg), cfg["seed"], cfg["validation_items"]
    drawn = 0 if found.exemplars else N_EXEMPLARS
    test = _table(kind, found.items)
    if found.validation is None:
        test, pool = item_tables.hold_out(test, wanted + drawn, seed)
    else:
        pool = _table(kind, found.validation)
    pool = item_tables.draw(pool, wanted + drawn, seed)
    if found.exemplars:
        shown = [item for _, item in found.exemplars][:N_EXEMPLARS]
    else:
        by_question = {item.question: item for _, item in found.validation or found.items}
        shown = [by_question[question] for question in pool["question"].head(drawn)]
    chosen = item_tables.draw(test, cfg["test_items"] or test.height, seed)
    report = {
        "items": len(found.items),
        "validation": len(found.validation or []),
        "test_items": chosen.height,
        "validation_items": pool.height - drawn,
        "exemplars_from_file": len(shown) - drawn,
        "exemplars_drawn": drawn,
        "exemplars_without_solution": sum(not item.solution for item in shown),
    }
    return chosen, pool.slice(drawn), item_tables.exemplars(kind.name, shown), report


def _table(kind: Subtask, placed: list[Placed]) -> pl.DataFrame:
    items: list[Item] = [item for _, item in placed]
    return item_tables.items(kind, [item[:2] for item in items])


@cli
def main() -> None:
    """Read the files, and write the tables and the report."""
    files = ("--items", "--validation*", "--exemplars*")
    args = job.parse(__doc__, "--cfg", *files, *item_tables.WRITTEN, "--output-report")
    cfg, kind = args.cfg, declared(args.cfg)
    paths = {"items": [args.items], "validation": args.validation, "exemplars": args.exemplars}
    given = {split: path[0] for split, path in paths.items() if path}
    found = splits(kind, Source(answer_after=cfg["answer_after"]), given.get)
    test, validation, shown, report = prepare(cfg, found)
    job.log(f"{kind.name}: {report}")
    item_tables.write(args, cfg, test=test, validation=validation, shown=shown)
    io.write_json(report, args.output_report)


if __name__ == "__main__":
    main()
