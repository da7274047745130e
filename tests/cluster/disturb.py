"""Jobs of a run on the cluster: finding their processes, stopping them midway, what they did."""

import os
import re
import signal
import time
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

RESULTS = Path("results/cluster")


def steps(log: str) -> list[int]:
    """The training steps that a log tells of, in order."""
    return [int(step) for step in re.findall(r" step (\d+) of", log)]


@dataclass(frozen=True)
class Target:
    """A job to disturb: `python -m module` with `words` in its arguments, once `at` in its work.

    Its progress is counted in generations in the journals of `folders` (a pattern), or else in
    training steps of the `log`.
    """

    module: str
    words: str
    at: int
    _: KW_ONLY
    folders: str = ""
    log: str = ""

    def journals(self, tree: Path) -> list[Path]:
        """The journals that the job has begun."""
        return sorted((tree / RESULTS / "journal").glob(f"{self.folders}/*.jsonl"))

    def progress(self, tree: Path) -> int:
        """Generations or steps so far."""
        if self.folders:
            return sum(file.read_bytes().count(b"\n") for file in self.journals(tree))
        log = tree / RESULTS / "logs" / self.log
        return max(steps(log.read_text()), default=0) if log.exists() else 0


def process(target: Target, tree: Path) -> int | None:
    """The id of the target's Python process, if it runs in `tree` now."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            here = os.readlink(folder / "cwd") == str(tree)
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has just ended, or is not ours
            continue
        if here and arguments[1:3] == ["-m", target.module] and target.words in str(arguments):
            parents[int(folder.name)] = parent
    # a child that it has just forked has its arguments too
    return next((pid for pid, parent in parents.items() if parent not in parents), None)


def job_of(pid: int) -> str:
    """The Slurm job that a process belongs to."""
    variables = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    return dict(line.split("=", 1) for line in variables if "=" in line)["SLURM_JOB_ID"]


def alive(pid: int) -> bool:
    """Whether a process exists and hasn't ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def freeze(targets: dict[str, Target], tree: Path, *, seconds: float) -> dict[str, int]:
    """Stop each target's process as soon as it is at work; return process ids by name."""
    found: dict[str, int] = {}
    frozen: dict[str, int] = {}
    end = time.monotonic() + seconds
    while set(frozen) != set(targets):
        assert time.monotonic() < end, f"at work within {seconds} s: only {sorted(frozen)}"
        for name, target in targets.items():
            if name not in found and (pid := process(target, tree)):
                found[name] = pid  # once, since searching takes longer than a generation
            if name in found.keys() - frozen.keys() and target.progress(tree) >= target.at:
                os.kill(found[name], signal.SIGSTOP)
                frozen[name] = found[name]
        time.sleep(0.01)
    assert all(map(alive, frozen.values())), "a job was done before it could be stopped"
    return frozen


def thaw(pid: int) -> None:
    """Let a stopped process go on."""
    os.kill(pid, signal.SIGCONT)
