"""What a configuration will ask of its models, stage by stage, before anything runs.

Counts are exact where the configuration decides them; tokens rest on the lengths of plan_lengths.
"""

from collections.abc import Iterator
from math import ceil

from arte.mini.problem import TECHNIQUES
from arte.plan.lengths import Lengths
from arte.plan.sizes import (
    TABLE_3,
    TABLE_5,
    drafts,
    n_jobs,
    naive_pairs,
    names,
    of_round,
    questions_of,
    rounds,
    tailors,
    test_items,
    writer,
)
from arte.plan.training import align_teacher, finetune_student, is_nano, train_nano
from arte.plan.work import Work, summed

LengthsOf = dict[str, Lengths]
"""Of every subtask, benchmark and instruction set, by name."""


def _subtasks(config: dict, lengths: LengthsOf) -> list[Lengths]:
    return [lengths[name] for name in config["data"]["subtasks"]]


def check_gates(config: dict, lengths: LengthsOf) -> Iterator[Work]:
    """Fresh problems for teacher and student of source nano, a job each."""
    roles, gates = config["roles"], config["nano"]["gates"]
    if not is_nano(config, roles["teacher"]):
        return
    teacher = Work("check_gates", roles["teacher"], 1)
    student = Work("check_gates", roles["student"], 1)
    problems, per_call = gates["problems"], config["elicit"]["questions_per_call"]
    for own in (lengths[name] for name in names(config)):
        answer = per_call * own.tagged_question
        teacher.ask(gates["calls"], own=own.question_prompt, answer=answer)
        for _ in TECHNIQUES:
            prompt = {"own": own.question, "shared": own.instruction, "sharers": problems}
            teacher.ask(problems, **prompt, answer=own.rationale)
            student.ask(problems, own=own.student(1) + own.question, answer=own.answer)
        ask_naive(teacher, own, problems)
        zero_shot = {"own": own.question, "shared": own.student(0), "sharers": problems}
        student.ask(problems, **zero_shot, answer=own.answer)
    yield from (teacher, student)


def collect_responses(config: dict, lengths: LengthsOf) -> Iterator[Work]:
    """Validation items at every number of shots, for each panel model (§4.1)."""
    items = config["data"]["validation_items"]
    for name in config["roles"]["panel"]:
        work = Work("collect_responses", name, n_jobs(config, "respond"))
        for own in _subtasks(config, lengths):
            for shots in config["prefer"]["shots"]:
                prompt = {"own": own.question, "shared": own.exemplars(shots), "sharers": items}
                work.ask(items, **prompt, answer=own.answer_after(shots))
        yield work


def ask_questions(work: Work, own: Lengths, n: int, elicit: dict) -> None:
    """Add the calls for `n` questions, of which a share is kept; all share one prompt (§3.1)."""
    per_call = elicit["questions_per_call"]
    calls = min(ceil(n / (per_call * own.question_yield)), elicit["max_calls"])
    answer = per_call * own.tagged_question
    work.ask(calls, own=0.0, shared=own.question_prompt, sharers=calls, answer=answer)


def draft_questions(config: dict, lengths: LengthsOf) -> Iterator[Work]:
    """Questions of each round's teacher before it is aligned (§3.1)."""
    for number in rounds(config):
        chosen = any(arm["questions"] == "original" for arm in of_round(config, number))
        if not (chosen or drafts(config, number)):
            continue
        name = writer(config, "original", number)
        work = Work("draft_questions", name, n_jobs(config, "elicit"))
        for own in _subtasks(config, lengths):
            ask_questions(work, own, config["elicit"]["questions"], config["elicit"])
        yield work


def draft_rationales(config: dict, lengths: LengthsOf) -> Iterator[Work]:
    """One rationale per question and technique (§3.1)."""
    n, techniques = config["elicit"]["questions"], len(config["elicit"]["techniques"])
    for number in rounds(config):
        if not drafts(config, number):
            continue
        name = writer(config, "original", number)
        work = Work("draft_rationales", name, n_jobs(config, "elicit"))
        for own in _subtasks(config, lengths):
            prompt = {"own": own.question, "shared": own.instruction, "sharers": n}
            work.ask(n * techniques, **prompt, answer=own.rationale)
        yield work


def _score(config: dict, lengths: LengthsOf, stage: str, *, questions: int, items: int) -> Work:
    """The drafts of some questions, each as the example of every item (Eq. 3)."""
    asked = questions * len(config["elicit"]["techniques"])
    work = Work(stage, config["roles"]["student"], n_jobs(config, "score"))
    for own in _subtasks(config, lengths):
        prompt = {"own": own.question, "shared": own.student(1), "sharers": items}
        work.ask(asked * items, **prompt, answer=own.answer)
    return work


def _read_drafts(config: dict, lengths: LengthsOf) -> Work:
    """Each draft once, after the student's prompt without example; scorer loglik writes nothing."""
    n = config["elicit"]["questions"] * len(config["elicit"]["techniques"])
    work = Work("score_rationales", config["roles"]["student"], n_jobs(config, "score"))
    for own in _subtasks(config, lengths):
        prompt = {"own": own.question + own.rationale, "shared": own.student(0), "sharers": n}
        work.ask(n, **prompt, answer=0.0)
    return work


