"""What a GPU can do at most, what it did, and what `snakemake plan` expected of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from arte.core.errors import ArteError
from arte.plan.cost import Site, cpu_seconds, gpu_seconds, train_flops
from arte.plan.work import Work

CARDS = {
    r"A100-SXM4-80GB$": "a100-80",
    r"A100-SXM4-40GB$": "a100-40",
    r"H100 80GB HBM3$": "h100-80",
    r"H200$": "h200-141",
    r"L40S$": "l40s-48",
    r"RTX 4090$": "rtx4090-24",
}
"""End of a card's name, as nvidia-smi prints it, to its device in config/throughput.yaml."""
PEAKS = ("memory_gb", "tflops", "bandwidth_gbs")
ROOF = {"read_share": 1.0, "write_share": 1.0, "train_share": 1.0}
STEP = re.compile(r"\S+ \S+ step \d+ of \d+: ")
"""A line of a training's log: date, time, and the step that has ended."""
STARTED = {"start_s": 0.0, "disk_gbs": float("inf")}
"""What a plan assumes of starts, where they are not part of what is measured."""


@dataclass(frozen=True)
class Part:
    """One kind of work (read, write or train) of one command, and its seconds without the start.

    Of `work`, `read` and `written` are 0 where they belong to another part.
    """

    model: str
    command: str
    kind: str
    work: Work
    seconds: float

    @property
    def tokens(self) -> float:
        """Tokens that were computed: of prompts, of answers, or of training examples."""
        counts = {"read": self.work.read, "write": self.work.written, "train": self.work.prompt}
        return counts[self.kind]


def device_of(card: str, devices: dict[str, dict], given: dict[str, Any]) -> tuple[str, dict]:
    """Name and peaks of the device that a card is, by its name or as `given` by flags.

    Raises ArteError for a card that is not in CARDS, where the flags do not say its peaks.
    """
    peaks = {key: given[key] for key in PEAKS if given.get(key)}
    if len(peaks) == len(PEAKS):
        return given.get("name") or re.sub(r"\W+", "-", card).strip("-").lower(), peaks
    for pattern, name in CARDS.items():
        if re.search(pattern, card):
            return name, {key: devices[name][key] for key in PEAKS} | peaks
    raise ArteError(
        expected="a card whose peaks are known: " + ", ".join(CARDS).replace("$", ""),
        found=card,
        where="nvidia-smi",
        remedy="give its --memory-gb, --tflops (dense bf16) and --bandwidth-gbs by the data sheet",
    )


def trained(lines: list[tuple[float, str]]) -> tuple[int, float, float]:
    """Steps after the first, their seconds, and seconds from a training's start to the first.

    `lines` are those of its log with the seconds at which they came. The first step is left out:
    kernels are chosen in it. Raises ValueError with fewer than two.
    """
    times = [at for at, line in lines if STEP.match(line)]
    if len(times) < 2:
        raise ValueError(f"{len(times)} training steps in the log; two are needed")
    steps, seconds = len(times) - 1, times[-1] - times[0]
    return steps, seconds, times[0] - seconds / steps


def least_seconds(part: Part, device: dict) -> float:
    """The roofline: seconds at the peaks of compute and bandwidth."""
    return gpu_seconds(part.work, {key: device[key] for key in PEAKS}, ROOF | STARTED)


def planned_seconds(part: Part, site: Site) -> float:
    """What a plan expects, without the start."""
    device = site.of(part.work)
    if site.is_cpu(part.work):
        return cpu_seconds(part.work, device, 0.0)
    return gpu_seconds(part.work, device | STARTED, site.assumed["gpu"])


def answers(whole: Part, prompts: Part) -> Part:
    """What is left of a command that read and wrote when its reading is taken off.

    `prompts` is the same command with one token of answer: it gives the rate of reading. Raises
    ArteError where that alone would have taken longer.
    """
    reading = whole.work.read * prompts.seconds / prompts.work.read
    if reading >= whole.seconds:
        raise ArteError(
            expected="answers that take time beside their prompts",
            found=f"{whole.seconds:.1f} s with answers, {reading:.1f} s of them for prompts",
            where=f"scoring by {whole.model}",
            remedy="ask for more: SIZES in benchmarks/gpu.py",
        )
    work = replace(whole.work, read=0.0)
    return replace(whole, kind="write", work=work, seconds=whole.seconds - reading)


def shares(parts: Iterable[Part], device: dict) -> dict[str, float]:
    """Of each kind of work, the share of the roofline that was reached."""
    least: dict[str, float] = {}
    took: dict[str, float] = {}
    for part in parts:
        key = f"{part.kind}_share"
        least[key] = least.get(key, 0.0) + least_seconds(part, device)
        took[key] = took.get(key, 0.0) + part.seconds
    return {key: round(least[key] / took[key], 3) for key in least}


def rates(parts: list[Part]) -> dict[str, int]:
    """Tokens per second of a core with the largest model, training as if of 6 operations."""
    largest = max(part.work.model.shape.parameters for part in parts)
    own = [part for part in parts if part.work.model.shape.parameters == largest]
    found = {"parameters": largest}
    for kind in ("read", "write", "train"):
        of_kind = [part for part in own if part.kind == kind]
        tokens = sum(part.tokens * _weight(part) for part in of_kind)
        found[kind] = round(tokens / sum(part.seconds for part in of_kind))
    return found


def _weight(part: Part) -> float:
    return train_flops(part.work.training) / 6 if part.work.training else 1.0


def entry(parts: list[Part], device: dict | None, start: float) -> dict[str, float]:
    """What config/throughput.yaml can say of a device; None is a core of the CPU."""
    if device is None:
        return rates(parts)
    peaks = {key: device[key] for key in PEAKS}
    return peaks | shares(parts, device) | {"start_s": round(start)}


def entry_line(name: str, found: dict[str, float], card: str) -> str:
    """The entry as a line of the block `devices`."""
    values = ", ".join(
        f"{key}: {value if isinstance(value, int) else f'{value:g}'}"
        for key, value in found.items()
    )
    return f"  {name}: {{ {values} }} # measured by benchmarks/gpu.py on {card}"


def table(parts: list[Part], site: Site, device: dict | None) -> list[str]:
    """Rows of Markdown: tokens per second, share of the roofline, and what a plan expected."""
    lines = [
        "| model | command | tokens | s | tokens/s | of roofline | planned (s) | over planned |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for part in parts:
        planned = planned_seconds(part, site)
        share = "" if device is None else f"{least_seconds(part, device) / part.seconds:.2f}"
        cells = [part.model, part.command, f"{part.tokens:,.0f}", f"{part.seconds:.1f}"]
        cells += [f"{part.tokens / part.seconds:,.0f}", share]
        cells += [f"{planned:.1f}", f"{part.seconds / planned:.2f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return lines
