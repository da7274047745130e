"""What a configuration will ask of its models, stage by stage, before anything runs.

Counts are exact where the configuration decides them; tokens rest on the lengths of plan_lengths.
"""

from dataclasses import dataclass
from math import ceil

from arte.plan_lengths import Lengths
from arte.tasks import SUBTASKS

PUBLISHED_ITEMS = dict.fromkeys(SUBTASKS, 250) | {
    "causal_judgement": 187,
    "penguins_in_a_table": 146,
    "snarks": 178,
}
"""Examples of each public file (6511 in all)."""


@dataclass
class Work:
    """One stage with one model: requests and tokens if it generates, steps if it trains.

    `read` are the prompt tokens left to compute when every shared prefix is computed once
    (numerics: p' = own + shared / sharers), `prompt` all of them, `written` the answers' tokens.
    Of a training, `prompt` are the tokens of all examples and epochs.
    """

    stage: str
    model: str
    jobs: int
    kind: str = "generate"
    requests: int = 0
    prompt: float = 0.0
    read: float = 0.0
    written: float = 0.0
    steps: int = 0

    def ask(
        self, n: int, *, own: float, shared: float = 0.0, sharers: int = 1, answer: float
    ) -> None:
        """Add `n` requests of shared + own prompt tokens, `sharers` of which share a prefix."""
        self.requests += n
        self.prompt += n * (shared + own)
        self.read += n * (own + shared / max(1, min(sharers, n)))
        self.written += n * answer

    def learn(self, examples: int, tokens: float, block: dict) -> None:
        """Add the training on `examples` of `tokens` each, by arguments of TRL's config."""
        batch = block["per_device_train_batch_size"] * block.get("gradient_accumulation_steps", 1)
        self.requests += examples
        self.prompt += examples * tokens * block["num_train_epochs"]
        self.steps += ceil(examples / batch) * block["num_train_epochs"]


def n_jobs(config: dict, stage: str) -> int:
    """Jobs of a stage per model: config `jobs`, at most one per subtask."""
    return min(config["jobs"][stage], len(config["data"]["subtasks"]))


def test_items(config: dict, subtask: str) -> int:
    """Test items of a subtask; of public data those that are not held out for validation."""
    data = config["data"]
    if data["source"] == "embedded":
        return data["test_items"]
    left = PUBLISHED_ITEMS[subtask] - data["validation_items"]
    return min(data["test_items"] or left, left)


def naive_pairs(config: dict) -> list[tuple[str, str]]:
    """(whose questions, who answers) of the naive prompts that the arms need."""
    arms = config["arms"].values()
    return sorted({(a["questions"], a["rationales"]) for a in arms if a["rationales"] != "drafts"})


def questions_of(config: dict, teacher: str) -> int:
    """Questions per subtask of the teacher `original` or `aligned`."""
    return config["elicit" if teacher == "original" else "tailor"]["questions"]


