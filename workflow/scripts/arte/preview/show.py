"""Prompts as a model is shown them, its answers, and the shares of these that a run can use.

python -m arte.preview.show questions|rationales|answers --cfg JSON --prompts DIR --model DIR ...

One use of a model each (docs/chat.md), asked as the run would ask, on validation items.
"""

from collections.abc import Iterator
from typing import NamedTuple

from arte.core import gates, io, job
from arte.core.errors import cli
from arte.core.forms import Form
from arte.core.prompts import NAIVE, Prompt, Prompts
from arte.data.tables import EXEMPLARS, ITEMS
from arte.elicit import questions as elicit_questions
from arte.elicit import rationales as elicit_rationales
from arte.engine.contract import Completion, Sampling
from arte.engine.generate import Generator

SHOWN = 3
"""Prompts and answers that are printed of each subtask."""


class Asked(NamedTuple):
    """One request: what it is for, its prompt, what came back and, of a rationale, its judgment."""

    kind: str
    prompt: Prompt
    completion: Completion
    judged: dict = {}  # noqa: RUF012 - of a tuple, and never changed


class Subtask(NamedTuple):
    """What is known of a subtask: its first validation items and its exemplars."""

    name: str
    items: list[dict]
    exemplars: list[dict]


def questions(
    of: Subtask, prompts: Prompts, ask: Generator, cfg: dict
) -> tuple[list[Asked], dict[str, float]]:
    """Calls for new questions; rates of usable ones and of the reasons for which others are not."""
    shown = [(each["question"], each["answer"]) for each in of.exemplars[: cfg["seed_questions"]]]
    prompt = Prompt.of(prompts.question(of.name, shown, cfg["questions_per_call"]) + "\n")
    sampling = Sampling(cfg["question_max_tokens"], cfg["question_temperature"], ())
    seeds = [job.derived_seed(cfg["seed"], of.name, call) for call in range(cfg["calls"])]
    found = ask.complete(of.name, [prompt] * len(seeds), sampling, seeds)
    kind = prompts.task(of.name).answer_type
    texts = [each.text for each in found]
    rates = elicit_questions.rates(texts, kind, cfg["questions_per_call"])
    return [Asked("questions", prompt, each) for each in found], rates


def rationales(
    of: Subtask, prompts: Prompts, ask: Generator, cfg: dict
) -> tuple[list[Asked], dict[str, float]]:
    """Each technique and the naive prompt on validation items, whose right answers are known."""
    pairs = [(t, item) for item in of.items for t in (*cfg["techniques"], NAIVE)]
    asked = [prompts.rationale(of.name, t, item["question"]) for t, item in pairs]
    found = ask.complete(of.name, asked, Sampling(cfg["rationale_max_tokens"]))
    kind = prompts.task(of.name).answer_type
    rows = list(_judged(pairs, asked, found, kind, tag=cfg["tag_stated_answers"]))
    return rows, _rates(rows, kind)


def answers(
    of: Subtask, prompts: Prompts, ask: Generator, cfg: dict
) -> tuple[list[Asked], dict[str, float]]:
    """The student zero-shot, after an exemplar, and after the teacher's answer in each technique.

    With the spread of its accuracy between techniques, on items other than the example's.
    """
    first, exemplar = of.items[0], of.exemplars[0]
    examples = {"zero_shot": [], "exemplar": [(exemplar["question"], exemplar["rationale"])]}
    for technique, text in cfg["drafts"].get(of.name, {}).items():
        examples[technique] = [(first["question"], text)] if text else []
    pairs = [(kind, item) for kind in examples for item in of.items[1:] or of.items]
    asked = [
        Prompt.of(prompts.student(of.name, examples[k], item["question"])) for k, item in pairs
    ]
    found = ask.complete(of.name, asked, Sampling(cfg["max_tokens"]))
    kind = prompts.task(of.name).answer_type
    rows = list(_judged(pairs, asked, found, kind))
    rates = _rates([row for row in rows if row.kind != "zero_shot"], kind)
    of_techniques = [rates[f"right after {t}"] for t in cfg["drafts"].get(of.name, {})]
    spread = max(of_techniques) - min(of_techniques) if of_techniques else 0.0
    return rows, rates | {"spread": spread}


def _judged(
    pairs: list[tuple[str, dict]],
    asked: list[Prompt],
    found: list[Completion],
    kind: Form,
    *,
    tag: bool = False,
) -> Iterator[Asked]:
    for (name, item), prompt, completion in zip(pairs, asked, found, strict=True):
        said = (completion, item["question"], item["answer"], kind)
        yield Asked(name, prompt, completion, elicit_rationales.judged(*said, tag=tag))


