"""Whole runs in processes of their own: killed halfway and resumed; and of growing size."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from speed import timed
from workload import STOP, Shape, prompts, save_model, save_tokenizer

from arte.engine.contract import Sampling
from arte.engine.generate import Generator

BATCH_TOKENS = 32768
ENGINE = {
    "backend": "transformers",
    "dtype": "float32",
    "max_model_len": 2048,
    "batch_tokens": BATCH_TOKENS,
}
GROWTH = (1, 2, 4, 8)
BASE_ITEMS = 20


def resume(name: str, shape: Shape, folder: Path) -> list[dict[str, Any]]:
    """Kill a run when half of its generations are journalled; count what the next one repeats."""
    _save(name, folder)
    journal = folder / "journal"
    first = _start(shape, folder, journal)
    while _lines(journal) < shape.requests / 2:
        if first.poll() is not None:
            raise RuntimeError("the run ended before it could be killed")
        time.sleep(0.01)
    first.send_signal(signal.SIGKILL)
    first.wait()
    before = _lines(journal)
    stats = json.loads(_start(shape, folder, journal).communicate()[0])
    rows = BATCH_TOKENS // (shape.test + shape.cap)
    values = {
        "requests": shape.requests,
        "journalled_at_kill": before,
        "found_by_second_run": stats["from_journal"],
        "generated_by_second_run": stats["generated"],
        "journalled_but_repeated": stats["generated"] - (shape.requests - before),
        "in_flight_at_most (one batch)": rows,
    }
    return [{"benchmark": f"resume {name}", "measure": m, "value": v} for m, v in values.items()]


def growth(name: str, shape: Shape, folder: Path, repetitions: int) -> list[dict[str, Any]]:
    """Seconds per request and peak memory of runs of 1, 2, 4 and 8 times as many questions.

    All sizes are run in turn, `repetitions` times: seconds and ratios are medians over the turns.
    """
    _save(name, folder)
    turns = [
        {factor: _grown(shape, factor, folder, turn) for factor in GROWTH}
        for turn in range(repetitions)
    ]
    rows = []
    for factor in GROWTH:
        values = {
            f"requests_x{factor}": turns[0][factor]["generated"],
            f"ms_per_request_x{factor}": round(median(t[factor]["ms"] for t in turns), 2),
            f"time_ratio_x{factor}": round(median(t[factor]["ms"] / t[1]["ms"] for t in turns), 3),
            f"peak_MB_x{factor}": max(t[factor]["peak_MB"] for t in turns),
        }
        rows += [
            {"benchmark": f"growth {name}", "measure": m, "value": v} for m, v in values.items()
        ]
    return rows


def _grown(shape: Shape, factor: int, folder: Path, turn: int) -> dict[str, Any]:
    grown = replace(shape, questions=2 * factor, items=BASE_ITEMS)
    run = _start(grown, folder, folder / f"journal-{turn}-{factor}")
    stats = json.loads(run.communicate()[0])
    return {**stats, "ms": 1000 * stats["cpu_s"] / grown.requests}


def _save(name: str, folder: Path) -> None:
    n_words = len(save_model(name, folder))
    save_tokenizer(folder, n_words, stops=set(range(0, n_words, 60)))


def _start(shape: Shape, folder: Path, journal: Path) -> subprocess.Popen:
    command = [sys.executable, __file__, json.dumps(vars(shape)), str(folder), str(journal)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)


def _lines(journal: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in journal.rglob("snarks.jsonl"))


def _run(shape: Shape, folder: str, journal: str) -> dict[str, Any]:
    """One run as a stage does it: what it generated, seconds of generation, peak memory."""
    generator = Generator(folder, ENGINE, journal, "score")
    words = generator.tokenizer.convert_ids_to_tokens(range(len(generator.tokenizer) - 2))
    asked, sampling = prompts(shape, words), Sampling(shape.cap, stop=(STOP,))
    generator.complete("warm_up", asked[:1], sampling)  # loads the model
    warm = generator.stats["generated"]
    _, seconds = timed(lambda: generator.complete("snarks", asked, sampling))
    stats = generator.stats
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {
        "cpu_s": seconds,
        "peak_MB": peak,
        "generated": stats["generated"] - warm,
        "from_journal": stats["from_journal"] - (1 - warm),
    }


if __name__ == "__main__":
    print(json.dumps(_run(Shape(**json.loads(sys.argv[1])), sys.argv[2], sys.argv[3])))
