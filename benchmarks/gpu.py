"""How fast a GPU does what the pipeline asks of it, against its roofline and against the plan.

    make venv-gpu
    PYTHONPATH=workflow/scripts .venv-gpu/bin/python benchmarks/gpu.py --output measured

Random weights of the shapes of Gemma-2B and Qwen2.5-7B, nothing downloaded: DPO of an adapter with
gradient checkpointing, SFT of all weights where these fit, else of an adapter, and scoring through
vLLM with the adapter unmerged. All by the pipeline's own commands and the keys of the preset
single-gpu, with training rows as long as max_length. It writes to the folder of --output:
entry.yaml, a line for config/throughput.yaml; table.md, rows for benchmarks/README.md; and what
they rest on. --size tiny --device cpu runs the same code in minutes, with the engine transformers.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SHAPES: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "full": {
        "gemma-2b": (
            "gemma",
            {
                "vocab_size": 256000,
                "hidden_size": 2048,
                "intermediate_size": 16384,
                "num_hidden_layers": 18,
                "num_attention_heads": 8,
                "num_key_value_heads": 1,
                "head_dim": 256,
                "tie_word_embeddings": True,
                "max_position_embeddings": 8192,
            },
        ),
        "qwen2.5-7b": (
            "llama",
            {
                "vocab_size": 152064,
                "hidden_size": 3584,
                "intermediate_size": 18944,
                "num_hidden_layers": 28,
                "num_attention_heads": 28,
                "num_key_value_heads": 4,
                "tie_word_embeddings": False,
                "attention_bias": True,
                "max_position_embeddings": 32768,
            },
        ),
    },
    "tiny": {
        "gemma-tiny": (
            "gemma",
            {
                "vocab_size": 1536,
                "hidden_size": 64,
                "intermediate_size": 512,
                "num_hidden_layers": 2,
                "num_attention_heads": 4,
                "num_key_value_heads": 1,
                "head_dim": 16,
                "tie_word_embeddings": True,
                "max_position_embeddings": 1024,
            },
        ),
        "qwen2.5-tiny": (
            "llama",
            {
                "vocab_size": 1536,
                "hidden_size": 64,
                "intermediate_size": 256,
                "num_hidden_layers": 2,
                "num_attention_heads": 4,
                "num_key_value_heads": 2,
                "tie_word_embeddings": False,
                "attention_bias": True,
                "max_position_embeddings": 1024,
            },
        ),
    },
}
"""Family and dimensions of each model, by their names in its config.json.

