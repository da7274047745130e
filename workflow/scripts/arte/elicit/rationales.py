"""Rationales: what the teacher writes for questions, by technique or the naive prompt (§3.1)."""

import argparse
import re
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from arte.core import gates, io, job
from arte.core.errors import cli
from arte.core.forms import Form
from arte.core.parse import answer_tags, extract, is_correct, tag_stated, without_reasoning
from arte.core.prompts import Prompts
from arte.elicit.tables import QUESTIONS, RATIONALES
from arte.engine.contract import LENGTH, Completion, Sampling
from arte.engine.generate import Generator

_PREAMBLE = re.compile(r"\s*(?:Answer:\s*)*(?:Let['’]s think step by step\.?)?\s*")
_QUESTION = re.compile(r"\s*(?:Question:\s*)+")
_LABEL = re.compile(r"(?:Answer:[ \t]*)+")

FATES = (
    *("right", "wrong", "empty", "cut_off"),
    *("not_of_the_answer_form", "echo", "refused", "untagged"),
)
"""What becomes of a rationale; after two there is no answer, for the first reason that holds."""


class Cleaned(NamedTuple):
    """A rationale without what stands around it, and whether a next turn was cut off it."""

    text: str
    next_turn: bool


def clean_rationale(output: str, question: str) -> Cleaned:
    """What follows "Answer: Let's think step by step." up to a next turn, stripped.

    Without the reasoning of models that think before they answer.

    A line that opens with "Question:" or "Answer:" would close the rationale's slot in Table 13. Of
    "Answer:" the label alone goes, for many models close with such a line; after a complete answer
    it opens a next turn. `question` said again at the start is passed over; another one there
    leaves nothing, as its answer is none to `question`.
    """
    output = without_reasoning(output)
    text = output[_PREAMBLE.match(output).end() :]
    if opened := _QUESTION.match(text):
        text = _after_echo(text[opened.end() :], question)
        if text is None:
            return Cleaned("", True)
        text = text[_PREAMBLE.match(text).end() :]
    answered = next((tag.end for tag in answer_tags(text) if not tag.echo), len(text) + 1)
    kept, position = [], 0
    for line in text.split("\n"):
        label = _LABEL.match(line)
        bare = line[label.end() :] if label else line
        if bare.startswith("Question:") or (label and position >= answered):
            return Cleaned("\n".join(kept).strip(), True)
        kept.append(bare)
        position += len(line) + 1
    return Cleaned("\n".join(kept).strip(), False)


def _after_echo(text: str, question: str) -> str | None:
    """What follows `question` in `text`, which begins with it; None where it is another question.

    All words of its first line must be there; its options may be left out.
    """
    question = question.removeprefix("Question:").strip()  # web_of_lies itself begins so
    end, words = 0, 0
    for word, said in zip(question.split(), re.finditer(r"\S+", text), strict=False):
        if word.casefold() != said[0].casefold():
            break
        end, words = said.end(), words + 1
    return text[end:] if words >= len(question.split("\n", 1)[0].split()) > 0 else None


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

    def write(subtask: str, n: int | None = None) -> list[dict]:
        """The rationales of a subtask's first `n` questions, or of all."""
        asked = job.of_subtask(questions, subtask, "questions").head(n or questions.height)
        rows = rationale_rows(asked.to_dicts(), cfg["techniques"])
        return answered(rows, prompts, generator, sampling=sampling, cfg=cfg)

    check_first(write, cfg, prompts, where=args.model)
    counts = {}
    for subtask, output in zip(cfg["subtasks"], args.output, strict=True):
        rows = write(subtask)
        counts[subtask] = rationale_counts(rows)
        job.log(f"rationales {subtask}: {counts[subtask]}")
        io.write_table(RATIONALES.frame(rows), output, RATIONALES, job.cfg_of(cfg, subtask))
    io.write_json({**generator.stats, "counts": counts}, args.output_stats)


