"""Measure the nano models and stop before anything is built on one that did not learn.

python -m arte.nano.gates teacher|student --cfg JSON --prompts DIR --model DIR ... --output CSV
"""

import numpy as np
import polars as pl

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.core.forms import Form
from arte.core.parse import extract, is_correct, parse_questions
from arte.core.prompts import NAIVE, Prompts
from arte.data.tables import EXEMPLARS, ITEMS
from arte.engine.contract import Sampling
from arte.engine.generate import Generator
from arte.mini.bbh_tasks import TECHNIQUES, Problem
from arte.nano.corpus import Sampler, samplers
from arte.stats.intervals import wilson


def share(hits: list[bool]) -> tuple[float, float, float, int]:
    """Mean of `hits` with its 95 % Wilson interval and their number."""
    low, high = wilson(sum(hits), len(hits))
    return sum(hits) / len(hits), low, high, len(hits)


def row(subtask: str, model: str, measure: str, hits: list[bool]) -> dict:
    """One line of the gates table."""
    value, low, high, n = share(hits)
    names = ("subtask", "model", "measure", "value", "low", "high", "n")
    return dict(zip(names, (subtask, model, measure, value, low, high, n), strict=True))


def right(kind: Form, outputs: list, problems: list[Problem]) -> list[bool]:
    """Whether each output's strict answer is the problem's."""
    answers = [extract(output.text, kind).strict for output in outputs]
    return [is_correct(a, p.answer, kind) for a, p in zip(answers, problems, strict=True)]


def measure_teacher(
    subtask: str, sample: Sampler, prompts: Prompts, generate: Generator, cfg: dict
) -> list[dict]:
    """Well-formed distinct questions per question asked for, and right rationales.

    The latter for each technique, and for the naive prompt, all that tailoring asks (App. F).
    """
    rng = np.random.default_rng([cfg["seed"], 3, *subtask.encode()])
    per_call, calls = cfg["elicit"]["questions_per_call"], cfg["gates"]["calls"]
    asked = []
    for _ in range(calls):
        three = [sample(rng) for _ in range(3)]
        shown = [(each.question, each.answer) for each in three]
        asked.append(prompts.question(subtask, shown, per_call) + "\n")
    sampling = Sampling(
        cfg["elicit"]["question_max_tokens"], cfg["elicit"]["question_temperature"], ()
    )
    outputs = generate.complete(subtask, asked, sampling, seeds=list(range(calls)))
    kind = prompts.task(subtask).answer_type
    found = set()
    for output in outputs:
        found.update(parse_questions(output.text, kind)[0])
    asked_for = calls * per_call
    good = min(len(found), asked_for)
    rows = [row(subtask, "teacher", "questions", [True] * good + [False] * (asked_for - good))]
    problems = [sample(rng) for _ in range(cfg["gates"]["problems"])]
    sampling = Sampling(cfg["elicit"]["rationale_max_tokens"])
    for measure in (*TECHNIQUES, NAIVE):
        texts = [prompts.rationale(subtask, measure, p.question) for p in problems]
        hits = right(kind, generate.complete(subtask, texts, sampling), problems)
        rows.append(row(subtask, "teacher", measure, hits))
    return rows


def measure_student(
    subtask: str, sample: Sampler, prompts: Prompts, generate: Generator, cfg: dict
) -> list[dict]:
    """One-shot accuracy with an example in each technique, and zero-shot accuracy."""
    rng = np.random.default_rng([cfg["seed"], 4, *subtask.encode()])
    kind = prompts.task(subtask).answer_type
    problems = [sample(rng) for _ in range(cfg["gates"]["problems"])]
    examples = [sample(rng) for _ in problems]
    sampling = Sampling(cfg["max_tokens"])
    zero = [prompts.student(subtask, [], p.question) for p in problems]
    hits = right(kind, generate.complete(subtask, zero, sampling), problems)
    rows = [row(subtask, "student", "zero_shot", hits)]
    for technique in TECHNIQUES:
        texts = [
            prompts.student(subtask, [(e.question, e.rationale(technique))], p.question)
            for e, p in zip(examples, problems, strict=True)
        ]
        hits = right(kind, generate.complete(subtask, texts, sampling), problems)
        rows.append(row(subtask, "student", technique, hits))
    return rows


