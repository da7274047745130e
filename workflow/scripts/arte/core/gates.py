"""Gates: whether a model writes what a run can use, judged by its first calls.

A job asks these calls for all of its subtasks before it asks the rest. They are journaled, so they
cost nothing more.
"""

import json
import os
import re

from arte.core import job
from arte.core.errors import ArteError

LIMITS = "ARTE_GATES"
"""Environment variable with config block `gates`. No job has it in its config: a limit shapes
nothing that a job makes, so another one makes no result stale. Without it there are no gates."""

_REFUSAL = re.compile(
    r"\W*(?:(?:i['’]m|i am) (?:sorry|unable)|sorry,|i (?:can['’]?t|cannot|can not|won['’]t) "
    r"|as an ai\b|i apologi[sz]e)",
    re.IGNORECASE,
)


def limits() -> dict:
    """The limits of this run; `calls` is 0 where nothing is judged."""
    return json.loads(os.environ.get(LIMITS, '{"calls": 0}'))


def refused(text: str) -> bool:
    """Whether a text begins as a refusal does."""
    return _REFUSAL.match(text) is not None


class Gate:
    """What a job's first calls gave, subtask by subtask, and which limits that fails."""

    def __init__(self, what: str) -> None:
        self.what = what
        self._failed: list[str] = []
        self._shown = ""

    def judge(
        self, subtask: str, rates: dict[str, float], *, least: dict, most: dict, shown: list[str]
    ) -> None:
        """Log the rates of a subtask, and note those below `least` or above `most`.

        Both give limits by rate; `shown` are outputs that tell why, of which the longest is shown.
        """
        job.log(f"first {self.what} of {subtask}: {_words(rates)}")
        wrong = [
            f"{name} {rates[name]:.2f} ({bound} gates.{name}: {limit:g})"
            for bound, limits_of, sign in (("least", least, 1), ("most", most, -1))
            for name, limit in limits_of.items()
            if sign * rates[name] < sign * limit
        ]
        if wrong:
            self._failed.append(f"{subtask}: {', '.join(wrong)}; all: {_words(rates)}")
            self._shown = self._shown or max(shown, key=len, default="")

    def stop(self, *, where: str, remedy: str) -> None:
        """Raise ArteError where a limit was failed."""
        if self._failed:
            raise ArteError(
                expected=f"{self.what} that the run can use, among the first of them",
                found="\n     ".join(self._failed) + f"\n     one of them: {self._shown[:600]!r}",
                where=where,
                remedy=f"see the prompts and answers by `snakemake preview`. Then {remedy}. To go "
                "on all the same, change the limit in config block gates",
            )


def _words(rates: dict[str, float]) -> str:
    return ", ".join(f"{name} {rate:.2f}" for name, rate in rates.items())