def answered(
    rows: list[dict], prompts: Prompts, generator: Generator, *, sampling: Sampling, cfg: dict
) -> list[dict]:
    """One subtask's rows of `rationale_rows` with what the model wrote, judged."""
    subtask = rows[0]["subtask"]
    answer_type = prompts.task(subtask).answer_type
    asked = [prompts.rationale(subtask, r["technique"], r["question"]) for r in rows]
    # A greedy answer doesn't depend on a seed, so neither may its place in the journal.
    seeds = [job.derived_seed(cfg["seed"], subtask, r["question_id"], r["technique"]) for r in rows]
    completions = generator.complete(
        subtask, asked, sampling, seeds if sampling.temperature > 0 else None
    )
    tag = cfg.get("tag_stated_answers", False)
    return [
        {**row, "prompt_id": io.digest(prompt)}
        | judged(completion, row["question"], row["answer"], answer_type, tag=tag)
        for row, prompt, completion in zip(rows, asked, completions, strict=True)
    ]


def rates(rows: list[dict], answer_type: Form) -> dict[str, float]:
    """Shares of judged rationales: tagged with an answer of the form, by fate, and stated only."""
    fates = Counter(row["fate"] for row in rows)
    tagged = fates["right"] + fates["wrong"]
    shares = {"tagged": tagged / len(rows)} | {fate: fates[fate] / len(rows) for fate in FATES}
    stated = sum(
        row["fate"] == "untagged" and tag_stated(row["rationale"], answer_type) != row["rationale"]
        for row in rows
    )
    return shares | {"stated_without_tag": stated / len(rows)}


def check_first(
    write: Callable[[str, int], list[dict]], cfg: dict, prompts: Prompts, *, where: str
) -> None:
    """Answer the first questions of every subtask; raise ArteError where too little is usable."""
    limits, gate = gates.limits(), gates.Gate("rationales")
    for subtask in cfg["subtasks"] if limits["calls"] else ():
        rows = write(subtask, limits["calls"])
        bad = [row["rationale"] for row in rows if row["fate"] not in ("right", "wrong")]
        gate.judge(
            subtask,
            rates(rows, prompts.task(subtask).answer_type),
            least={"tagged": limits["tagged"]},
            most={"cut_off": limits["cut_off"]},
            shown=bad,
        )
    gate.stop(
        where=where,
        remedy="set models.<teacher>.chat for rationales to the other way (on, off), raise "
        "elicit.rationale_max_tokens where answers are cut off, set elicit.tag_stated_answers "
        "where they are stated without a tag, change the prompts, or take another teacher",
    )


def judged(
    completion: Completion, question: str, gold: str, answer_type: Form, *, tag: bool = False
) -> dict:
    """The cleaned rationale, why its output ended, its strict answer and whether that is `gold`.

    With its fate (one of FATES), whether a next turn was cut off, and whether an answer that it
    states was tagged here, as `tag` asks; all three are counted.
    """
    rationale, next_turn = clean_rationale(completion.text, question)
    written = rationale
    if tag and completion.finish_reason != LENGTH:
        rationale = tag_stated(written, answer_type)
    found = extract(rationale, answer_type)
    correct = is_correct(found.strict, gold, answer_type)
    if found.strict is not None:
        fate = "right" if correct else "wrong"
    elif not rationale:
        fate = "empty"
    elif completion.finish_reason == LENGTH:
        fate = "cut_off"
    elif found.tagged:
        fate = "not_of_the_answer_form"
    else:
        refused = gates.refused(rationale)
        fate = "echo" if any(answer_tags(rationale)) else "refused" if refused else "untagged"
    return {
        "rationale": rationale,
        "finish_reason": completion.finish_reason,
        "answer_pred": found.strict,
        "correct": correct,
        "fate": fate,
        "next_turn": next_turn,
        "tagged_here": rationale != written,
    }


def rationale_counts(rows: list[dict]) -> dict[str, int]:
    """How many rationales there are, by fate, and what was done to how many of them."""
    fates = Counter(row["fate"] for row in rows)
    return {
        "rationales": len(rows),
        **{fate: fates[fate] for fate in FATES},
        "next_turn_cut": sum(row["next_turn"] for row in rows),
        "tagged_here": sum(row["tagged_here"] for row in rows),
    }


@cli
def main() -> None:
    """Command line: one RATIONALES table per subtask.

    A journal file has one writer: two jobs that ask one model for rationales of one subtask at the
    same time need different stages.
    """
    run(job.parse(__doc__, *job.ASKS, "--stage", "--questions+", "--output+"))


if __name__ == "__main__":
    main()
