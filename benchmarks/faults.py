"""Runs that are killed at random times end in the bytes of an undisturbed run.

    PYTHONPATH=workflow/scripts:tests/helpers python benchmarks/faults.py --folder ~/faults

The preset smoke runs once undisturbed. Then it is run with SIGKILL at random times: every other one
to the whole process group, else to one process below Snakemake, drawn at random. After each, the
documented commands follow: `snakemake --unlock` and the same command again. A run that is complete
before all kills are spent is compared, and the next begins in a new folder. Printed are the files
that differ, generations in a journal twice, and processes that outlive their run's group by more
than 15 seconds; a damaged journal is an error.

`--variations` runs it once more, undisturbed, with other cores, hash seed, time zone, locale, umask
and path, and compares. Where Debian's `faketime` is installed, the clock crosses a new year, too.

`--disk` (as root) gives a run a disk of 2 MB, and after each failure more, until it is complete. It
prints which jobs met the full disk, and which of those did not say so.
"""

import argparse
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from checkout import copy_checkout, processes

from arte.engine.journal import read_entries

ROOM = "remedy: free space"
"""What every job says of a full disk."""
COMPARED = (".parquet", ".csv", ".md", ".tex", ".safetensors")
VARIED = {
    "PYTHONHASHSEED": "4321",
    "TZ": "Asia/Kathmandu",
    "LC_ALL": "C",
    "OMP_NUM_THREADS": "1",
}
OTHER_CLOCK = ["faketime", "--exclude-monotonic", "2031-12-31 23:59:00"]
"""With a shifted monotonic clock, the timers of Snakemake's benchmarks would wait for years."""


@dataclass
class Disturbed:
    """What became of disturbed runs."""

    kills: Counter = field(default_factory=Counter)
    runs: int = 0
    different: list[str] = field(default_factory=list)
    repeated: int = 0
    generations: int = 0
    survivors: int = 0


def command(*arguments: str, cores: int = 2) -> list[str]:
    """Snakemake on the preset smoke."""
    head = [sys.executable, "-m", "snakemake", "--configfile", "config/presets/smoke.yaml"]
    return [*head, "--cores", str(cores), *arguments]


def start(tree: Path, log: Path) -> subprocess.Popen:
    """Snakemake in a session of its own."""
    with open(log, "ab") as out:
        return subprocess.Popen(command(), cwd=tree, stdout=out, stderr=out, start_new_session=True)


def contents(tree: Path) -> dict[str, str]:
    """SHA-256 of tables, figures' data and weights, by path."""
    root = tree / "results/smoke"
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.suffix in COMPARED and path.is_file() and "gates" not in path.name
    }


def differing(a: Path, b: Path) -> list[str]:
    """Paths of files that only one run has, or whose bytes differ."""
    left, right = contents(a), contents(b)
    return sorted(path for path in left.keys() | right.keys() if left.get(path) != right.get(path))


def generations(tree: Path) -> tuple[int, int]:
    """Lines of all journals, and how many of them repeat a key. Raises ArteError on damage."""
    keys = [
        (path, key)
        for path in (tree / "results/smoke/journal").rglob("*.jsonl")
        for key, _ in read_entries(path)[0]
    ]
    return len(keys), len(keys) - len(set(keys))


def survivors(tree: Path, seconds: int = 15) -> int:
    """Processes that still work in `tree` so long after all were to end."""
    for _ in range(seconds):
        if not processes(tree):
            return 0
        time.sleep(1)
    return len(processes(tree))


def strike(run: subprocess.Popen, tree: Path, rng: random.Random, *, group: bool) -> str:
    """Kill the group, or one process below Snakemake; returns what was killed."""
    jobs = [(pid, name) for pid, name in processes(tree).items() if pid != run.pid]
    if group or not jobs:
        os.killpg(run.pid, signal.SIGKILL)
        return "group"
    victim, name = rng.choice(jobs)
    try:
        os.kill(victim, signal.SIGKILL)
    except ProcessLookupError:
        return "nothing"
    return next((word for word in name.split("\0") if word.startswith("arte.")), "shell")