def train_nano(config: dict, _lengths: dict[str, Lengths]) -> list[Work]:
    """Student (with its panel) and teacher, where the pipeline trains them itself."""
    roles, nano = config["roles"], config["nano"]
    if config["models"][roles["teacher"]]["source"] != "nano":
        return []
    per_step = nano["batch_tokens"] // nano["context"] * nano["context"]
    rows = []
    for role in ("student", "teacher"):
        tokens = nano[f"{role}_tokens"]
        steps = max(1, tokens // per_step)
        stage = f"train_nano_{role}"
        rows.append(
            Work(stage, roles[role], 1, "train", steps=steps, prompt=float(steps * per_step))
        )
    return rows


def check_gates(config: dict, lengths: dict[str, Lengths]) -> list[Work]:
    """Fresh problems for teacher and student of source nano: one job loads both."""
    roles, gates = config["roles"], config["nano"]["gates"]
    if config["models"][roles["teacher"]]["source"] != "nano":
        return []
    work = Work("check_gates", roles["teacher"], 1)
    problems, per_call = gates["problems"], config["elicit"]["questions_per_call"]
    for own in lengths.values():
        work.ask(gates["calls"], own=own.question_prompt, answer=per_call * own.tagged_question)
        for _ in config["elicit"]["techniques"]:
            prompt = {"own": own.question, "shared": own.instruction, "sharers": problems}
            work.ask(problems, **prompt, answer=own.rationale)
            work.ask(problems, own=own.student(1) + own.question, answer=own.answer)
        zero_shot = {"own": own.question, "shared": own.student(0), "sharers": problems}
        work.ask(problems, **zero_shot, answer=own.answer)
    return [work]


def collect_responses(config: dict, lengths: dict[str, Lengths]) -> list[Work]:
    """Validation items at every number of shots, for each panel model (§4.1)."""
    items, rows = config["data"]["validation_items"], []
    for name in config["roles"]["panel"]:
        work = Work("collect_responses", name, n_jobs(config, "respond"))
        for own in lengths.values():
            for shots in config["prefer"]["shots"]:
                prompt = {"own": own.question, "shared": own.exemplars(shots), "sharers": items}
                work.ask(items, **prompt, answer=own.answer_after(shots))
        rows.append(work)
    return rows


def draft_questions(config: dict, lengths: dict[str, Lengths], stage: str = "elicit") -> list[Work]:
    """Calls for enough questions (§3.1), of which a share is kept; all share one prompt."""
    elicit, work = config["elicit"], None
    name = "draft_questions" if stage == "elicit" else "tailor_questions"
    teacher = config["roles"]["teacher"] if stage == "elicit" else "aligned_teacher"
    work = Work(name, teacher, n_jobs(config, stage))
    for own in lengths.values():
        per_call = elicit["questions_per_call"]
        calls = ceil(config[stage]["questions"] / (per_call * own.question_yield))
        calls = min(calls, elicit["max_calls"])
        answer = per_call * own.tagged_question
        work.ask(calls, own=0.0, shared=own.question_prompt, sharers=calls, answer=answer)
    return [work]


def draft_rationales(config: dict, lengths: dict[str, Lengths]) -> list[Work]:
    """One rationale per question and technique (§3.1)."""
    n, techniques = config["elicit"]["questions"], len(config["elicit"]["techniques"])
    work = Work("draft_rationales", config["roles"]["teacher"], n_jobs(config, "elicit"))
    for own in lengths.values():
        prompt = {"own": own.question, "shared": own.instruction, "sharers": n}
        work.ask(n * techniques, **prompt, answer=own.rationale)
    return [work]


def score_rationales(config: dict, lengths: dict[str, Lengths]) -> list[Work]:
    """Every draft as the example of every preference item (Eq. 3)."""
    items = config["prefer"]["preference_set"]
    drafts = config["elicit"]["questions"] * len(config["elicit"]["techniques"])
    work = Work("score_rationales", config["roles"]["student"], n_jobs(config, "score"))
    for own in lengths.values():
        prompt = {"own": own.question, "shared": own.student(1), "sharers": items}
        work.ask(drafts * items, **prompt, answer=own.answer)
    return [work]


def align_teacher(config: dict, lengths: dict[str, Lengths]) -> list[Work]:
    """DPO on one pair per question and the question pairs (§3.3), as if no score were tied."""
    work = Work("align_teacher", config["roles"]["teacher"], 1, "train")
    pairs, tokens = 0, 0.0
    for own in lengths.values():
        rationales, questions = config["elicit"]["questions"], config["pairs"]["question_pairs"]
        pairs += rationales + questions
        tokens += 2 * rationales * (own.naive + own.question + own.rationale)
        tokens += 2 * questions * (own.question_prompt + own.tagged_question)
    work.learn(pairs, tokens / pairs, config["align"]["dpo"])
    return [work]


def tailor_rationales(config: dict, lengths: dict[str, Lengths]) -> list[Work]:
    """Answers to the naive prompt, for each pair of questions and teacher that an arm needs."""
    rows = {}
    for whose, teacher in naive_pairs(config):
        name = config["roles"]["teacher"] if teacher == "original" else "aligned_teacher"
        work = rows.setdefault(name, Work("tailor_rationales", name, 0))
        work.jobs += n_jobs(config, "tailor")
        n = questions_of(config, whose)
        for own in lengths.values():
            prompt = {"own": own.question, "shared": own.naive, "sharers": n}
            work.ask(n, **prompt, answer=own.rationale)
    return list(rows.values())


def finetune_student(config: dict, lengths: dict[str, Lengths]) -> list[Work]:
    """One student per arm and seed, on the arm's training set (§4.1)."""
    seeds = len(config["finetune"]["seeds"])
    jobs = len(config["arms"]) * seeds
    work = Work("finetune_student", config["roles"]["student"], jobs, "train")
    for arm in config["arms"].values():
        n = questions_of(config, arm["questions"])
        tokens = sum(own.student(0) + own.question + own.rationale for own in lengths.values())
        for _ in range(seeds):
            examples = n * len(lengths)
            work.learn(examples, tokens / len(lengths), config["finetune"]["sft"])
    return [work]


def evaluate_student(config: dict, lengths: dict[str, Lengths]) -> list[Work]:
    """Test items at every number of shots, for every student and the untrained one (§4.2)."""
    students = 1 + len(config["arms"]) * len(config["finetune"]["seeds"])
    jobs = students * n_jobs(config, "evaluate")
    work = Work("evaluate_student", config["roles"]["student"], jobs)
    for subtask, own in lengths.items():
        items = test_items(config, subtask)
        for shots in config["evaluate"]["shots"]:
            prompt = {"own": own.question, "shared": own.exemplars(shots), "sharers": items}
            for _ in range(students):
                work.ask(items, **prompt, answer=own.answer_after(shots))
    return [work]


def tailor_questions(config: dict, lengths: dict[str, Lengths]) -> list[Work]:
    """New questions of the aligned teacher (App. F)."""
    return draft_questions(config, lengths, "tailor")


STAGES = (
    train_nano,
    check_gates,
    collect_responses,
    draft_questions,
    draft_rationales,
    score_rationales,
    align_teacher,
    tailor_questions,
    tailor_rationales,
    finetune_student,
    evaluate_student,
)
"""What asks or trains a model, in the order of the paper; add a stage's function here."""


def plan(config: dict, lengths: dict[str, Lengths]) -> list[Work]:
    """All stages of a checked config; `lengths` has one entry per subtask, in its order."""
    return [work for stage in STAGES for work in stage(config, lengths)]
