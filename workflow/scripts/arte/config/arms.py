"""The arms of later rounds, and which arm's student a round learns the preferences of."""

from collections.abc import Iterator

from arte.config.wrong import did_you_mean
from arte.core.errors import ArteError, config_error

SETS = ("gpt4_llm", "tulu_v2", "wizardlm", "openorca")
"""Published instruction-tuning sets (arte.tailor.instructions)."""

BY_SCORE = ("most_preferred", "task_consistent")
"""Ways to select among drafts that read their scores."""

SELECTS = (*BY_SCORE, "random")
"""Ways to select among drafts beside the names of techniques."""


def aligns(config: dict) -> bool:
    """Whether a run can align its teacher: not where only a server has the teacher's weights."""
    teacher = config["models"].get(config["roles"]["teacher"], {})
    return teacher.get("source") != "endpoint"


def is_written(arm: dict) -> bool:
    """Whether a teacher wrote an arm's data."""
    return "questions" in arm


def learners(arms: dict, number: int) -> list[str]:
    """Arms of a round whose questions and rationales both come from the aligned teacher."""
    wanted = {"questions": "aligned", "rationales": "aligned"}
    return [
        name
        for name, arm in arms.items()
        if arm.get("round", 1) == number and wanted.items() <= arm.items()
    ]


def learner(arms: dict, number: int) -> str:
    """The arm whose student gives the preferences of the round after `number`.

    Of several the one without a filter, then the first.
    """
    return min(learners(arms, number), key=lambda name: arms[name].get("require_tag", False))


def later(arms: dict, rounds: int) -> dict[str, dict]:
    """The arms that `rounds` asks for and the config does not have: arte_round2 and so on."""
    return {
        f"arte_round{number}": {"questions": "aligned", "rationales": "aligned", "round": number}
        for number in range(2, rounds + 1)
        if not learners(arms, number)
    }


def problems(config: dict) -> Iterator[ArteError]:
    """What is wrong with the arms, and with arms and rounds together."""
    arms, rounds = config["arms"], config["rounds"]
    yield from _needed(config)
    for name in later(arms, rounds).keys() & arms.keys():
        yield config_error(
            f"arms.{name}",
            arms[name],
            rule="the arm of that round (questions and rationales aligned), for rounds is "
            f"{rounds}",
            remedy=f"rename the arm: rounds makes {name} itself",
        )
    if rounds > 1 and not learners(arms, 1):
        yield config_error(
            "rounds",
            rounds,
            rule="1, unless an arm of the first round has questions and rationales aligned "
            "(config key arms): its student gives the next round's preferences",
            remedy="keep the arm arte, or set rounds to 1",
        )
    for name, arm in arms.items():
        yield from _arm(name, arm, rounds)
        if "select" in arm:
            yield from _select(name, arm["select"], config["elicit"]["techniques"])


def _needed(config: dict) -> Iterator[ArteError]:
    """Arms that tables are about."""
    needed = {"original_teacher": "Table 2 compares every arm with it"}
    if aligns(config) and (config["ood"]["benchmarks"] or config["roles"]["unseen"]):
        needed["arte"] = "ood.benchmarks and roles.unseen ask for Tables 3 and 5, which show it"
    for name in needed.keys() - config["arms"].keys():
        yield config_error(
            f"arms.{name}",
            None,
            rule=f"there: {needed[name]}",
            remedy="add the arm as config/config.yaml has it",
        )


def _arm(name: str, arm: dict, rounds: int) -> Iterator[ArteError]:
    if name == "vanilla":
        yield config_error(
            "arms.vanilla",
            arm,
            rule="any name but vanilla, which is the untrained student's",
            remedy="rename the arm",
        )
    if not is_written(arm):
        return
    if arm.get("round", 1) > rounds:
        yield config_error(
            f"arms.{name}.round",
            arm["round"],
            rule=f"at most rounds, which is {rounds}",
            remedy="lower it or raise rounds",
        )
    drafts = arm["rationales"] == "drafts"
    if drafts != ("select" in arm):
        yield config_error(
            f"arms.{name}.select",
            arm.get("select"),
            rule=f"given where arms.{name}.rationales is drafts, and only there",
            remedy="add select (most_preferred, random, task_consistent, a technique), or set it "
            "to null",
        )
    if drafts and arm["questions"] != "original":
        yield config_error(
            f"arms.{name}.questions",
            arm["questions"],
            rule=f"original where arms.{name}.rationales is drafts: only draft questions have any",
            remedy="set questions to original, or rationales to original or aligned",
        )


def _select(name: str, select: str, techniques: list[str]) -> Iterator[ArteError]:
    known = (*SELECTS, *techniques)
    if select not in known:
        yield config_error(
            f"arms.{name}.select",
            select,
            rule=f"one of {', '.join(SELECTS)}, or a technique of elicit.techniques: "
            f"{', '.join(techniques)}",
            remedy=did_you_mean(select, known) or "name one of them",
        )
