"""The one exception that speaks to the person at the terminal."""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path

from arte.core import lifetime


class ArteError(Exception):
    """Bad input or a failed quality gate, told as expected, found, where and remedy."""

    def __init__(self, *, expected: str, found: str, where: str, remedy: str) -> None:
        self.expected, self.found, self.where, self.remedy = expected, found, where, remedy
        super().__init__(
            f"expected: {expected}\n   found: {found}\n   where: {where}\n  remedy: {remedy}"
        )


def config_error(key: str, value: object, *, rule: str, remedy: str) -> ArteError:
    """A value of the configuration that breaks a rule, named by its key."""
    return ArteError(expected=rule, found=repr(value), where=f"config key {key}", remedy=remedy)


def cli(main: Callable[[], None]) -> Callable[[], None]:
    """Print an ArteError without a traceback and exit with status 1; anything else is our bug.

    A job ends with the run that started it, see `arte.core.lifetime`.
    """

    @wraps(main)
    def run() -> None:
        lifetime.follow()
        try:
            main()
        except ArteError as error:
            sys.exit(f"error in {Path(sys.argv[0]).stem}\n{error}")

    return run
