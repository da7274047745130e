"""Validation items from BIG-bench, so that BBH's test items all stay test items (§4.1).

python -m arte.data.bigbench split --cfg JSON --raw F --cot F --task [F] --output-items F
    --output-validation F --output-exemplars F --output-origin F
"""

from collections import Counter
from typing import Any

import polars as pl

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.core.tasks import CANARY, declared
from arte.data import bbh, bigbench_forms, bigbench_programs, item_tables
from arte.data.overlap import identity, parts, tokens

Pair = bigbench_forms.Pair
DRAWS = 20
"""Programs draw so many times the items asked for; expressions of eight tokens repeat often."""


def candidates(cfg: dict[str, Any], task: str | None) -> tuple[list[Pair], str]:
    """All that a subtask's validation items can be drawn from, and where they are from."""
    subtask, seed = cfg["subtask"], cfg["seed"]
    if task is None:
        count = DRAWS * cfg["validation_items"]
        return bigbench_programs.read(subtask, count, seed), "generated"
    return bigbench_forms.read(subtask, task, seed), "BIG-bench"


class Known:
    """The questions of a subtask that no validation item may ask again, by why."""

    def __init__(self, subtask: str, test: pl.DataFrame, exemplars: pl.DataFrame) -> None:
        form = bigbench_forms.FORMS.get(subtask)
        self.by_options = form is not None and form.by_options
        self.why = {self.key(question): "exemplar" for question in exemplars["question"]}
        self.why |= {self.key(question): "in the test" for question in test["question"]}
        # Of one item of snarks the published file has no more than the first words.
        lettered = form is not None and form.lettered
        cut = [each for each in test["question"] if lettered and len(parts(each)[1]) < 2]
        self.cut = tuple("".join(tokens(each)) for each in cut)

    def key(self, question: str) -> str:
        """What makes two questions of this subtask the same."""
        return identity(question, by_options=self.by_options)

    def reason(self, question: str, key: str) -> str | None:
        """Why this question with this key may not be a validation item; None where it may."""
        if self.cut and "".join(tokens(question)).startswith(self.cut):
            return "in the test"
        return self.why.get(key)


def usable(pairs: list[Pair], known: Known) -> tuple[list[Pair], dict[str, int]]:
    """The pairs that ask something new, and how many do not, by reason."""
    left_out: Counter[str] = Counter()
    kept: dict[str, Pair] = {}
    for question, answer in pairs:
        key = known.key(question)
        reason = known.reason(question, key) or ("repeated" if key in kept else None)
        if reason:
            left_out[reason] += 1
        else:
            kept[key] = (question, answer)
    return list(kept.values()), dict(sorted(left_out.items()))


def split(
    cfg: dict[str, Any], test: pl.DataFrame, exemplars: pl.DataFrame, task: str | None
) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, Any]]:
    """Test items, validation items and what the latter are; cfg["shortage"] says what if too few.

    Raises ArteError for `error`, and where a validation item is a test item after all.
    """
    kind, wanted = declared(cfg), cfg["validation_items"]
    subtask = kind.name
    pairs, origin = candidates(cfg, task)
    known = Known(subtask, test, exemplars)
    pool, left_out = usable(pairs, known)
    validation = item_tables.draw(item_tables.items(kind, pool), wanted, cfg["seed"])
    counts = {"BIG-bench": 0, "generated": 0, "held out": 0} | {origin: validation.height}
    missing = wanted - validation.height
    if missing and cfg["shortage"] == "error":
        raise ArteError(
            expected=f"{wanted} validation items of {subtask} that BBH does not have",
            found=f"{validation.height} of {len(pairs)} ({left_out})",
            where="config keys data.validation_items and data.bigbench.shortage",
            remedy="lower data.validation_items, or set data.bigbench.shortage: held_out",
        )
    if missing and cfg["shortage"] == "held_out":
        test, held = item_tables.hold_out(test, missing, cfg["seed"], known.key)
        validation, counts["held out"] = pl.concat([validation, held]), missing
    shared = _shared(subtask, test, validation, exemplars)
    test = item_tables.draw(test, cfg["test_items"] or test.height, cfg["seed"])
    report = {"subtask": subtask, "wanted": wanted, "from": counts, "left out": left_out}
    return test, validation, report | {"test": test.height, "shared": shared}


def _shared(
    subtask: str, test: pl.DataFrame, validation: pl.DataFrame, exemplars: pl.DataFrame
) -> int:
    """Zero: how many validation items ask what a test item or an exemplar asks, or raise."""
    known = Known(subtask, test, exemplars)
    asked = validation["question"]
    shared = [question for question in asked if known.reason(question, known.key(question))]
    if shared:
        raise ArteError(
            expected="no validation item among test items and exemplars",
            found=f"{len(shared)}, first {shared[0][:80]!r}",
            where=subtask,
            remedy="report this as a bug",
        )
    return 0


def refuse_canary(tables: list[pl.DataFrame]) -> None:
    """Raise ArteError where a text of these tables carries the canary of BIG-bench."""
    for table in tables:
        for row in table.rows(named=True):
            if any(CANARY in str(text) for text in row.values()):
                raise ArteError(
                    expected="items without the BIG-bench canary",
                    found=f"it in {row['question'][:80]!r}",
                    where=row["subtask"],
                    remedy="restore the published file, or take the line out of your own",
                )


@cli
def main() -> None:
    """Write the tables of cfg["subtask"], and what its validation items are."""
    made = (*item_tables.WRITTEN, "--output-origin")
    args = job.parse_command(__doc__, {"split": ("--cfg", "--raw", "--cot", "--task*", *made)})
    cfg, kind = args.cfg, declared(args.cfg)
    exemplars = bbh.read_exemplars(kind, args.cot)
    whole = item_tables.items(kind, bbh.read_examples(args.raw))
    bbh.refuse_overlap(whole, exemplars["question"], args.cot)
    test, validation, origin = split(cfg, whole, exemplars, args.task[0] if args.task else None)
    refuse_canary([test, validation, exemplars])
    job.log(f"{kind.name}: {test.height} test items; validation items {origin['from']}")
    item_tables.write(args, cfg, test=test, validation=validation, shown=exemplars)
    io.write_json(origin, args.output_origin)


if __name__ == "__main__":
    main()