def judge_teacher(table: pl.DataFrame, gates: dict) -> list[str]:
    """The teacher's gates that `table` fails, each as a sentence; empty when all are passed."""
    few = table.filter(measure="questions").filter(pl.col("value") < gates["questions"])
    failed = [
        f"{subtask}: distinct well-formed questions {value:.2f}"
        for subtask, value in few.select("subtask", "value").rows()
    ]
    best = (
        table.filter(pl.col("measure").is_in(TECHNIQUES))
        .group_by("subtask")
        .agg(pl.col("value").max())
        .sort("subtask")
    )
    failed += [
        f"{subtask}: the best technique is right in {value:.2f}"
        for subtask, value in best.filter(pl.col("value") < gates["rationales"]).rows()
    ]
    naive = table.filter(pl.col("value") < gates["naive"], measure=NAIVE)
    return failed + [
        f"{subtask}: naive answers are right in {value:.2f}"
        for subtask, value in naive.select("subtask", "value").rows()
    ]


def best_techniques(table: pl.DataFrame) -> dict[str, str]:
    """Subtask to the student's best technique, where its interval lies above all others'."""
    found = {}
    for (subtask,), ours in table.filter(pl.col("measure").is_in(TECHNIQUES)).group_by("subtask"):
        first, *others = ours.sort("value", descending=True).to_dicts()
        if first["low"] > max(other["high"] for other in others):
            found[subtask] = first["measure"]
    return found


def judge_student(table: pl.DataFrame, gates: dict) -> list[str]:
    """The student's gates that `table` fails, each as a sentence; empty when all are passed."""
    ours = (
        table.filter(pl.col("measure").is_in(TECHNIQUES))
        .group_by("subtask")
        .agg((pl.col("low").max() > pl.col("high").min()).alias("prefers"))
    )
    failed = []
    # The best technique's interval lies wholly above the worst's: no need to know which they are.
    if (count := int(ours["prefers"].sum())) < gates["preferring_subtasks"]:
        failed.append(f"a technique is preferred beyond its interval on {count} subtasks only")
    found = sorted(set(best_techniques(table).values()))
    if len(found) < gates["best_techniques"]:
        failed.append(
            "techniques that are the best of a subtask beyond all intervals: "
            f"{', '.join(found) or 'none'}"
        )
    zero = table.filter(measure="zero_shot")["value"].mean()
    if zero > gates["zero_shot"]:
        failed.append(f"zero-shot accuracy is already {zero:.2f}")
    return failed


MEASURE = {"teacher": measure_teacher, "student": measure_student}
JUDGE = {"teacher": judge_teacher, "student": judge_student}


def failures(role: str, table: pl.DataFrame, cfg: dict) -> list[str]:
    """The gates that a model fails, judged by the subtasks of `cfg["gated"]` alone.

    The others are benchmarks outside BBH, on which no preference is built: how much a model knows
    of them is part of the result (Tables 3 and 4).
    """
    gated = table.filter(pl.col("subtask").is_in(cfg["gated"]))
    return JUDGE[role](gated, cfg["gates"])


@cli
def main() -> None:
    """Measure a model on fresh problems, write the table, or stop at a failed gate."""
    data = ("--items+", "--validation+", "--exemplars+")
    flags = ("--cfg", "--prompts", "--model", "--journal", *data, "--output")
    args = job.parse_command(__doc__, dict.fromkeys(MEASURE, flags))
    cfg, prompts = args.cfg, Prompts(args.prompts)
    validation, tests = io.read_tables(args.validation, ITEMS), io.read_tables(args.items, ITEMS)
    exemplars = io.read_tables(args.exemplars, EXEMPLARS)
    columns = ["subtask", "question", "answer"]
    known = pl.concat([validation.select(columns), exemplars.select(columns)])
    held_out = {*validation["question"], *tests["question"]}
    problems = samplers(
        cfg["corpus"], cfg["subtasks"], held_out, known, difficulty=cfg["difficulty"]
    )
    generate = Generator(args.model, cfg["engine"], args.journal, stage="gates")
    rows = [
        line
        for subtask, sample in problems.items()
        for line in MEASURE[args.command](subtask, sample, prompts, generate, cfg)
    ]
    table = pl.DataFrame(rows).sort("subtask", "model", "measure")
    for line in table.rows():
        job.log("{} {} {} {:.2f} [{:.2f}, {:.2f}] n={}".format(*line))
    if failed := failures(args.command, table, cfg):
        raise ArteError(
            expected=f"a nano {args.command} that passes the gates {cfg['gates']}",
            found="; ".join(failed),
            where=f"{args.output} was not written; the log has every measure",
            remedy=f"raise nano.{args.command}_tokens, or lower nano.gates",
        )
    with io.replacing(args.output) as temporary:
        table.write_csv(temporary, float_precision=4)


if __name__ == "__main__":
    main()
