"""Draft questions: what the teacher writes after seed questions (§3.1, Table 11)."""

import argparse
from collections import Counter
from collections.abc import Callable
from math import ceil

import polars as pl

from arte.core import gates, io, job
from arte.core.errors import ArteError, cli
from arte.core.forms import Form
from arte.core.parse import parse_questions, same_text
from arte.core.prompts import Prompt, Prompts
from arte.core.tasks import Subtask
from arte.data.tables import EXEMPLARS, ITEMS
from arte.elicit.tables import QUESTIONS
from arte.engine.contract import Sampling
from arte.engine.generate import Generator

Ask = Callable[[list[int]], list[str]]
"""Call numbers to the outputs of those calls."""


def collect(
    outputs: list[str], answer_type: Form, *, avoid: dict[str, str], n: int
) -> tuple[list[dict], Counter[str]]:
    """The first `n` new questions in order of (call, position), and counts of what was dropped.

    `avoid` maps `same_text` of unwanted questions to the reason that is counted. Identifiers say
    call and position, so that they stay as they are when `n` is raised.
    """
    kept: list[dict] = []
    drops: Counter[str] = Counter()
    seen = dict(avoid)
    for call, output in enumerate(outputs):
        questions, reasons = parse_questions(output, answer_type)
        drops.update(reasons)
        for position, (question, answer) in enumerate(questions):
            text = same_text(question)
            if text in seen:
                drops[seen[text]] += 1
                continue
            seen[text] = "duplicate of an earlier call"
            if len(kept) == n:
                drops["surplus"] += 1
                continue
            question_id = f"{call:03d}-{position:02d}"
            kept.append({"question_id": question_id, "question": question, "answer": answer})
    return kept, drops


def next_round(*, kept: int, calls: int, n: int, per_call: int, max_calls: int) -> int:
    """How many more calls to make: enough to reach `n` at the yield so far, within `max_calls`."""
    if calls == 0:
        wanted = ceil(n / per_call)
    elif kept == 0:
        wanted = calls
    else:
        wanted = ceil((n - kept) * calls / kept)
    return min(wanted, max_calls - calls) if kept < n else 0


def draft_questions(
    ask: Ask, task: Subtask, *, avoid: dict[str, str], n: int, per_call: int, max_calls: int
) -> tuple[list[dict], dict]:
    """Ask in rounds until `n` questions are kept or `max_calls` is reached (paper: 250 by 5).

    Returns rows and counts (calls, kept, shortfall, dropped by reason). Raises ArteError if
    no question can be kept at all.
    """
    outputs: list[str] = []
    kept: list[dict] = []
    drops: Counter[str] = Counter()
    while calls := next_round(
        kept=len(kept), calls=len(outputs), n=n, per_call=per_call, max_calls=max_calls
    ):
        outputs += ask(list(range(len(outputs), len(outputs) + calls)))
        kept, drops = collect(outputs, task.answer_type, avoid=avoid, n=n)
    if not kept:
        raise ArteError(
            expected=f"questions as <Question_x><input>…</input><target>…</target></Question_x> "
            f"with a target of type {task.answer_type.kind!r}",
            found=f"none to keep in {len(outputs)} outputs; dropped: {dict(drops)}; "
            f"the first output begins {outputs[0][:300]!r}",
            where=f"the teacher's answers to the question prompt of {task.name} (Table 11)",
            remedy="use a teacher that follows the format, or change question.md, or raise "
            "elicit.max_calls or elicit.question_max_tokens",
        )
    counts = {
        "calls": len(outputs),
        "kept": len(kept),
        "shortfall": n - len(kept),
        "dropped": dict(sorted(drops.items())),
    }
    return kept, counts


def rates(outputs: list[str], answer_type: Form, per_call: int) -> dict[str, float]:
    """Usable questions per question asked for, and what was dropped, by reason, likewise."""
    asked_for = len(outputs) * per_call
    kept, drops = collect(outputs, answer_type, avoid={}, n=asked_for)
    dropped = {reason: n / asked_for for reason, n in sorted(drops.items())}
    return {"questions": len(kept) / asked_for, **dropped}


