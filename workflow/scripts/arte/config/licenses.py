"""Licenses of the models: which teacher must not teach which student (docs/models.md).

No legal advice: the clauses that are known to name this use, so that nobody overlooks one.
"""

from collections.abc import Iterator

from arte.config.blocks.clauses import CLAUSES
from arte.core.errors import ArteError


def problems(config: dict) -> Iterator[ArteError]:
    """An error for each student that the teacher's license bans and nobody acknowledged.

    Unseen students learn from the teacher's output as well. Models of source nano have no license:
    they are the user's own.
    """
    models, roles = config["models"], config["roles"]
    teacher = models.get(roles["teacher"], {})
    clause = CLAUSES.get(teacher.get("license"))
    if clause is None or clause.name in config["licenses"]["acknowledged"]:
        return
    students = {roles["student"]: "roles.student"}
    students |= dict.fromkeys(roles["unseen"], "roles.unseen")
    for name, key in students.items():
        student = models.get(name, {})
        if not student or student.get("license") in clause.family:
            continue
        yield ArteError(
            expected=f"a student that the license of the teacher permits: {clause.text}",
            found=f"teacher {_called(roles['teacher'], teacher)} ({teacher['license']}), "
            f"student {_called(name, student)} ({student.get('license', 'own')})",
            where=f"config keys roles.teacher, {key} and licenses.acknowledged",
            remedy="take a teacher under a permissive license (config/presets/single-gpu.yaml), "
            f"or, if you have the right to do this, add {clause.name} to licenses.acknowledged",
        )


def _called(name: str, model: dict) -> str:
    return model.get("id") or model.get("path") or model.get("model") or name