Qwen2 is written as a Llama with biases, which computes the same: transformers would give a model of
type qwen2 a tokenizer of that class, which splits words.
"""
SIZES = {
    "full": {"scale": 1.0, "questions": 10, "items": 30, "steps": 4},
    "tiny": {"scale": 0.2, "questions": 2, "items": 40, "steps": 3},
}
TINY = {
    "engine": {"max_model_len": 1024},
    "prefer": {"max_tokens": 64},
    "align": {"dpo": {"max_length": 128, "gradient_accumulation_steps": 2}},
    "finetune": {"sft": {"max_length": 128, "gradient_accumulation_steps": 2}},
}
"""What is smaller than in the preset."""
ON_CPU = {
    "engine": {"backend": "transformers", "dtype": "float32"},
    "align": {"dtype": "float32", "dpo": {"bf16": False}},
    "finetune": {"dtype": "float32", "sft": {"bf16": False}},
}
STEADY = {"align": {"dpo": {"learning_rate": 1.0e-7}}}
"""Speed does not depend on it, and a teacher of random weights that moves has nothing to keep."""


def configuration(size: str, device: str) -> dict[str, Any]:
    """The blocks of the preset single-gpu, with what this size and device change."""
    from arte.config.check import checked
    from arte.config.engines import merged
    from arte.console.doctor import given

    whole = checked(given([str(ROOT / "config/presets/single-gpu.yaml")]))
    for changes in (STEADY, TINY if size == "tiny" else {}, ON_CPU if device == "cpu" else {}):
        whole = merged(whole, changes)
    return whole


def card() -> str:
    """The name of the first GPU."""
    query = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    return subprocess.run(query, capture_output=True, text=True, check=True).stdout.splitlines()[0]


def measure(arguments: argparse.Namespace, site: Any, device: dict | None) -> tuple[list, float]:
    """All parts of all models, and the mean seconds of a start beside the reading of weights."""
    from gpu_jobs import Bench, Size, align, finetune, save_model, score, students, write_tables

    from arte.plan.cost import least_gb
    from arte.plan.work import Work

    cfg = configuration(arguments.size, arguments.device)
    parts, starts = [], []
    for name, (family, shape) in SHAPES[arguments.size].items():
        sft = cfg["finetune"]["sft"]
        batch = sft["per_device_train_batch_size"] * sft["gradient_accumulation_steps"]
        size, gpus = Size(**SIZES[arguments.size], batch=batch), 0 if device is None else 1
        bench = Bench(name, arguments.scratch / name, cfg, size, gpus)
        say(f"{name}: random weights and tables")
        save_model(family, shape, bench.folder / "model", cfg["engine"]["dtype"])
        write_tables(bench)
        whole = Work(bench.model, gpus, training=students(bench)["all weights"])
        fits = device is None or least_gb(whole, site) <= device["memory_gb"]
        own: list = []
        say(f"{name}: DPO")
        own.append(align(bench))
        say(f"{name}: SFT")
        own.append(finetune(bench, "all weights" if fits else "adapter"))
        say(f"{name}: scoring")
        scored, began = score(bench)
        read = bench.model.shape.parameters * 2 / 1e9 / site.assumed["gpu"]["disk_gbs"]
        starts += [max(0.0, start - read) for start in (*(start for _, start in own), *began)]
        parts += [*(part for part, _ in own), *scored]
    return parts, sum(starts) / len(starts)


def say(text: str) -> None:
    """One line to stderr."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, required=True, help="folder of what is written")
    parser.add_argument("--size", choices=list(SHAPES), default="full")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument(
        "--scratch", type=Path, help="folder of models (60 GB), else a temporary one"
    )
    parser.add_argument("--name", help="of a card that is not known, in config/throughput.yaml")
    for flag, what in (("memory-gb", "GB"), ("tflops", "dense bf16"), ("bandwidth-gbs", "GB/s")):
        parser.add_argument(f"--{flag}", type=float, help=f"peak of such a card ({what})")
    arguments = parser.parse_args()
    if arguments.scratch is not None:
        run(arguments)
        return
    with tempfile.TemporaryDirectory() as folder:
        arguments.scratch = Path(folder)
        run(arguments)


def run(arguments: argparse.Namespace) -> None:
    """Measure in the folder `scratch`."""
    import yaml
    from roofline import device_of, entry, entry_line, table

    from arte.plan.cost import Site

    assumed = yaml.safe_load((ROOT / "config/throughput.yaml").read_text(encoding="utf-8"))
    shown, name, device = "one core", "cpu", None
    if arguments.device == "cuda":
        shown = card()
        name, device = device_of(shown, assumed["devices"], vars(arguments))
        assumed["devices"].setdefault(name, device)
    site = Site(name, assumed)
    parts, start = measure(arguments, site, device)
    found = entry(parts, device, start)
    lines, rows = entry_line(name, found, shown), table(parts, site, device)
    arguments.output.mkdir(parents=True, exist_ok=True)
    (arguments.output / "entry.yaml").write_text(lines + "\n", encoding="utf-8")
    (arguments.output / "table.md").write_text("\n".join(rows) + "\n", encoding="utf-8")
    kept = {"card": shown, "device": {name: found}, "rows": rows, "start_s": round(start, 1)}
    (arguments.output / "measured.json").write_text(json.dumps(kept, indent=2), encoding="utf-8")
    print(f"{shown}, start {start:.0f} s\n\n" + "\n".join(rows) + f"\n\n{lines}")


if __name__ == "__main__":
    main()
