"""Preference pairs for DPO: best against worst rationale, top against bottom question (App. G).

Texts are bare: whoever trains on them puts the separator between prompt and response.
"""

import argparse
from collections import Counter

import numpy as np
import polars as pl

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.core.prompts import NAIVE, Prompts, tagged_question
from arte.data.tables import EXEMPLARS
from arte.elicit.tables import QUESTIONS, RATIONALES
from arte.engine.contract import LENGTH
from arte.prefer.tables.pairs import PAIRS
from arte.prefer.tables.scores import QUESTION_SCORES, SCORES
from arte.prefer.ties import with_lots


def rationale_choice(
    candidates: list[dict], *, break_ties: bool, keep_cut_off: bool = False
) -> tuple[dict, dict] | str:
    """The best and the worst by s_r among one question's rationales, or why there is no pair.

    Of equal scores the lots decide (`arte.prefer.ties`). An empty rationale is no candidate; one
    that the token limit cut off may only be the worst, as DPO would teach the chosen one's end. If
    all scores are equal there is no preference, "tie", unless ties are broken: the paper claims a
    pair for every question, but with 40 items ties are common.
    """
    usable = [c for c in candidates if c["rationale"]]
    if len({c["rationale"] for c in usable}) < 2:
        return "single"
    whole = [c for c in usable if keep_cut_off or c["finish_reason"] != LENGTH]
    if not whole:
        return "cut_off"
    best, worst = max(whole, key=_rank), min(usable, key=_rank)
    if best["score"] > worst["score"]:
        return best, worst
    if best["score"] < max(c["score"] for c in usable):
        return "cut_off"
    if not break_ties:
        return "tie"
    return best, min((c for c in usable if c["rationale"] != best["rationale"]), key=_rank)


def _rank(candidate: dict) -> tuple[float, int]:
    return candidate["score"], candidate["lot"]


def question_choices(
    questions: list[dict], *, n: int, share: float, break_ties: bool, rng: np.random.Generator
) -> tuple[list[tuple[dict, dict]], int]:
    """Up to `n` pairs (question of the top `share` by s_q, of the bottom), and ties passed over.

    Where the cut runs between equal scores, the lots decide who is inside (`arte.prefer.ties`).
    Each round pairs all of one end with all of the other, so nobody is drawn twice before
    everybody was drawn once; a later round shifts the partners, so no pair comes twice. The paper
    (App. G) draws both ends at random but doesn't say how it matches them.
    """
    order = sorted(questions, key=_rank, reverse=True)
    size = max(int(len(order) * share), 1) if len(order) > 1 else 0
    top = [order[i] for i in rng.permutation(size)]
    bottom = [order[len(order) - size + i] for i in rng.permutation(size)]
    matches = [(top[i], bottom[(i + shift) % size]) for shift in range(size) for i in range(size)]
    preferred = [
        (chosen, rejected)
        for chosen, rejected in matches
        if break_ties or chosen["score"] > rejected["score"]
    ]
    return preferred[:n], len(matches) - len(preferred)


def pair(
    kind: str, question_id: str, prompt: str, *, chosen: str, rejected: str, margin: float
) -> dict:
    """One row of PAIRS without its subtask."""
    return {
        "kind": kind,
        "question_id": question_id,
        "prompt": prompt,
        "chosen": chosen,
        "rejected": rejected,
        "margin": margin,
    }


def with_score(
    drafts: pl.DataFrame, scores: pl.DataFrame, key: tuple[str, ...], *, of: pl.Expr
) -> pl.DataFrame:
    """`drafts` with their score, in the same order; raise ArteError where one of `of` has none."""
    scored = drafts.join(
        scores.select(*key, "score"), on=key, how="left", validate="1:1", maintain_order="left"
    )
    missing = scored.filter(pl.col("score").is_null() & of)
    if missing.height:
        raise ArteError(
            expected=f"a score for each of {drafts.height} drafts",
            found=f"none for {missing.height}, first {missing.select(key).row(0)}",
            where="the scores tables given",
            remedy="run the rule score_rationales again on these drafts",
        )
    return scored


def scored_questions(
    questions: pl.DataFrame, scores: pl.DataFrame, drafts: pl.DataFrame
) -> pl.DataFrame:
    """`questions` with their score, without those of which no draft has one (none has a text)."""
    key = QUESTION_SCORES.key
    known = drafts.filter(pl.col("score").is_not_null())
    rated = questions.join(known, on=key, how="semi", maintain_order="left")
    return with_score(rated, scores, key, of=pl.lit(True))


