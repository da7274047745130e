"""Give a job GPUs of its own, for as long as it runs: jobs of one host wait for each other.

python -m arte.core.devices N COMMAND ...

Slurm gives each job its own GPUs, and then this only starts the command. Elsewhere Snakemake counts
GPUs, but all jobs would see all of them and take the first.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from arte.core.errors import ArteError, cli
from arte.core.lock import take

VISIBLE = "CUDA_VISIBLE_DEVICES"
POLL = 1.0
"""Seconds between two looks at devices that other jobs hold."""

FOREVER = float("inf")


def devices() -> list[str]:
    """The GPUs of this host by CUDA's numbers, or those to which the environment restricts it."""
    if VISIBLE in os.environ:
        names = [name.strip() for name in os.environ[VISIBLE].split(",")]
        return [name for name in names if name not in ("", "-1")]
    if shutil.which("nvidia-smi") is None:
        return []
    command = ["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.split() if done.returncode == 0 else []


def hold(count: int, names: list[str], folder: Path) -> list[str]:
    """Wait for `count` of these GPUs, and hold them until this process ends.

    A command that takes its place (`exec`) holds them on. Jobs that wait are served one by one, so
    that one of many GPUs gets its turn. Raises ArteError where there are fewer.
    """
    if len(names) < count:
        raise ArteError(
            expected=f"{count} GPUs for this job (models.<name>.gpus)",
            found=f"{len(names)}: {', '.join(names) or 'none'}",
            where=f"nvidia-smi, or the environment variable {VISIBLE}",
            remedy="lower models.<name>.gpus and launch.num_processes, or run it where they are",
        )
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "queue").open("w") as queue:
        take(queue, FOREVER, expected="a turn", where=str(folder), remedy="wait")
        held: list[str] = []
        while not _complete(held, names, count, folder):
            time.sleep(POLL)
    return held


def _complete(held: list[str], names: list[str], count: int, folder: Path) -> bool:
    """Hold what is free, up to `count`; whether that many are held."""
    for name in names:
        if len(held) < count and name not in held and _locked(folder / _file(name)):
            held.append(name)
    return len(held) == count


def _file(name: str) -> str:
    """The name of a GPU, part of a GPU's too, as a file's."""
    return name.replace("/", "_")


def _locked(path: Path) -> bool:
    """Whether this process holds that file from now on; false where another has it."""
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return False
    os.set_inheritable(handle, True)
    return True


@cli
def main() -> None:
    """Run a command with as many GPUs of its own as it asks for."""
    count, command = int(sys.argv[1]), sys.argv[2:]
    names = [] if "SLURM_JOB_ID" in os.environ else devices()
    if count and names:
        folder = Path(tempfile.gettempdir(), f"arte-gpus-{os.getuid()}")
        os.environ[VISIBLE] = ",".join(hold(count, names, folder))
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