def score_rationales(config: dict, lengths: LengthsOf) -> Iterator[Work]:
    """Every draft of a round, by the scorer; after the first round of a student that it trained."""
    questions, items = config["elicit"]["questions"], config["prefer"]["preference_items"]
    for number in rounds(config):
        if drafts(config, number) and config["prefer"]["scorer"] == "loglik":
            yield _read_drafts(config, lengths)
        elif drafts(config, number):
            yield _score(config, lengths, "score_rationales", questions=questions, items=items)


def collect_consistency_outputs(config: dict, lengths: LengthsOf) -> Iterator[Work]:
    """Some questions' drafts on all validation items (App. E)."""
    n = min(config["report"]["consistency_questions"], config["elicit"]["questions"])
    if n:
        items = config["data"]["validation_items"]
        yield _score(config, lengths, "collect_consistency_outputs", questions=n, items=items)


def tailor_questions(config: dict, lengths: LengthsOf) -> Iterator[Work]:
    """New questions of the aligned teacher (App. F)."""
    for number in rounds(config):
        if tailors(config, number):
            work = Work("tailor_questions", "aligned_teacher", n_jobs(config, "tailor"))
            for own in _subtasks(config, lengths):
                ask_questions(work, own, config["tailor"]["questions"], config["elicit"])
            yield work


def ask_naive(work: Work, own: Lengths, n: int) -> None:
    """Add one answer to the naive prompt for each of `n` questions (Table 8)."""
    work.ask(n, own=own.question, shared=own.naive, sharers=n, answer=own.rationale)


def tailor_rationales(config: dict, lengths: LengthsOf) -> Iterator[Work]:
    """Answers to the naive prompt, for the arms and for the technique shift."""
    for number in rounds(config):
        for whose, teacher in naive_pairs(config, number):
            name = writer(config, teacher, number)
            work = Work("tailor_rationales", name, n_jobs(config, "tailor"))
            for own in _subtasks(config, lengths):
                ask_naive(work, own, questions_of(config, whose))
            yield work


def transfer_data(config: dict, lengths: LengthsOf) -> Iterator[Work]:
    """Questions, then their rationales, of both teachers for benchmarks outside (Table 4)."""
    benchmarks, n = config["ood"]["transfer"], config["ood"]["questions"]
    for stage in ("transfer_questions", "transfer_rationales") if benchmarks else ():
        for teacher in ("original", "aligned"):
            work = Work(stage, writer(config, teacher, 1), 1)
            for own in (lengths[name] for name in benchmarks):
                if stage == "transfer_questions":
                    ask_questions(work, own, n, config["elicit"])
                else:
                    ask_naive(work, own, n)
            yield work


def _evaluate(
    config: dict, lengths: LengthsOf, stage: str, *, student: str, tested: list[str], students: int
) -> Work:
    """Test items at every number of shots, for a number of trained or untrained students."""
    work = Work(stage, student, students)
    for name in tested:
        own, items = lengths[name], test_items(config, name)
        for shots in config["evaluate"]["shots"]:
            prompt = {"own": own.question, "shared": own.exemplars(shots), "sharers": items}
            for _ in range(students):
                work.ask(items, **prompt, answer=own.answer_after(shots))
    return work


def evaluate_student(config: dict, lengths: LengthsOf) -> Iterator[Work]:
    """Every arm's students and the untrained one on BBH (Tables 2 and 6); then unseen ones (5)."""
    seeds, roles = len(config["finetune"]["seeds"]), config["roles"]
    trained = {roles["student"]: 1 + len(config["arms"]) * seeds}
    trained |= dict.fromkeys(roles["unseen"], len(TABLE_5) * seeds)
    for student, students in trained.items():
        what = {"student": student, "students": students, "tested": config["data"]["subtasks"]}
        work = _evaluate(config, lengths, "evaluate_student", **what)
        work.jobs *= n_jobs(config, "evaluate")
        yield work


def evaluate_ood(config: dict, lengths: LengthsOf) -> Iterator[Work]:
    """Students of ARTE, its baseline and the instruction sets outside BBH (Table 3)."""
    if benchmarks := config["ood"]["benchmarks"]:
        sets = sum("instructions" in arm for arm in config["arms"].values())
        students = 1 + (len(TABLE_3) - 1 + sets) * len(config["finetune"]["seeds"])
        what = {"student": config["roles"]["student"], "students": students}
        yield _evaluate(config, lengths, "evaluate_student_ood", **what, tested=benchmarks)


def evaluate_transfer(config: dict, lengths: LengthsOf) -> Iterator[Work]:
    """Each benchmark's own two students on that benchmark (Table 4)."""
    for name in config["ood"]["transfer"]:
        students = 2 * len(config["finetune"]["seeds"])
        what = {"student": config["roles"]["student"], "students": students}
        yield _evaluate(config, lengths, "evaluate_student_transfer", **what, tested=[name])


STAGES = (
    train_nano,
    check_gates,
    collect_responses,
    draft_questions,
    draft_rationales,
    score_rationales,
    collect_consistency_outputs,
    align_teacher,
    tailor_questions,
    tailor_rationales,
    transfer_data,
    finetune_student,
    evaluate_student,
    evaluate_ood,
    evaluate_transfer,
)
"""What asks or trains a model, in the order of the paper; add a stage's function here."""


def plan(config: dict, lengths: LengthsOf) -> list[Work]:
    """All stages of a checked config; rounds with one model in a stage are one row."""
    return summed(work for stage in STAGES for work in stage(config, lengths))
