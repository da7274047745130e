"""The trainings of a plan: nano models, the aligned teacher, students."""

from statistics import mean

from arte.plan.lengths import Lengths
from arte.plan.sizes import Training, aligns, questions_of, rounds, trainings
from arte.plan.work import Work


def is_nano(config: dict, name: str) -> bool:
    """Whether the pipeline trains this model itself."""
    return config["models"][name]["source"] == "nano"


def _from_scratch(config: dict, name: str, *, stage: str, tokens: int, processes: int) -> Work:
    """A nano model's training on whole batches of whole sequences."""
    nano = config["nano"]
    per_step = nano["batch_tokens"] // nano["context"] * nano["context"]
    steps = max(1, tokens // per_step)
    learned = {"steps": steps, "prompt": float(steps * per_step), "processes": processes}
    return Work(stage, name, 1, "train", **learned)


def train_nano(config: dict, _lengths: dict[str, Lengths]) -> list[Work]:
    """Student (with its panel), teacher and unseen students that the pipeline trains itself."""
    roles, nano = config["roles"], config["nano"]
    rows = []
    for role in ("student", "teacher"):
        if is_nano(config, roles[role]):
            stage, tokens = f"train_nano_{role}", nano[f"{role}_tokens"]
            processes = nano["processes"]
            rows.append(
                _from_scratch(config, roles[role], stage=stage, tokens=tokens, processes=processes)
            )
    for name in roles["unseen"]:
        if is_nano(config, name):
            tokens = nano["unseen"][name]["tokens"]
            rows.append(
                _from_scratch(config, name, stage="train_nano_unseen", tokens=tokens, processes=1)
            )
    return rows


def padded(kinds: list[tuple[float, float]], batch: int) -> float:
    """Mean length of a sequence after padding to the longest of its batch.

    Of each kind: its share of all sequences, and its length (tokens), taken to be the same for all.
    """
    total, shorter = 0.0, 0.0
    for share, length in sorted(kinds, key=lambda kind: kind[1]):
        longest = (shorter + share) ** batch - shorter**batch  # chance that none is longer
        total += longest * length
        shorter += share
    return total


def align_teacher(config: dict, lengths: dict[str, Lengths]) -> list[Work]:
    """DPO on one pair per question and the question pairs (§3.3), as if no score were tied."""
    owns = [lengths[name] for name in config["data"]["subtasks"]]
    rationales, questions = config["elicit"]["questions"], config["pairs"]["question_pairs"]
    each = rationales + questions  # pairs of a subtask
    kinds = [
        (rationales / each, mean(own.naive + own.question + own.rationale for own in owns)),
        (questions / each, mean(own.question_prompt + own.tagged_question for own in owns)),
    ]
    dpo, processes = config["align"]["dpo"], config["align"]["launch"]["num_processes"]
    tokens = padded(kinds, dpo["per_device_train_batch_size"])
    work = Work("align_teacher", config["roles"]["teacher"], 0, "train")
    for number in rounds(config):
        if aligns(config, number):
            work.jobs += 1
            work.learn(len(owns) * each, 2 * tokens, dpo, processes)
    return [work]


def training_set(
    config: dict, lengths: dict[str, Lengths], training: Training
) -> tuple[int, float]:
    """Examples of a training set, and their mean tokens."""
    if training.benchmark:
        return config["ood"]["questions"], lengths[training.benchmark].example
    arm = config["arms"][training.arm]
    if "instructions" in arm:
        return config["instructions"]["rows"], lengths[arm["instructions"]].example
    subtasks = config["data"]["subtasks"]
    tokens = sum(lengths[name].example for name in subtasks) / len(subtasks)
    return questions_of(config, arm["questions"]) * len(subtasks), tokens


def finetune_student(config: dict, lengths: dict[str, Lengths]) -> list[Work]:
    """One student per training set and seed (§4.1, §5)."""
    rows: dict[str, Work] = {}
    for training in trainings(config):
        work = rows.setdefault(
            training.student, Work("finetune_student", training.student, 0, "train")
        )
        examples, tokens = training_set(config, lengths, training)
        for _ in config["finetune"]["seeds"]:
            work.jobs += 1
            block = config["finetune"]
            work.learn(examples, tokens, block["sft"], block["launch"]["num_processes"])
    return list(rows.values())
