"""Rationales: what the teacher writes for questions, by technique or the naive prompt (§3.1)."""

import argparse
import re

from arte.core import io, job, tasks
from arte.core.errors import cli
from arte.core.parse import extract, is_correct
from arte.core.prompts import Prompts
from arte.elicit.tables import QUESTIONS, RATIONALES
from arte.engine.contract import Sampling
from arte.engine.generate import Generator

_PREAMBLE = re.compile(r"\s*(?:Answer:\s*)?(?:Let's think step by step\.?)?\s*")
_NEXT_TURN = re.compile(r"^(?:Question|Answer):", re.MULTILINE)


def clean_rationale(output: str) -> str:
    """What follows "Answer: Let's think step by step." up to a next turn, stripped.

    A line that opens with "Question:" or "Answer:" would close the rationale's slot in Table 13.
    """
    text = output[_PREAMBLE.match(output).end() :]
    turn = _NEXT_TURN.search(text)
    return (text[: turn.start()] if turn else text).strip()


def rationale_rows(questions: list[dict], techniques: list[str]) -> list[dict]:
    """Question rows times techniques, in order; the rationale's number is its technique's."""
    columns = ("subtask", "question_id", "question", "answer")
    return [
        {**{c: q[c] for c in columns}, "rationale_id": i, "technique": technique}
        for q in questions
        for i, technique in enumerate(techniques)
    ]


def run(args: argparse.Namespace) -> None:
    """Write a RATIONALES table per subtask, and the stats."""
    cfg, prompts = args.cfg, Prompts(args.prompts)
    generator = Generator(args.model, cfg["engine"], args.journal, args.stage)
    questions = io.read_tables(args.questions, QUESTIONS)
    sampling = Sampling(
        max_tokens=cfg["rationale_max_tokens"], temperature=cfg["rationale_temperature"]
    )
    counts = {}
    for subtask, output in zip(cfg["subtasks"], args.output, strict=True):
        rows = rationale_rows(
            job.of_subtask(questions, subtask, "questions").to_dicts(), cfg["techniques"]
        )
        asked = [prompts.rationale(subtask, r["technique"], r["question"]) for r in rows]
        # A greedy answer doesn't depend on a seed, so neither may its place in the journal.
        seeds = [
            job.derived_seed(cfg["seed"], subtask, r["question_id"], r["technique"]) for r in rows
        ]
        completions = generator.complete(
            subtask, asked, sampling, seeds if cfg["rationale_temperature"] > 0 else None
        )
        for row, prompt, completion in zip(rows, asked, completions, strict=True):
            row["prompt_id"] = io.digest(prompt)
            row["finish_reason"] = completion.finish_reason
            row.update(judged(completion.text, row["answer"], tasks.subtask(subtask).answer_type))
        counts[subtask] = rationale_counts(rows)
        job.log(f"rationales {subtask}: {counts[subtask]}")
        io.write_table(RATIONALES.frame(rows), output, RATIONALES, job.cfg_of(cfg, subtask))
    io.write_json({**generator.stats, "counts": counts}, args.stats)


def judged(output: str, gold: str, answer_type: str) -> dict:
    """The cleaned rationale, its strict answer and whether that is the question's target."""
    rationale = clean_rationale(output)
    predicted = extract(rationale, answer_type).strict
    return {
        "rationale": rationale,
        "answer_pred": predicted,
        "correct": is_correct(predicted, gold, answer_type),
    }


def rationale_counts(rows: list[dict]) -> dict[str, int]:
    """How many rationales there are, are empty, lack a readable tagged answer, and are right."""
    return {
        "rationales": len(rows),
        "empty": sum(row["rationale"] == "" for row in rows),
        "no_tag": sum(row["answer_pred"] is None for row in rows),
        "correct": sum(row["correct"] for row in rows),
    }


@cli
def main() -> None:
    """Command line: one RATIONALES table per subtask."""
    parser = argparse.ArgumentParser(description=__doc__)
    job.add_inputs(parser, "--questions", "--output")
    # A journal file has one writer: two jobs that ask one model for rationales of one subtask
    # at the same time need different stages.
    parser.add_argument("--stage", default="rationales")
    job.add_generation(parser)
    run(parser.parse_args())


if __name__ == "__main__":
    main()
