"""How many items, questions, rounds and trainings a checked configuration asks for."""

from dataclasses import dataclass

from arte.core.tasks import SUBTASKS

PUBLISHED_ITEMS = dict.fromkeys(SUBTASKS, 250) | {
    "causal_judgement": 187,
    "penguins_in_a_table": 146,
    "snarks": 178,
}
"""Examples of each public file of BIG-Bench Hard (6511 in all)."""

OOD_ITEMS = {
    "arc_challenge": 1172,
    "arc_easy": 2376,
    "commonsense_qa": 1221,
    "gsm8k": 1319,
    "piqa": 1838,
}
"""Rows of the split that each benchmark outside is tested on (validation, of PIQA and CSQA)."""

TABLE_5 = ("original_teacher", "arte")
"""Arms that unseen students are trained on."""

TABLE_3 = ("vanilla", *TABLE_5)
"""Arms that are tested outside BBH, besides the instruction sets."""


@dataclass(frozen=True)
class Training:
    """One student on one training set, once per seed.

    `benchmark` is the one that an arm of Table 4 was written for, None for other arms.
    """

    student: str
    arm: str
    benchmark: str | None = None


def names(config: dict) -> list[str]:
    """The subtasks of BBH, then the benchmarks outside: what has prompt files and lengths."""
    return config["data"]["subtasks"] + config["ood"]["benchmarks"]


def n_jobs(config: dict, stage: str) -> int:
    """Jobs of a stage per model: config `jobs`, at most one per subtask."""
    return min(config["jobs"][stage], len(config["data"]["subtasks"]))


def test_items(config: dict, name: str) -> int:
    """Test items of a subtask or benchmark.

    Of public BBH files those that are not held out for validation; benchmarks outside have
    validation items of their own.
    """
    if name in OOD_ITEMS:
        wanted, left = config["ood"]["test_items"], OOD_ITEMS[name]
    else:
        wanted = config["data"]["test_items"]
        left = PUBLISHED_ITEMS[name] - config["data"]["validation_items"]
    if config["data"]["source"] == "embedded":
        return wanted
    return min(wanted or left, left)


def questions_of(config: dict, teacher: str) -> int:
    """Questions per subtask of the teacher `original` or `aligned`."""
    return config["elicit" if teacher == "original" else "tailor"]["questions"]


def written(config: dict) -> dict[str, dict]:
    """Arms whose data a teacher writes: all but the instruction sets."""
    return {name: arm for name, arm in config["arms"].items() if "instructions" not in arm}


def of_round(config: dict, number: int) -> list[dict]:
    """The arms that the teachers of a round write."""
    return [arm for arm in written(config).values() if arm.get("round", 1) == number]


def rounds(config: dict) -> range:
    """Rounds that an arm needs, itself or for the rounds before its own."""
    return range(1, 1 + max([1, *(arm.get("round", 1) for arm in written(config).values())]))


def aligns(config: dict, number: int) -> bool:
    """Whether a round's teacher is aligned: for an arm, a later round or the technique shift."""
    if number == 1 or number + 1 in rounds(config):
        return True
    return any("aligned" in (a["questions"], a["rationales"]) for a in of_round(config, number))


def drafts(config: dict, number: int) -> bool:
    """Whether a round has drafts and scores: for its alignment or for an arm that selects them."""
    arms = of_round(config, number)
    return aligns(config, number) or any(arm["rationales"] == "drafts" for arm in arms)


def tailors(config: dict, number: int) -> bool:
    """Whether a round's aligned teacher is asked for questions."""
    return any(arm["questions"] == "aligned" for arm in of_round(config, number))


def naive_pairs(config: dict, number: int) -> list[tuple[str, str]]:
    """(whose questions, who answers) of the naive prompts of a round.

    The arms need them; the first round's technique shift needs both teachers' answers to the
    draft questions.
    """
    shift = {("original", "original"), ("original", "aligned")} if number == 1 else set()
    arms = [arm for arm in of_round(config, number) if arm["rationales"] != "drafts"]
    return sorted(shift | {(arm["questions"], arm["rationales"]) for arm in arms})


def writer(config: dict, teacher: str, number: int) -> str:
    """A round's teacher by name; the second round finds the one that the first aligned."""
    first = teacher == "original" and number == 1
    return config["roles"]["teacher"] if first else "aligned_teacher"


def trainings(config: dict) -> list[Training]:
    """Every student and training set: Tables 2 and 6, then 5, then 4."""
    roles = config["roles"]
    found = [Training(roles["student"], arm) for arm in config["arms"]]
    found += [Training(name, arm) for name in roles["unseen"] for arm in TABLE_5]
    return found + [
        Training(roles["student"], f"transfer_{origin}", benchmark)
        for benchmark in config["ood"]["transfer"]
        for origin in ("original", "aligned")
    ]
