"""What is left of a LoRA teacher when it generates: KL and DPO margin by setting and by loading.

python benchmarks/adapters.py MODEL_FOLDER [--dtype bfloat16] [--held 3] [--settings 1e-7x506 …]

B moves by half of learning rate × steps (a cosine's sum) along the sign of the DPO gradient at the
start, which is what Adam does while gradients are steady. The pairs are of miniature problems:
worked steps are chosen, a bare answer is rejected.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import PreTrainedModel

from arte.align import divergence, preferences
from arte.align.divergence import Text
from arte.mini.bbh import draw
from arte.models import folder as models
from arte.models.adapter import load_served
from arte.models.tokenizer import load_tokenizer

SUBTASKS = ("boolean_expressions", "hyperbaton", "sports_understanding", "web_of_lies")
BETA = 0.1
LOADINGS = {
    "merged, rounded to nearest": None,
    "unmerged, as PEFT and vLLM's LoRA kernels": "openai",
    "engine transformers (one product)": "transformers",
    "engine vllm (rounded at random)": "vllm",
}


def pairs(tokenizer: object, n: int, seed: int) -> list[tuple[Text, Text]]:
    """N pairs of each subtask."""
    rows = []
    for subtask in SUBTASKS:
        for problem in draw(subtask, n, seed, 1):
            prompt = f"Question: {problem.question}\nAnswer: Let's think step by step."
            texts = (f" {problem.rationale(technique)}" for technique in ("steps", "direct"))
            row = dict(zip(("prompt", "chosen", "rejected"), (prompt, *texts), strict=True))
            rows.append({"kind": "rationale"} | row)
    by_kind = preferences.renderings(tokenizer, {}, model="the model")
    found = preferences.tokenized(rows, by_kind, where="the miniatures")
    return divergence.sample(found, max_length=None, seed=0)


def save_adapter(model: torch.nn.Module, folder: Path, base: Path, step: float) -> None:
    """Write the adapter whose B lies `step` from 0 against the sign of its gradient."""
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            parameter.data = -step * parameter.grad.sign()
    model.save_pretrained(folder)
    models.record_base(folder, base)


def descend(model: torch.nn.Module, some: list[tuple[Text, Text]]) -> None:
    """Leave the gradient of the DPO loss in the parameters; the policy is the reference yet."""
    for pair in some:
        for text, sign in zip(pair, (-1, 1), strict=True):
            found = model(input_ids=text.ids).logits[0, text.head - 1 : -1].log_softmax(-1)
            written = text.ids[0, text.head :, None]
            (sign * BETA / 2 * found.gather(-1, written).sum()).backward()


def merged(folder: Path, dtype: str) -> PreTrainedModel:
    """The adapter merged into weights of `dtype`, each rounded to the nearest."""
    return models.load_adapted(folder, dtype).merge_and_unload()


def measured(
    held: list[tuple[Text, Text]], aligned: Callable, original: Callable
) -> tuple[float, list[float]]:
    """KL (nats per token), and the margin of each pair."""
    found = divergence.differences(held, aligned, original)
    return sum(nats for nats, _ in found) / len(found), [BETA * rise for _, rise in found]


def table(arguments: argparse.Namespace) -> Iterator[list[str]]:
    """Rows: setting, loading, KL, margin, share of the trained margin with its standard error."""
    base, dtype = arguments.model, arguments.dtype
    tokenizer = load_tokenizer(base)
    held = pairs(tokenizer, arguments.held, 2)
    torch.manual_seed(0)
    lora = LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")
    trained = get_peft_model(models.load_causal_lm(base, dtype).float(), lora)
    descend(trained, pairs(tokenizer, 2, 1))
    exact_base, rounded_base = (models.load_causal_lm(base, dtype) for _ in range(2))
    exact_base.float()
    for setting in arguments.settings:
        rate, steps = setting.split("x")
        with tempfile.TemporaryDirectory(dir=base.parent) as name:
            folder = Path(name)
            save_adapter(trained, folder, base, float(rate) * int(steps) / 2)
            exact, margins = measured(held, trained, exact_base)
            yield _row(setting, "trained, float32", exact, margins, margins)
            for loading, backend in LOADINGS.items():
                load = merged if backend is None else load_served
                own = () if backend is None else (backend,)
                model = load(folder, dtype, *own)
                yield _row(setting, loading, *measured(held, model, rounded_base), margins)
                if backend != "openai":  # weights alone, without the arithmetic's noise
                    found = measured(held, model.float(), exact_base)
                    yield _row(setting, f"{loading}, float32 arithmetic", *found, margins)


def _row(
    setting: str, loading: str, nats: float, found: list[float], expected: list[float]
) -> list[str]:
    kept, error = divergence.share(found, expected)
    mean = sum(found) / len(found)
    return [setting, loading, f"{nats:.2e}", f"{mean:.4f}", f"{100 * kept:.1f} ± {100 * error:.1f}"]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--held", type=int, default=3, help="held-out pairs per subtask")
    settings = ["1e-7x506", "1e-6x506", "5e-6x202"]
    parser.add_argument("--settings", nargs="+", default=settings, help="learning rate x steps")
    arguments = parser.parse_args()
    print("| setting | loading | KL (nats) | margin | margin kept (%) |\n|---|---|---|---|---|")
    for row in table(arguments):
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
