"""A folder has one writer at a time."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from arte.core.errors import ArteError

PATIENCE = 60.0
"""Seconds for which a second writer waits; a killed run's processes need one or two to end."""


@contextlib.contextmanager
def sole_writer(folder: str | os.PathLike) -> Iterator[None]:
    """Hold `folder`, made if need be, against other processes that hold it by this function.

    The lock ends with its process. Raises ArteError if it is not free after PATIENCE seconds.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        _lock(handle, os.fspath(folder))
        yield
    finally:
        os.close(handle)


def _lock(handle: int, where: str) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                break
        time.sleep(min(1.0, PATIENCE))
    raise ArteError(
        expected="a folder to which no other process writes",
        found=f"another process has held it for {PATIENCE:.0f} s",
        where=where,
        remedy="wait for the other run or end its processes, then give the same command again",
    )
