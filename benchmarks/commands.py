"""Every command of README.md, run as printed in this checkout: which work, and how long each took.

    .venv/bin/python benchmarks/commands.py --preset smoke

It needs the Python of the system alone: `make` and the environment that it makes do the rest. With
--preset, commands of the default run work on that preset's run, which takes minutes. Commands that
need the network, a GPU, a Slurm, hours, or files that you bring, are named with what they need.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).parents[1]
NEEDS = {
    "make test": "half an hour",
    "make demo-pretrained": "the network, and most of an hour",
    "make venv-gpu": "the network: gigabytes of CUDA",
    "single-gpu.yaml": "a GPU",
    "snakemake fetch": "the network",
    "--profile slurm": "a Slurm",
    "BIG-Bench-Hard": "a clone of BIG-Bench-Hard",
    "check-task": "items of your own",
}
"""A part of a command, and what a machine may lack for it."""
SECTIONS = ("## Two commands", "## Real runs")


def printed(text: str) -> Iterator[str]:
    """The commands of README's sections in the order of the page: blocks, then cells of tables."""
    for section in SECTIONS:
        body = text.partition(section)[2].partition("\n## ")[0]
        for line in body.splitlines():
            if line.startswith("    "):
                yield line.split("  #")[0].strip()
            elif line.startswith("| "):
                cell = line.rsplit(" | ", 1)[-1]
                yield from (found for found in re.findall(r"`([^`]+)`", cell) if " " in found)


def filled(command: str, preset: str | None) -> str:
    """A command with the page's placeholders filled in, on the run of a preset."""
    command = command.replace("<run>", "embedded").replace("NAME", "coin_flip")
    if not preset:
        return command
    command = command.replace("results/embedded", f"results/{preset}")
    if command == "make demo":
        return f"make demo PRESET={preset}"
    if command.startswith("snakemake ") and "--configfile" not in command:
        command += f" --configfile config/presets/{preset}.yaml"
    return command


def main() -> None:
    """Run them one after the other; exit 1 if one failed that nothing was lacking for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", help="a preset of minutes instead of the default run")
    preset = parser.parse_args().preset
    environment = os.environ | {"PATH": f"{HOME / '.venv/bin'}:{os.environ['PATH']}"}
    failed = worked = 0
    shutil.rmtree(HOME / "coin_flip", ignore_errors=True)  # of an earlier call
    for command in printed((HOME / "README.md").read_text(encoding="utf-8")):
        lacking = next((need for part, need in NEEDS.items() if part in command), None)
        if lacking:
            print(f"not run  {command}  (needs {lacking})", flush=True)
            continue
        start, line = time.monotonic(), filled(command, preset)
        done = subprocess.run(
            ["sh", "-c", line],
            cwd=HOME,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        took = time.monotonic() - start
        print(f"{'works' if not done.returncode else 'FAILS'} {took:5.0f} s  {line}", flush=True)
        worked += not done.returncode
        if done.returncode:
            failed += 1
            print((done.stdout + done.stderr)[-2000:], flush=True)
    made_of = subprocess.check_output([HOME / ".venv/bin/python", "--version"], text=True).strip()
    print(f"{worked} of {worked + failed} work, in an environment of {made_of}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
