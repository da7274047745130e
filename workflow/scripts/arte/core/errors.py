"""The one exception that speaks to the person at the terminal."""

import errno
import re
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path


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


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_TEXT = re.compile(r"No space left|[Qq]uota exceeded|os error (28|122|27)\b")
"""What libraries in other languages say, whose errors have no number."""


def disk_is_full(error: BaseException) -> bool:
    """Whether a write failed for want of room: the disk, a quota, or a limit on file sizes."""
    number = error.errno if isinstance(error, OSError) else None
    return number in _FULL or (number is None and _FULL_TEXT.search(str(error)) is not None)


def _full_disk(error: Exception) -> ArteError:
    file = getattr(error, "filename", None)
    return ArteError(
        expected="room to write",
        found=str(error).partition("\n")[0],
        where=str(file or "the disk of results/ or of the temporary folder (TMPDIR)"),
        remedy="free space, or raise the quota, and run again: finished artefacts stay",
    )


def cli(main: Callable[[], None]) -> Callable[[], None]:
    """Print an ArteError without a traceback and exit with status 1, and so for a full disk.

    Anything else is our bug.
    """

    @wraps(main)
    def run() -> None:
        try:
            main()
        except ArteError as error:
            sys.exit(f"error in {Path(sys.argv[0]).stem}\n{error}")
        except Exception as error:
            if not disk_is_full(error):
                raise
            sys.exit(f"error in {Path(sys.argv[0]).stem}\n{_full_disk(error)}")

    return run
