"""Jobs that make tables without a model: how many rows, and of which lengths.

Each function takes a job and what is known before it, and adds what the job makes.
"""

from pathlib import Path

from arte.core.tasks import Source, declared
from arte.data.layout import bigbench_pins
from arte.plan.jobs import Job
from arte.plan.known import Known, Rows
from arte.plan.lengths import (
    mean_length,
    measured,
    miniature,
    miniature_instructions,
    own_instructions,
    published,
)
from arte.tailor import own_rows as files
from arte.tasks.items import N_EXEMPLARS, Splits, splits


def draw_bbh(job: Job, known: Known) -> None:
    """A miniature subtask: as many items as asked for."""
    cfg = job.cfg
    name, seed = cfg["subtask"], cfg["seed"]
    known.texts[name] = miniature(name, known.prompts, seed=seed, difficulty=cfg["difficulty"])
    known.make(job.files("output-items"), cfg["test_items"])
    known.make(job.files("output-validation"), cfg["validation_items"])


def public_bbh(job: Job, known: Known) -> None:
    """A published subtask; validation items are held out of the test items."""
    name, assumed = job.cfg["subtask"], known.assumed["lengths"]
    known.texts[name] = published(name, known.prompts, assumed)
    if job.words == ("fetch",):
        known.make(job.files("output-raw"), assumed["bbh"][name][0])
        return
    left = known.rows(job.file("raw")) - job.cfg["validation_items"]
    known.make(job.files("output-items"), min(job.cfg["test_items"] or left, left))
    known.make(job.files("output-validation"), job.cfg["validation_items"])


def bigbench_files(job: Job, known: Known) -> None:
    """BIG-bench's files: of each as many items as BBH does not have."""
    pins = bigbench_pins(job.file("pins"))
    for name, path in zip(job.cfg["subtasks"], job.files("output-raw"), strict=True):
        known.make([path], pins[name]["spare"])


def bigbench(job: Job, known: Known) -> None:
    """Validation items from BIG-bench; what it has too few of comes out of the test items."""
    cfg, name = job.cfg, job.cfg["subtask"]
    known.texts[name] = published(name, known.prompts, known.assumed["lengths"])
    wanted, test = cfg["validation_items"], known.rows(job.file("raw"))
    missing = max(0, wanted - known.rows(job.file("task"))) if job.files("task") else 0
    test -= missing if cfg["shortage"] == "held_out" else 0
    known.make(job.files("output-items"), min(cfg["test_items"] or test, test))
    fewer = missing if cfg["shortage"] == "fewer" else 0
    known.make(job.files("output-validation"), wanted - fewer)


def own_task(job: Job, known: Known) -> None:
    """A task of the user's own: its items are counted, and their lengths measured."""
    cfg, kind = job.cfg, declared(job.cfg)
    paths = {split: job.options.get(split, []) for split in Splits._fields}
    given = {split: path[0] for split, path in paths.items() if path}
    found = splits(kind, Source(answer_after=cfg["answer_after"]), given.get)
    known.texts[kind.name] = measured(kind.name, known.prompts, found, known.assumed["lengths"])
    held_out = cfg["validation_items"] + (0 if found.exemplars else N_EXEMPLARS)
    left = len(found.items) - (0 if found.validation else held_out)
    known.make(job.files("output-items"), min(cfg["test_items"] or left, left))
    known.make(job.files("output-validation"), cfg["validation_items"])


def draw_ood(job: Job, known: Known) -> None:
    """A miniature benchmark outside BBH."""
    cfg = job.cfg
    name, seed = cfg["subtask"], cfg["seed"]
    known.texts[name] = miniature(name, known.prompts, seed=seed, difficulty=cfg["difficulty"])
    known.make(job.files("output-raw"), cfg["test_items"])


def prepare_ood(job: Job, known: Known) -> None:
    """A benchmark outside BBH, which has validation items of its own."""
    name, assumed = job.cfg["subtask"], known.assumed["lengths"]
    if job.words == ("fetch",):
        known.texts[name] = published(name, known.prompts, assumed)
        known.make(job.files("output-raw"), assumed["ood"][name][0])
        return
    left = known.rows(job.file("raw"))
    known.make(job.files("output-items"), min(job.cfg["test_items"] or left, left))
    known.make(job.files("output-validation"), job.cfg["validation_items"])


def draw_instructions(job: Job, known: Known) -> None:
    """A miniature instruction set."""
    name = job.cfg["instructions"]
    known.instructions[name] = miniature_instructions(name, job.cfg["seed"])


def prepare_instructions(job: Job, known: Known) -> None:
    """A training set of an instruction set's rows: template, request and response each."""
    name = job.cfg["instructions"]
    if job.words == ("fetch",):
        known.instructions[name] = tuple(known.assumed["lengths"]["instruction_chars"])
        return
    own = Path(job.file("raw"))
    texts = own_instructions(own) if own.is_file() else known.instructions[name]
    chars = len(known.prompts.instruction("", "")) + sum(texts)
    known.tables[job.file("output")] = [Rows(job.cfg["rows"], chars)]


def preference_set(job: Job, known: Known) -> None:
    """The items of each subtask that tell models apart (§3.2)."""
    known.make(job.files("output"), job.cfg["preference_items"])


def preference_pairs(job: Job, known: Known) -> None:
    """One pair per question and the question pairs (§3.3), as if no score were tied.

    Each is a prompt with two answers. Both sequences are counted by `align`.
    """
    cfg, owns = job.cfg, known.subtasks(job, "questions")
    seeds, per_call = cfg["seed_questions"], cfg["questions_per_call"]
    kinds = []
    for own, rows in owns:
        kinds.append(
            Rows(rows, own.technique("naive") + own.question + own.rationale, kind="rationale")
        )
        asked = own.question_prompt(seeds, per_call)
        kinds.append(Rows(cfg["question_pairs"], asked + own.tagged_question, kind="question"))
    known.tables[job.file("output")] = kinds


def training_set(job: Job, known: Known) -> None:
    """One example per question, as if every question had a rationale (§4.1)."""
    owns = known.subtasks(job, "questions")
    known.tables[job.file("output")] = [Rows(rows, own.example) for own, rows in owns]


def own_rows(job: Job, known: Known) -> None:
    """A training set of the user's own, as long as its rows are."""
    found = [row for _, row in files.read(job.file("rows"), job.cfg["subtasks"])]
    chars = mean_length(row.asked + row.answer for row in found)
    if found[0].subtask is not None:
        chars += len(known.prompts.student(found[0].subtask, [], ""))
    known.tables[job.file("output")] = [Rows(len(found), chars)]


def page(job: Job, known: Known) -> None:
    """The page of a run reads what models wrote, and their folders' records; it asks none."""
