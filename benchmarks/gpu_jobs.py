"""Random models of real shapes, tables of random words, and the pipeline's commands on both."""

import json
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import torch
from roofline import Part, answers, trained
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.utils.logging import disable_progress_bar
from workload import Shape, save_tokenizer, scaled

from arte.config.engines import KEYS
from arte.core import io
from arte.elicit.tables import RATIONALES
from arte.models.folder import readable, write_fingerprint
from arte.plan.shapes import Model, folder_shape
from arte.plan.training import FROZEN_BYTES
from arte.plan.work import Training, Work
from arte.prefer.tables.pairs import PAIRS
from arte.prefer.tables.preference_set import PREFERENCE_SET
from arte.tailor.tables import TRAINING_SET

ROOT = Path(__file__).parents[1]
SUBTASK = "navigate"


@dataclass(frozen=True)
class Size:
    """How much is asked of a model: `scale` of a scoring prompt's lengths, rows of a training step.

    A scoring job has `questions` times four rationales times `items` requests.
    """

    scale: float
    questions: int
    items: int
    steps: int
    batch: int


@dataclass(frozen=True)
class Bench:
    """A model's folder, the blocks of the configuration, and where its files go."""

    name: str
    folder: Path
    cfg: dict[str, Any]
    size: Size
    gpus: int

    @property
    def model(self) -> Model:
        """The model as a plan knows it; one word is one token."""
        return Model(self.name, folder_shape(str(self.folder / "model")), 1.0)


def save_model(kind: str, shape: dict[str, Any], folder: Path, dtype: str) -> None:
    """Write random weights that never end a text, and a tokenizer of words."""
    disable_progress_bar()
    torch.manual_seed(0)
    end = shape["vocab_size"] - 8  # some tokenizers add tokens of their own
    ids = {"bos_token_id": None, "eos_token_id": end, "pad_token_id": end}
    config = AutoConfig.for_model(kind, **shape, **ids)
    model = AutoModelForCausalLM.from_config(config, dtype=getattr(torch, dtype))
    with torch.no_grad():
        model.get_output_embeddings().weight[end] = 0
    model.save_pretrained(folder)
    save_tokenizer(folder, end, stops=set())
    readable(folder)
    write_fingerprint(folder)


def _words(n: int, draw: random.Random) -> str:
    return " ".join(f"w{draw.randrange(1000):04d}" for _ in range(n))


def _drafts(shape: Shape, draw: random.Random) -> list[dict]:
    same = {"subtask": SUBTASK, "technique": "steps", "answer": "Yes", "finish_reason": "stop"}
    same |= {"answer_pred": "Yes", "correct": True, "prompt_id": "0"}
    return [
        same
        | {"question_id": f"q{q:03d}", "rationale_id": r, "question": question}
        | {"rationale": _words(shape.rationale, draw)}
        for q in range(shape.questions)
        for question in [_words(shape.question, draw)]
        for r in range(shape.rationales)
    ]


def _items(shape: Shape, draw: random.Random) -> list[dict]:
    same = {"subtask": SUBTASK, "task": SUBTASK, "category": "BBH-Math", "answer": "Yes"}
    return [
        same
        | {"item_id": f"{i:03d}", "question": _words(shape.test, draw)}
        | {"discrimination": 1.0, "rank": i}
        for i in range(shape.items)
    ]


def _training_rows(bench: Bench, draw: random.Random) -> tuple[list[dict], list[dict]]:
    """Pairs and examples, each as long as training allows."""
    count = bench.size.steps * bench.size.batch
    rows = [{"subtask": SUBTASK, "question_id": f"q{i:04d}"} for i in range(count)]
    half = bench.cfg["align"]["dpo"]["max_length"] // 2
    pairs = [
        row
        | {"kind": "rationale", "prompt": _words(half, draw), "margin": 1.0}
        | {key: _words(half - 1, draw) for key in ("chosen", "rejected")}
        for row in rows
    ]
    half = bench.cfg["finetune"]["sft"]["max_length"] // 2
    examples = [
        row
        | {"technique": "steps", "prompt": _words(half, draw)}
        | {"completion": _words(half - 1, draw)}
        for row in rows
    ]
    return pairs, examples


def write_tables(bench: Bench) -> None:
    """Write drafts and items for scoring, pairs and examples as long as training allows."""
    draw, size = random.Random(0), bench.size
    shape = scaled(size.scale, questions=size.questions, items=size.items)
    made = {"drafts": (_drafts(shape, draw), RATIONALES)}
    made |= {"items": (_items(shape, draw), PREFERENCE_SET)}
    pairs, examples = _training_rows(bench, draw)
    made |= {"pairs": (pairs, PAIRS), "examples": (examples, TRAINING_SET)}
    for name, (content, schema) in made.items():
        frame: pl.DataFrame = schema.frame(content)
        io.write_table(frame, bench.folder / f"{name}.parquet", schema, {})