def disturbed(folder: Path, reference: Path, args: argparse.Namespace) -> Disturbed:
    """Run, kill and go on until all kills are spent and the last run is complete."""
    rng, found = random.Random(args.seed), Disturbed()
    while found.kills.total() < args.kills:
        tree = copy_checkout(folder.resolve() / f"run{found.runs}")
        log = tree.with_suffix(".log")
        while True:
            run = start(tree, log)
            spent = found.kills.total() >= args.kills
            try:
                run.wait(None if spent else rng.uniform(args.soonest, args.latest))
            except subprocess.TimeoutExpired:
                what = strike(run, tree, rng, group=found.kills.total() % 2 == 0)
                found.kills[what] += 1
                print(f"kill {found.kills.total()}: {what}", flush=True)
            if run.wait() == 0:
                break
            if spent:
                sys.exit(f"error: the run does not end after the last kill: {log}")
            found.survivors += survivors(tree)
            subprocess.run(command("--unlock"), cwd=tree, capture_output=True, check=False)
        lines, repeated = generations(tree)
        found.runs += 1
        found.generations += lines
        found.repeated += repeated
        found.different += differing(reference, tree)
    return found


def starved(tree: Path, reference: Path, step_mb: int = 2) -> None:
    """Run on a disk that is too small at first; print who met its end, and what came out."""
    results, log = copy_checkout(tree) / "results", tree.with_suffix(".log")
    results.mkdir()
    met, silent = Counter(), []
    mount = ["mount", "-t", "tmpfs", "-o"]
    subprocess.run([*mount, f"size={step_mb}m", "tmpfs", results], check=True)
    try:
        for size in range(2 * step_mb, 1000, step_mb):
            with open(log, "wb") as out:
                done = subprocess.run(command(), cwd=tree, stdout=out, stderr=out, check=False)
            if done.returncode == 0:
                break
            told = log.read_text(errors="replace")
            failed = re.findall(r"^(\w+?)(?:_\d+)? failed; its log", told, re.MULTILINE)
            met.update(failed or ["snakemake"])
            silent += failed if ROOM not in told else []
            subprocess.run([*mount, f"remount,size={size}m", results], check=True)
        print(f"jobs that met a full disk: {dict(met)}; without saying so: {silent}")
        print(f"files that differ after that: {differing(reference, tree)}", flush=True)
    finally:
        subprocess.run(["umount", results], check=True)


def undisturbed(tree: Path, *before: str, cores: int, **environment: str) -> Path:
    """A finished run in a new checkout, by a command that stands behind another."""
    log = copy_checkout(tree).with_suffix(".log")
    with open(log, "wb") as out:
        done = subprocess.run(
            [*before, *command(cores=cores)],
            cwd=tree,
            stdout=out,
            stderr=out,
            env=os.environ | environment,
            umask=0o077 if environment else -1,
            check=False,
        )
    if done.returncode:
        sys.exit(f"error: the undisturbed run failed: {log}")
    return tree


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="a new folder for all runs")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--soonest", type=float, default=15, help="seconds until a kill, at least")
    parser.add_argument("--latest", type=float, default=50, help="seconds until a kill, at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--variations", action="store_true")
    parser.add_argument("--disk", action="store_true")
    args = parser.parse_args()
    reference = undisturbed(args.folder / "undisturbed", cores=2)
    print(f"files compared: {len(contents(reference))}", flush=True)
    if args.variations:
        clock = OTHER_CLOCK if shutil.which(OTHER_CLOCK[0]) else []
        folder = args.folder / "a path with spaces" / "varied"
        varied = undisturbed(folder, *clock, cores=3, **VARIED)
        shown = f"clock {clock[-1]}" if clock else "the same clock"
        print(f"differ under other conditions, {shown}: {differing(reference, varied)}", flush=True)
    if args.disk:
        starved(args.folder.resolve() / "starved", reference)
    found = disturbed(args.folder, reference, args)
    print(f"kills: {dict(found.kills)}, in {found.runs} runs")
    print(f"generations: {found.generations}, of them repeated: {found.repeated}")
    print(f"processes that outlived their run: {found.survivors}")
    print(f"files that differ from the undisturbed run: {found.different}")


if __name__ == "__main__":
    main()
