"""The one exception that speaks to the person at the terminal."""

import codecs
import errno
import io
import os
import re
import select
import signal
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path

from arte.core import lifetime


class ArteError(Exception):
    """Bad input or a failed quality gate, described by expected, found, where and remedy."""

    def __init__(self, *, expected: str, found: str, where: str, remedy: str) -> None:
        self.expected, self.found, self.where, self.remedy = expected, found, where, remedy
        super().__init__(
            f"expected: {expected}\n   found: {found}\n   where: {where}\n  remedy: {remedy}"
        )

    def at(self, where: str) -> "ArteError":
        """The same error, told of another place: of the config key that named the file, say."""
        return ArteError(expected=self.expected, found=self.found, where=where, remedy=self.remedy)


def config_error(key: str, value: object, *, rule: str, remedy: str) -> ArteError:
    """A value of the configuration that breaks a rule, named by its key."""
    return ArteError(expected=rule, found=repr(value), where=f"config key {key}", remedy=remedy)


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_TEXT = re.compile(
    r"No space left|[Qq]uota exceeded|os error (28|122|27)\b"
    r"|PytorchStreamWriter failed|unexpected pos \d+ vs \d+"
)
"""What libraries in other languages say, whose errors have no number; torch.save says no more than
that a write fell short."""


def disk_is_full(error: BaseException) -> bool:
    """Whether a write failed for want of room: the disk, a quota, or a limit on file sizes."""
    number = error.errno if isinstance(error, OSError) else None
    return number in _FULL or (number is None and _FULL_TEXT.search(str(error)) is not None)


def _full_disk(error: Exception) -> ArteError:
    file = getattr(error, "filename", None)
    return ArteError(
        expected="room to write",
        found=f"a write that failed: {error}".partition("\n")[0],
        where=str(file or "the disk of results/ or of the temporary folder (TMPDIR)"),
        remedy="free space, or raise the quota, and run again: finished artifacts stay",
    )


_PLAIN = str.maketrans({"–": "-", "−": "-", "—": "-", "…": "...", "≥": ">=", "≤": "<=", "§": "S."})


def _plain(error: UnicodeError) -> tuple[str, int]:
    """A codec's error handler: what a terminal's encoding lacks is written in ASCII."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_PLAIN)
    return text.encode("ascii", "backslashreplace").decode(), error.end


codecs.register_error("arte.plain", _plain)


def cli(main: Callable[[], None]) -> Callable[[], None]:
    """Print an ArteError or a full disk without a traceback, and exit with status 1.

    Anything else is our bug. A job ends with the run that started it, see `arte.core.lifetime`.
    Stdout may have any encoding,
    and may be closed by its reader (`| head`).
    """

    @wraps(main)
    def run() -> None:
        lifetime.follow()
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="arte.plain")
        try:
            main()
            sys.stdout.flush()
        except ArteError as error:
            sys.exit(f"error in {Path(sys.argv[0]).stem}\n{error}")
        except BrokenPipeError:
            if not _stdout_is_closed():
                raise
            sys.exit(128 + signal.SIGPIPE)
        except Exception as error:
            if not disk_is_full(error):
                raise
            sys.exit(f"error in {Path(sys.argv[0]).stem}\n{_full_disk(error)}")

    return run


def _stdout_is_closed() -> bool:
    """Whether nobody reads stdout any more; if so, what is left goes nowhere."""
    watch = select.poll()
    watch.register(sys.stdout.fileno(), 0)  # errors and hang-ups are reported unasked
    closed = bool(watch.poll(0))
    if closed:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return closed