def command(bench: Bench, module: str, cfg: dict, **flags: Path | str) -> list[tuple[float, str]]:
    """Run a command of the pipeline; the lines of its log, and when they came (s after its start).

    The last line is an empty one, at its end. Raises RuntimeError where it fails.
    """
    words = [sys.executable, "-m", f"arte.{module}", "--cfg", json.dumps(cfg)]
    for flag, value in flags.items():
        words += [f"--{flag.replace('_', '-')}", str(value)]
    own = {"PYTHONPATH": str(ROOT / "workflow/scripts"), "HF_HUB_OFFLINE": "1"}
    if not bench.gpus:
        own |= {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    start, lines = time.monotonic(), []
    with subprocess.Popen(
        words, env=os.environ | own, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as job:
        for line in job.stderr:
            lines.append((time.monotonic() - start, line.rstrip()))
            print(f"    {line}", end="", file=sys.stderr, flush=True)
    if job.returncode:
        raise RuntimeError(f"{module} failed:\n" + "\n".join(line for _, line in lines[-20:]))
    return [*lines, (time.monotonic() - start, "")]


def _training(
    bench: Bench, name: str, lines: list[tuple[float, str]], training: Training
) -> tuple[Part, float]:
    steps, seconds, start = trained(lines)
    block = training.block
    rows = block["per_device_train_batch_size"] * block["gradient_accumulation_steps"]
    sequences = rows * (2 if training.pairs else 1)
    work = Work(bench.model, bench.gpus, training=training, steps=steps)
    work.prompt = float(steps * sequences * training.length)
    return Part(bench.name, name, "train", work, seconds), start


def align(bench: Bench) -> tuple[Part, float]:
    """DPO of an adapter, which goes to the folder `aligned`; seconds of its start."""
    block = bench.cfg["align"]
    engine = {key: bench.cfg["engine"][key] for key in ("backend", "dtype")}
    files = {"pairs": bench.folder / "pairs.parquet", "output": bench.folder / "aligned"}
    lines = _train(bench, "align.teacher", {"seed": 0, "engine": engine, **block}, **files)
    training = Training(
        block["dpo"],
        rows=2 * block["dpo"]["per_device_train_batch_size"],
        length=block["dpo"]["max_length"],
        pairs=True,
        rank=block["lora"]["r"],
        frozen=FROZEN_BYTES[block["dtype"]],
    )
    return _training(bench, "DPO, adapter", lines, training)


def students(bench: Bench) -> dict[str, Training]:
    """SFT of all weights, and of an adapter, as a plan knows them."""
    block = bench.cfg["finetune"]
    sft = block["sft"]
    whole = Training(sft, rows=sft["per_device_train_batch_size"], length=sft["max_length"])
    frozen = FROZEN_BYTES[block["dtype"]]
    return {"all weights": whole, "adapter": replace(whole, rank=block["lora"]["r"], frozen=frozen)}


def finetune(bench: Bench, kind: str) -> tuple[Part, float]:
    """SFT of a kind of `students`; seconds of its start."""
    keys = ("launch", "sft") if kind == "all weights" else ("launch", "sft", "lora", "dtype")
    cfg = {"seed": 0, **{key: bench.cfg["finetune"][key] for key in keys}}
    files = {"train": bench.folder / "examples.parquet", "output": bench.folder / "student"}
    lines = _train(bench, "finetune.student", cfg, **files)
    return _training(bench, f"SFT, {kind}", lines, students(bench)[kind])


def _train(bench: Bench, module: str, cfg: dict, **files: Path) -> list[tuple[float, str]]:
    own = {"model": bench.folder / "model", "scratch": bench.folder / "scratch"}
    return command(
        bench, module, cfg, **own, **files, output_metrics=bench.folder / f"{module}.json"
    )


def score(bench: Bench) -> tuple[list[Part], list[float]]:
    """Scoring by the adapter that `align` wrote, unmerged: prompts alone, then with answers."""
    read, first = _score(bench, 1)
    whole, second = _score(bench, bench.cfg["prefer"]["max_tokens"])
    prompts = replace(read, kind="read", command="scoring, prompts")
    wrote = answers(replace(whole, command="scoring, answers"), prompts)
    return [prompts, wrote], [first, second]


def _score(bench: Bench, max_tokens: int) -> tuple[Part, float]:
    engine = bench.cfg["engine"]
    kept = {key: engine[key] for key in KEYS[engine["backend"]]}
    if engine["backend"] == "vllm":
        kept["gpus"] = bench.gpus
    cfg = {"subtasks": [SUBTASK], "engine": kept, "scorer": "icl", "max_tokens": max_tokens}
    at = bench.folder / f"score-{max_tokens}"
    files = {
        "model": bench.folder / "aligned",
        "prompts": ROOT / "resources/prompts",
        "rationales": bench.folder / "drafts.parquet",
        "journal": at / "journal",
        "preference": bench.folder / "items.parquet",
    }
    made = {f"output_{name}": at / name for name in ("outputs", "scores", "question_scores")}
    stats = at / "stats.json"
    lines = command(
        bench,
        "prefer.score_rationales",
        cfg,
        scorer="arte.prefer.scorers.icl",
        **files,
        **made,
        output_stats=stats,
    )
    did = io.read_json(stats)
    work = Work(
        bench.model,
        bench.gpus,
        engine=kept,
        requests=did["generated"],
        prompt=did["prompt_tokens"],
        read=did["prompt_tokens"] - did["cached_tokens"],
        written=did["output_tokens"] if max_tokens > 1 else 0,
    )
    return Part(bench.name, "scoring", "read", work, did["seconds"]), lines[-1][0] - did["seconds"]