def check_first(askers: dict[str, Ask], cfg: dict, forms: dict[str, Form], *, where: str) -> None:
    """Make the first calls of every subtask; raise ArteError where too few questions are usable."""
    limits, per_call = gates.limits(), cfg["questions_per_call"]
    # also where fewer would do: one call says too little of a model's yield
    calls = min(limits["calls"], cfg["max_calls"])
    gate = gates.Gate("questions")
    for subtask, ask in askers.items() if calls else ():
        outputs = ask(list(range(calls)))
        found = rates(outputs, forms[subtask], per_call)
        least = {"questions": limits["questions"]}
        gate.judge(subtask, found, least=least, most={}, shown=outputs)
    gate.stop(
        where=where,
        remedy="set models.<teacher>.chat for questions to the other way (on, off), change "
        "question.md, raise elicit.question_max_tokens, or take another teacher",
    )


def unwanted(seeds: list[str], avoid: list[str]) -> dict[str, str]:
    """What must not come back as a draft: benchmark items (contamination) and the seeds."""
    return {
        **{same_text(question): "test or validation item" for question in avoid},
        **{same_text(question): "seed question" for question in seeds},
    }


def run(args: argparse.Namespace) -> None:
    """Write a QUESTIONS table per subtask, and the stats."""
    cfg, prompts = args.cfg, Prompts(args.prompts)
    generator = Generator(args.model, cfg["engine"], args.journal, "questions")
    exemplars = io.read_tables(args.exemplars, EXEMPLARS)
    avoid = io.read_tables(args.avoid, ITEMS) if args.avoid else ITEMS.frame([])
    counts, asked, seeds = {}, {}, {}
    for subtask in cfg["subtasks"]:
        rows = job.first_exemplars(exemplars, subtask, cfg["seed_questions"])
        seeds[subtask] = [(row["question"], row["answer"]) for row in rows]
        text = prompts.question(subtask, seeds[subtask], cfg["questions_per_call"])
        # The output starts on a line of its own, as the responses in DPO training do.
        asked[subtask] = Prompt.of(text + "\n")
    askers = {name: asker(generator, name, prompt, cfg) for name, prompt in asked.items()}
    forms = {name: prompts.task(name).answer_type for name in cfg["subtasks"]}
    check_first(askers, cfg, forms, where=args.model)
    for subtask, output in zip(cfg["subtasks"], args.output, strict=True):
        rows, counts[subtask] = draft_questions(
            askers[subtask],
            prompts.task(subtask),
            avoid=unwanted(
                [question for question, _ in seeds[subtask]],
                avoid.filter(pl.col("subtask") == subtask)["question"].to_list(),
            ),
            n=cfg["questions"],
            per_call=cfg["questions_per_call"],
            max_calls=cfg["max_calls"],
        )
        job.log(f"questions {subtask}: {counts[subtask]}")
        shared = {"subtask": subtask, "prompt_id": io.digest(asked[subtask])}
        frame = QUESTIONS.frame([{**row, **shared} for row in rows])
        io.write_table(frame, output, QUESTIONS, job.cfg_of(cfg, subtask))
    io.write_json({**generator.stats, "counts": counts}, args.output_stats)


def asker(generator: Generator, subtask: str, prompt: Prompt, cfg: dict) -> Ask:
    """A function that makes numbered calls of one prompt, each with a seed of its own."""
    # No stop string: a question may hold several lines, and questions beyond those asked for count.
    sampling = Sampling(
        max_tokens=cfg["question_max_tokens"], temperature=cfg["question_temperature"], stop=()
    )

    def ask(calls: list[int]) -> list[str]:
        seeds = [job.derived_seed(cfg["seed"], subtask, call) for call in calls]
        completions = generator.complete(subtask, [prompt] * len(calls), sampling, seeds)
        return [completion.text for completion in completions]

    return ask


@cli
def main() -> None:
    """Command line: one QUESTIONS table per subtask."""
    run(job.parse(__doc__, *job.ASKS, "--exemplars+", "--avoid*", "--output+"))


if __name__ == "__main__":
    main()
