"""Licences of the models: which teacher must not teach which student (docs/models.md).

No legal advice: the clauses that are known to name this use, so that nobody overlooks one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from arte.core.errors import ArteError


@dataclass(frozen=True)
class Clause:
    """A licence's ban on improving other models with its output.

    `name` is what config key licences.acknowledged holds, `family` the licences of the models
    that the clause exempts, `text` says in our words what it forbids.
    """

    name: str
    family: frozenset[str]
    text: str


CLAUSES = {
    "llama2": Clause(
        "llama2-1.b.v",
        frozenset({"llama2"}),
        "clause 1.b.v of the Llama 2 Community License lets outputs improve Llama 2 models only",
    ),
    "llama3": Clause(
        "llama3-1.b.v",
        frozenset({"llama3"}),
        "clause 1.b.v of the Meta Llama 3 Community License lets outputs improve Llama 3 models "
        "only",
    ),
    "tongyi-qianwen": Clause(
        "tongyi-qianwen-5.b",
        frozenset({"tongyi-qianwen"}),
        "clause 5.b of the Tongyi Qianwen License lets outputs improve Tongyi Qianwen models only",
    ),
}
"""The hub's name of a licence to its clause. Llama 3.1 and later dropped theirs."""


def problems(config: dict) -> Iterator[ArteError]:
    """An error for each student that the teacher's licence bans and nobody acknowledged.

    Unseen students learn from the teacher's output as well. Models of source nano have no licence:
    they are the user's own.
    """
    models, roles = config["models"], config["roles"]
    teacher = models[roles["teacher"]]
    clause = CLAUSES.get(teacher.get("licence"))
    if clause is None or clause.name in config["licences"]["acknowledged"]:
        return
    students = {roles["student"]: "roles.student"}
    students |= dict.fromkeys(roles["unseen"], "roles.unseen")
    for name, key in students.items():
        student = models[name]
        if student.get("licence") in clause.family:
            continue
        yield ArteError(
            expected=f"a student that the licence of the teacher permits: {clause.text}",
            found=f"teacher {_called(roles['teacher'], teacher)} ({teacher['licence']}), "
            f"student {_called(name, student)} ({student.get('licence', 'own')})",
            where=f"config keys roles.teacher, {key} and licences.acknowledged",
            remedy="take a teacher under a permissive licence (config/presets/single-gpu.yaml), "
            f"or, if you have the right to do this, add {clause.name} to licences.acknowledged",
        )


def _called(name: str, model: dict) -> str:
    return model.get("id") or model.get("path") or name
