"""Jobs that ask a model: how many requests, and of which lengths.

Each function takes a job and what is known before it; it returns the job's work and adds the tables
that the job makes. Counts follow from the job's own configuration and the rows that it reads.
"""

from math import ceil

from arte.core.prompts import NAIVE
from arte.mini.problem import TECHNIQUES
from arte.plan.jobs import Job
from arte.plan.known import Known, Rows
from arte.plan.lengths import Lengths
from arte.plan.work import Work


def questions(job: Job, known: Known) -> Work:
    """Calls for new questions, of which a share is kept; all share one prompt (§3.1, App. F)."""
    work, cfg = known.generation(job), job.cfg
    seeds, per_call = cfg["seed_questions"], cfg["questions_per_call"]
    kept = per_call * known.assumed["lengths"]["question_yield"]
    for name in cfg["subtasks"]:
        own, calls = known.lengths(name), min(ceil(cfg["questions"] / kept), cfg["max_calls"])
        prompt = {"own": 0.0, "shared": own.question_prompt(seeds, per_call), "sharers": calls}
        work.ask(calls, **prompt, answer=per_call * own.tagged_question)
    known.make(job.files("output"), cfg["questions"])
    return work


def rationales(job: Job, known: Known) -> Work:
    """One rationale per question and technique (§3.1, Table 8)."""
    work, techniques = known.generation(job), job.cfg["techniques"]
    owns = known.subtasks(job, "questions")
    for path, (own, n) in zip(job.files("output"), owns, strict=True):
        for technique in techniques:
            prompt = {"own": own.question, "shared": own.technique(technique), "sharers": n}
            work.ask(n, **prompt, answer=own.rationale)
        known.tables[path] = [Rows(n * len(techniques), each=len(techniques))]
    return work


def _test(work: Work, own: Lengths, items: int, shots: list[int]) -> None:
    """Items of one subtask at every number of shots."""
    for k in shots:
        prompt = {"own": own.question, "shared": own.exemplars(k), "sharers": items}
        work.ask(items, **prompt, answer=own.answer_after(k))


def responses(job: Job, known: Known) -> Work:
    """Validation items at every number of shots (§4.1)."""
    work = known.generation(job)
    for own, items in known.subtasks(job, "validation"):
        _test(work, own, items, job.cfg["shots"])
    return work


def evaluation(job: Job, known: Known) -> Work:
    """Test items at every number of shots (§4.2)."""
    work = known.generation(job)
    for own, items in known.subtasks(job, "items"):
        _test(work, own, items, job.cfg["shots"])
    return work


def scores(job: Job, known: Known) -> Work:
    """Drafts, each as the example of every item that the job is given (Eq. 3, App. E).

    A job without items reads each draft itself, after the student's prompt. A job whose `cfg` has
    no `max_tokens` writes nothing. With `consistency_questions`, only the drafts of so many are
    asked.
    """
    work, cfg = known.generation(job), job.cfg
    items = [path for name in ("preference", "validation") for path in job.options.get(name, [])]
    for i, (own, rows) in enumerate(known.subtasks(job, "rationales")):
        each = known.kinds(job.files("rationales")[i])[0].each
        drafts = min(rows, cfg.get("consistency_questions", rows) * each)
        answer = own.answer if "max_tokens" in cfg else 0.0
        if items:
            n = known.rows(items[i])
            prompt = {"own": own.question, "shared": own.student(1), "sharers": n}
            work.ask(drafts * n, **prompt, answer=answer)
        else:
            text = own.question + own.rationale
            work.ask(drafts, own=text, shared=own.student(0), sharers=drafts, answer=answer)
    return work


def gates(job: Job, known: Known) -> Work:
    """Fresh problems for the teacher or the student that the pipeline trained."""
    work, cfg = known.generation(job), job.cfg
    ask = {"teacher": _gate_teacher, "student": _gate_student}[job.words[0]]
    for name in cfg["subtasks"]:
        ask(work, known.lengths(name), cfg)
    return work


def _gate_teacher(work: Work, own: Lengths, cfg: dict) -> None:
    """Calls for questions, each with three seed questions of its own; rationales."""
    problems, per_call = cfg["gates"]["problems"], cfg["elicit"]["questions_per_call"]
    answer = per_call * own.tagged_question
    work.ask(cfg["gates"]["calls"], own=own.question_prompt(3, per_call), answer=answer)
    for technique in (*TECHNIQUES, NAIVE):
        prompt = {"own": own.question, "shared": own.technique(technique), "sharers": problems}
        work.ask(problems, **prompt, answer=own.rationale)


def _gate_student(work: Work, own: Lengths, cfg: dict) -> None:
    """Problems after an example in each technique, no two the same; zero-shot."""
    problems = cfg["gates"]["problems"]
    for _ in TECHNIQUES:
        work.ask(problems, own=own.student(1) + own.question, answer=own.answer)
    zero_shot = {"own": own.question, "shared": own.student(0), "sharers": problems}
    work.ask(problems, **zero_shot, answer=own.answer)