def _rates(rows: list[Asked], kind: Form) -> dict[str, float]:
    """What the gates judge of rationales, and the share of right ones for each kind of prompt."""
    rates = elicit_rationales.rates([row.judged for row in rows], kind)
    for name in dict.fromkeys(row.kind for row in rows):
        own = [row.judged["fate"] == "right" for row in rows if row.kind == name]
        rates[f"right after {name}"] = sum(own) / len(own)
    return rates


USES = {"questions": questions, "rationales": rationales, "answers": answers}
LIMITED = {
    "questions": ({"questions": "questions"}, {}),
    "rationales": ({"tagged": "tagged"}, {"cut_off": "cut_off"}),
    "answers": ({"tagged": "answers"}, {}),
}
"""Rates that must be at least, and at most, a limit of block `gates`."""


def text_of(of: Subtask, rows: list[Asked], rates: dict[str, float], ask: Generator) -> str:
    """A subtask's first prompts of each kind with their answers, and its rates."""
    parts = [f"===== {of.name} ====="]
    kinds = dict.fromkeys(row.kind for row in rows)
    of_each = [next(row for row in rows if row.kind == kind) for kind in kinds]
    choice = rows if len(kinds) == 1 else of_each
    for row in [*choice[: SHOWN - 1], choice[-1]]:
        ended = f"{row.completion.finish_reason}, {row.completion.n_output_tokens} tokens"
        parts.append(f"--- prompt ({row.kind}) ---\n{ask.rendering.text(row.prompt)}")
        parts.append(f"--- answer ({ended}) ---\n{row.completion.text}")
    shares = "\n".join(f"{rate:6.2f}  {name}" for name, rate in rates.items())
    return "\n".join([*parts, "--- shares ---", shares])


def verdict(use: str, rates: dict[str, dict[str, float]], limits: dict) -> str:
    """Which limits of block `gates` the rates of some subtask fail, in words."""
    least, most = LIMITED[use]
    fails = [
        f"{name}: {rate} {found[rate]:.2f}, gates.{limit} is {limits[limit]:g}"
        for name, found in rates.items()
        for names, sign in ((least, 1), (most, -1))
        for rate, limit in names.items()
        if limit in limits and sign * found[rate] < sign * limits[limit]
    ]
    if not fails:
        return f"===== {use}: fails no limit ====="
    return "\n".join([f"===== {use}: a run would stop here (docs/gates.md) =====", *fails])


@cli
def main() -> None:
    """Ask, and write a text to read and the rates as JSON."""
    files = ("--validation+", "--exemplars+", "--drafts*")
    flags = (*job.ASKS[:-1], *files, "--output", "--output-rates")
    args = job.parse_command(__doc__, dict.fromkeys(USES, flags))
    cfg, prompts = args.cfg, Prompts(args.prompts)
    cfg["drafts"] = io.read_json(args.drafts[0])["drafts"] if args.drafts else {}
    ask = Generator(args.model, cfg["engine"], args.journal, f"preview-{args.command}")
    validation = io.read_tables(args.validation, ITEMS)
    exemplars = io.read_tables(args.exemplars, EXEMPLARS)
    texts, rates, drafts = [f"##### {args.command} of {args.model} #####"], {}, {}
    for name in cfg["subtasks"]:
        items = job.of_subtask(validation, name, "validation items").head(cfg["calls"]).to_dicts()
        of = Subtask(name, items, job.first_exemplars(exemplars, name, cfg["seed_questions"]))
        rows, rates[name] = USES[args.command](of, prompts, ask, cfg)
        texts.append(text_of(of, rows, rates[name], ask))
        if args.command == "rationales":
            drafts[name] = _first_drafts(rows)
    limits = gates.limits()
    texts.append(verdict(args.command, rates, limits if limits["calls"] else {}))
    io.write_text("\n\n".join(texts) + "\n\n", args.output)
    io.write_json({"rates": rates, "drafts": drafts}, args.output_rates)


def _first_drafts(rows: list[Asked]) -> dict[str, str]:
    """The first item's drafts by technique, as a run keeps them; `rows` go from item to item."""
    found: dict[str, str] = {}
    for row in rows:
        if row.kind != NAIVE:
            found.setdefault(row.kind, row.judged["rationale"])
    return found


if __name__ == "__main__":
    main()
