"""Assemble an arm's training set: one question and one rationale per row (paper §4.1, Table 6)."""

import numpy as np
import polars as pl

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.core.prompts import Prompts
from arte.core.tasks import CANARY
from arte.elicit.tables import QUESTIONS, RATIONALES
from arte.engine.contract import LENGTH
from arte.prefer.tables.scores import SCORES
from arte.prefer.ties import with_lots
from arte.tailor.tables import TRAINING_SET

KEY = ("subtask", "question_id")


def most_preferred(rationales: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Per question the rationale with the highest score; `drawn` says where several have it.

    Then the lots decide (`arte.prefer.ties`), as they do for DPO's chosen rationale.
    """
    best = rationales.filter(pl.col("score") == pl.col("score").max().over(KEY))
    lots = with_lots(best.with_columns(drawn=pl.len().over(KEY) > 1), seed, SCORES.key)
    return lots.sort("lot", descending=True).group_by(KEY, maintain_order=True).first()


def random_choice(rationales: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Per question one rationale drawn with equal chances."""
    rng = np.random.default_rng(seed)
    ordered = rationales.sort(*KEY, "rationale_id")
    draws = pl.Series("draw", rng.random(ordered.height))
    return ordered.with_columns(draws).sort("draw").group_by(KEY, maintain_order=True).first()


def task_consistent(rationales: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Per subtask the rationales of the technique with the highest mean score.

    `drawn` says where several techniques have it and a seeded draw chose.
    """
    # rounded: sums of equal scores in another order may differ in their last bit
    means = rationales.group_by("subtask", "technique").agg(pl.col("score").mean().round(12))
    best = means.filter(pl.col("score") == pl.col("score").max().over("subtask"))
    lots = with_lots(
        best.with_columns(drawn=pl.len().over("subtask") > 1), seed, ("subtask", "technique")
    )
    best = lots.sort("lot", descending=True).group_by("subtask", maintain_order=True).first()
    columns = ["subtask", "technique"]
    chosen = rationales.join(best.select(*columns, "drawn"), on=columns)
    return chosen.sort("rationale_id").group_by(KEY, maintain_order=True).first()


def of_technique(rationales: pl.DataFrame, technique: str) -> pl.DataFrame:
    """Per question the rationale written in one technique."""
    return rationales.filter(technique=technique).unique(KEY, keep="first", maintain_order=True)


def select(
    rationales: pl.DataFrame, scores: pl.DataFrame | None, *, how: str | None, seed: int
) -> pl.DataFrame:
    """One rationale per question: RATIONALES rows, by `how` (None: the only, naive rationale).

    The column `drawn` says where equal scores were decided by a draw.
    Raises ArteError where `how` is nothing known, for missing scores, and for several rationales
    without a way to select.
    """
    if how == "random":
        return random_choice(rationales, seed).with_columns(drawn=False)
    if how in ("most_preferred", "task_consistent"):
        if scores is None:
            raise _unselectable(f"--scores for select: {how}", "no --scores")
        keys = [*KEY, "rationale_id"]
        scored = rationales.join(scores.select(*keys, "score"), on=keys)
        job.log(f"{rationales.height - scored.height} rationales have no score")
        return (most_preferred if how == "most_preferred" else task_consistent)(scored, seed)
    techniques = sorted(set(rationales["technique"]))
    if how in techniques:
        return of_technique(rationales, how).with_columns(drawn=False)
    if how is not None:
        known = ", ".join(["most_preferred, random, task_consistent", *techniques])
        raise _unselectable(f"select: one of {known}", how)
    if rationales.select(KEY).is_duplicated().any():
        raise _unselectable("a single rationale per question, or a select", "several rationales")
    return rationales.with_columns(drawn=False)


def _unselectable(expected: str, found: str) -> ArteError:
    return ArteError(
        expected=expected, found=found, where="config arms", remedy="correct the arm's select"
    )


def training_rows(chosen: pl.DataFrame, prompts: Prompts) -> pl.DataFrame:
    """TRAINING_SET: the zero-shot prompt of Table 13, and the rationale as completion."""
    rows = [
        {
            "subtask": row["subtask"],
            "question_id": row["question_id"],
            "technique": row["technique"],
            "prompt": prompts.student(row["subtask"], [], row["question"]),
            "completion": row["rationale"],
        }
        for row in chosen.iter_rows(named=True)
    ]
    table = TRAINING_SET.frame(rows)
    marked = table.filter(pl.any_horizontal(pl.col("prompt", "completion").str.contains(CANARY)))
    if marked.height:
        raise ArteError(
            expected="training text without the BIG-bench canary",
            found=f"{marked.height} rows with it, first {marked.select(KEY).row(0)}",
            where="the questions or rationales of this arm",
            remedy="remove the canary line from prompts and exemplars, and generate again",
        )
    return table


def assemble(
    questions: pl.DataFrame,
    rationales: pl.DataFrame,
    *,
    scores: pl.DataFrame | None,
    cfg: dict,
    prompts: Prompts,
) -> tuple[pl.DataFrame, dict]:
    """The TRAINING_SET of an arm, and a report that accounts for every question.

    Rationales that the token limit cut off go, unless cfg["keep_cut_off"]: with the end token that
    training puts there they would teach to stop in mid-sentence. Beyond that the paper filters
    nothing: rationales without an answer tag stay unless cfg["require_tag"].
    """
    known = rationales.join(questions.select(KEY), on=KEY, how="semi")
    written = known.filter(pl.col("rationale") != "")
    cut_off = pl.col("finish_reason") == LENGTH
    whole = written if cfg.get("keep_cut_off", False) else written.filter(~cut_off)
    chosen = select(whole, scores, how=cfg.get("select"), seed=cfg["seed"])
    untagged = ~pl.col("rationale").str.contains("(?s)<ans>.*</ans>")
    kept = chosen.filter(~untagged) if cfg.get("require_tag", False) else chosen
    counts = {
        "questions": questions,
        "without_text": questions.join(written, on=KEY, how="anti"),
        "cut_off_dropped": _between(questions, written, whole),
        "not_selectable": _between(questions, whole, chosen),
        "cut_off": chosen.filter(cut_off),
        "drawn_among_best": chosen.filter("drawn"),
        "untagged": chosen.filter(untagged),
        "untagged_dropped": chosen.join(kept, on=KEY, how="anti"),
        "rows": kept,
    }
    return training_rows(kept, prompts), _report(counts, cfg["subtasks"])


def _report(counts: dict[str, pl.DataFrame], subtasks: list[str]) -> dict:
    """Per subtask how many rows each of `counts` has, and how many of each technique are kept."""
    report = {}
    for subtask in subtasks:
        here = {name: frame.filter(subtask=subtask) for name, frame in counts.items()}
        report[subtask] = {name: frame.height for name, frame in here.items()}
        report[subtask]["techniques"] = _histogram(here["rows"])
    return report


def _between(questions: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """The questions that have a rationale in `before` and none in `after`."""
    return questions.join(before, on=KEY, how="semi").join(after, on=KEY, how="anti")


def _histogram(rows: pl.DataFrame) -> dict[str, int]:
    return dict(sorted(rows["technique"].value_counts().iter_rows()))


@cli
def main() -> None:
    """Parse the command line, assemble, and log one line of counts per subtask."""
    tables = ("--questions+", "--rationales+", "--scores*")
    args = job.parse(__doc__, "--cfg", "--prompts", *tables, "--output", "--output-report")
    table, report = assemble(
        io.read_tables(args.questions, QUESTIONS),
        io.read_tables(args.rationales, RATIONALES),
        scores=io.read_tables(args.scores, SCORES) if args.scores else None,
        cfg=args.cfg,
        prompts=Prompts(args.prompts),
    )
    for subtask, counts in report.items():
        job.log(f"{subtask}: {counts}")
    io.write_table(table, args.output, TRAINING_SET, args.cfg)
    io.write_json(report, args.output_report)


if __name__ == "__main__":
    main()