def rationale_pairs(
    drafts: pl.DataFrame, prompts: Prompts, cfg: dict, subtask: str
) -> tuple[list[dict], dict[str, int]]:
    """Pairs for the naive prompt (Tables 8 and 10) from one subtask's scored rationales.

    The counts say for how many pairs the best or the worst score is shared, so that a draw chose,
    and where a better rationale was cut off by the token limit.
    """
    rows, found = [], Counter()
    lots = with_lots(drafts, cfg["seed"], SCORES.key)
    for (question_id,), group in lots.group_by("question_id", maintain_order=True):
        candidates = group.to_dicts()
        choice = rationale_choice(
            candidates, break_ties=cfg["ties"] == "break", keep_cut_off=cfg["keep_cut_off"]
        )
        if isinstance(choice, str):
            found[choice] += 1
            continue
        best, worst = choice
        found.update(_decided(best, worst, [c for c in candidates if c["rationale"]]))
        rows.append(
            pair(
                "rationale",
                question_id,
                prompts.rationale(subtask, NAIVE, best["question"]),
                chosen=best["rationale"],
                rejected=worst["rationale"],
                margin=best["score"] - worst["score"],
            )
        )
    return rows, {
        "rationale_pairs": len(rows),
        "rationale_best_shared": found["best_shared"],
        "rationale_worst_shared": found["worst_shared"],
        "rationale_ties_dropped": found["tie"],
        "rationale_best_cut_off": found["best_cut_off"],
        "rationale_all_better_cut_off": found["cut_off"],
        "rationale_fewer_than_two_texts": found["single"],
    }


def _decided(best: dict, worst: dict, usable: list[dict]) -> dict[str, int]:
    """What chose this pair beside the scores: draws among equals, and the token limit."""
    scores = [c["score"] for c in usable]
    return {
        "best_shared": scores.count(best["score"]) > 1,
        "worst_shared": scores.count(worst["score"]) > 1,
        "best_cut_off": best["score"] < max(scores),
    }


def question_pairs(
    questions: pl.DataFrame, prompt: str, cfg: dict, subtask: str
) -> tuple[list[dict], dict[str, int]]:
    """Pairs for the question prompt (Tables 9 and 11) from one subtask's scored questions."""
    choices, ties = question_choices(
        with_lots(questions, cfg["seed"], QUESTION_SCORES.key).to_dicts(),
        n=cfg["question_pairs"],
        share=cfg["question_share"],
        break_ties=cfg["ties"] == "break",
        rng=job.derived_rng(cfg["seed"], "question pairs", subtask),
    )
    rows = [
        pair(
            "question",
            f"{i:03d}:{best['question_id']}>{worst['question_id']}",
            prompt,
            chosen=tagged_question(1, best["question"], best["answer"]),
            rejected=tagged_question(1, worst["question"], worst["answer"]),
            margin=best["score"] - worst["score"],
        )
        for i, (best, worst) in enumerate(choices)
    ]
    return rows, {
        "question_pairs": len(rows),
        "question_pairs_short": cfg["question_pairs"] - len(rows),
        "question_ties_dropped": ties,
    }


def report_of(pairs: pl.DataFrame, counts: dict[str, dict]) -> dict:
    """Counts with mean margins, per subtask and in total (the report's JSON)."""
    report = {
        subtask: {**numbers, **mean_margins(pairs.filter(pl.col("subtask") == subtask))}
        for subtask, numbers in counts.items()
    }
    names = next(iter(counts.values()))
    total = {name: sum(numbers[name] for numbers in counts.values()) for name in names}
    return {"subtasks": report, "total": {**total, **mean_margins(pairs)}}


def mean_margins(pairs: pl.DataFrame) -> dict[str, float | None]:
    """Mean margin per kind of pair; null where there is none."""
    return {
        f"mean_{kind}_margin": pairs.filter(pl.col("kind") == kind)["margin"].mean()
        for kind in ("rationale", "question")
    }


def run(args: argparse.Namespace) -> None:
    """Write the PAIRS table of all subtasks and the report; raise ArteError if there is no pair."""
    cfg, prompts = args.cfg, Prompts(args.prompts)
    drafts = with_score(
        io.read_tables(args.rationales, RATIONALES),
        io.read_tables(args.scores, SCORES),
        SCORES.key,
        of=pl.col("rationale") != "",
    )
    questions = scored_questions(
        io.read_tables(args.questions, QUESTIONS),
        io.read_tables(args.question_scores, QUESTION_SCORES),
        drafts,
    )
    exemplars = io.read_tables(args.exemplars, EXEMPLARS)
    rows, counts = [], {}
    for subtask in cfg["subtasks"]:
        seeds = job.first_exemplars(exemplars, subtask, cfg["seed_questions"])
        prompt = prompts.question(
            subtask, [(s["question"], s["answer"]) for s in seeds], cfg["questions_per_call"]
        )
        scored = job.of_subtask(drafts, subtask, "scored rationales")
        by_rationale, first = rationale_pairs(scored, prompts, cfg, subtask)
        scored = job.of_subtask(questions, subtask, "scored questions")
        by_question, second = question_pairs(scored, prompt, cfg, subtask)
        rows += [{"subtask": subtask, **row} for row in (*by_rationale, *by_question)]
        counts[subtask] = {**first, **second}
        job.log(f"pairs {subtask}: {counts[subtask]}")
    if not rows:
        raise ArteError(
            expected="at least one preference pair",
            found=f"none: {counts}",
            where="the scores of all drafts",
            remedy="raise prefer.preference_items or elicit.questions, take a student that the "
            "examples move, or set pairs.ties to break",
        )
    table = PAIRS.frame(rows)
    io.write_table(table, args.output, PAIRS, cfg)
    io.write_json(report_of(table, counts), args.output_report)


@cli
def main() -> None:
    """Command line."""
    tables = ("--questions+", "--rationales+", "--scores+", "--question-scores+", "--exemplars+")
    run(job.parse(__doc__, "--cfg", "--prompts", *tables, "--output", "--output-report"))


if __name__ == "__main__":
    main()
