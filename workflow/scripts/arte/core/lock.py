"""A folder has one writer at a time."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

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
        take(
            handle,
            PATIENCE,
            expected="a folder to which no other process writes",
            where=os.fspath(folder),
            remedy="wait for the other run or end its processes, then give the same command again",
        )
        yield
    finally:
        os.close(handle)


def take(file: int | TextIO, patience: float, *, expected: str, where: str, remedy: str) -> None:
    """Lock an open file or folder against other processes, until it is closed.

    Raises ArteError if another process holds it for `patience` seconds.
    """
    end = time.monotonic() + patience
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                break
        time.sleep(min(1.0, patience))
    raise ArteError(
        expected=expected,
        found=f"another job has held it for {patience:.0f} s",
        where=where,
        remedy=remedy,
    )
