"""What a claim needs of a run: students, arms and subtasks; the workflow reads this file."""

from arte.config.tasks import published
from arte.report.claims.listed import CONSISTENCY, FIGURE2, Claim
from arte.report.specs import SPECS, Evaluation, evaluations

ABSENT = {
    "table3": "ood.benchmarks names no benchmark",
    "table4": "ood.transfer names no benchmark",
    "table5": "roles.unseen names no student",
    "consistency": "report.consistency_questions is 0",
}
"""Why a run lacks a table."""


def needed(claim: Claim, config: dict) -> list[Evaluation]:
    """The evaluations behind a claim on a table of accuracies, which may be none.

    A table of predictions of these alone has the claim's differences as the whole table has them:
    a difference counts the noise of its own two arms.
    """
    wanted = {*claim.arms, *claim.references}
    found = []
    for each in evaluations(claim.spec, config):
        students = [name for name in each.students if is_asked(claim, hub_id(name, config))]
        arms = [arm for arm in each.arms if arm.partition("-")[0] in wanted]
        subtasks = [name for name in each.subtasks if _inside(claim, name)]
        if students and subtasks and {arm.partition("-")[0] for arm in arms} >= _least(claim):
            found.append(Evaluation(students, arms, subtasks))
    return found


def lacking(claim: Claim, config: dict) -> str:
    """Why nothing of a claim can be tested in a run; empty where something can, or need not.

    Raises KeyError for a config that was not checked.
    """
    if claim.table == CONSISTENCY:
        return "" if config["report"]["consistency_questions"] else ABSENT[CONSISTENCY]
    if claim.table == FIGURE2 and not {*claim.columns} & {*config["data"]["subtasks"]}:
        return f"nothing of {', '.join(claim.columns)} is tested here"
    if claim.table not in SPECS or needed(claim, config):
        return ""
    whole = evaluations(claim.spec, config)
    if not any(each.students and each.subtasks for each in whole):
        return ABSENT.get(claim.table, "no subtask is tested")
    students = {hub_id(name, config) for each in whole for name in each.students}
    if not any(is_asked(claim, student) for student in students):
        return f"no student here is {', '.join(claim.models or ('another model',))}"
    subtasks = {name for each in whole for name in each.subtasks}
    if not any(_inside(claim, name) for name in subtasks):
        return f"nothing of {', '.join(claim.columns)} is tested here"
    return f"this run has no arm {', '.join(claim.arms)}"


def hub_id(name: str, config: dict) -> str:
    """The id of a model of the hub; nothing for other models."""
    return config["models"][name].get("id", "")


def _least(claim: Claim) -> set[str]:
    """Arms without which nothing of the claim can be tested."""
    return set(claim.spec.arms) if claim.spec.complete else set(claim.arms)


def is_asked(claim: Claim, model: str) -> bool:
    """Whether a claim is about a student with this hub id."""
    if claim.models is not None:
        return model in claim.models
    return model not in (claim.not_models or ())


def _inside(claim: Claim, subtask: str) -> bool:
    """Whether a column of the claim has this subtask; the paper claims nothing on a user's own."""
    kind = published().get(subtask)
    for name in claim.columns:
        column = claim.column(name)
        known = kind.category if kind and column.field == "category" else subtask
        if known in column.values:
            return True
    return False
