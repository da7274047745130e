"""No job outlives the run that started it.

A killed Snakemake cannot stop its jobs: shells and the launchers of several processes stand in
between, and launchers give their processes sessions of their own. So every job watches for itself.
"""

import contextlib
import ctypes
import os
import select
import signal
import sys
import threading
import time
from pathlib import Path

OWNER = "ARTE_OWNER"
"""The environment variable in which the workflow gives `identity` of its own process."""

POLL = 1.0
"""Seconds between two looks at a process, where the system cannot report its end."""


_PR_SET_PDEATHSIG = 1
"""Of Linux's prctl: the signal that a process gets when its parent ends."""


def identity(pid: int) -> str:
    """A process as `pid:start:namespace`, which no other process has had or will have.

    Start and namespace are empty where there is no /proc, and where the process is gone.
    """
    with contextlib.suppress(OSError):
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        start = stat.rpartition(")")[2].split()[19]
        return f"{pid}:{start}:{_namespace()}"
    return f"{pid}::"


def follow() -> None:
    """From now on, end this process when its parent or the run that owns it ends.

    This is for jobs and for processes of a launcher (`RANK`): a command typed into a shell may
    outlive the shell. An owner in another process namespace (a container's host) is not visible.
    """
    owner, parent = os.environ.get(OWNER, ""), os.getppid()
    watched = [owner] if owner and owner.rpartition(":")[2] == _namespace() else []
    if watched or "RANK" in os.environ:
        if parent == 1 and not owner.startswith("1:"):
            _end("its parent")  # gone before it could be watched
        watched.append(identity(parent))
    for process in dict.fromkeys(watched):
        threading.Thread(target=_end_after, args=(process,), daemon=True).start()


def end_with_parent() -> None:
    """From now on, SIGTERM this process when its parent ends, also after it became another program.

    A `preexec_fn` for Snakemake: it then finishes the jobs at work, and starts no others. On Linux.
    """
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid").replace(":", "")
    except OSError:
        return ""


def _end_after(process: str) -> None:
    """Wait for the end of a process, then end this one."""
    pid = int(process.partition(":")[0])
    if not _reported(pid, process):
        while identity(pid) == process and _exists(pid):
            time.sleep(POLL)
    _end(f"process {pid}")


def _reported(pid: int, process: str) -> bool:
    """Wait for the system to report the end; False where it cannot, or the process is gone."""
    try:
        handle = os.pidfd_open(pid)
    except (AttributeError, OSError):  # not Linux, or before 5.3; no such process
        return False
    if identity(pid) == process:
        select.select([handle], [], [])
    return True


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _end(gone: str) -> None:
    """End at once: threads that compute see no exception, and files are replaced atomically."""
    print(f"ended, since {gone}, for which it worked, is gone", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
