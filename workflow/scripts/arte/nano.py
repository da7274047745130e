"""Train the embedded models from scratch on the CPU: a student with its panel, a teacher, others.

python -m arte.nano student|teacher|unseen --cfg JSON --prompts DIR --items F.. --validation F.. ...
"""

import argparse
import itertools
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)
from transformers.utils import logging as transformers_logging

from arte import io
from arte.errors import ArteError, cli
from arte.models import write_fingerprint
from arte.nano_corpus import Document, samplers, student_documents, teacher_documents
from arte.prompts import Prompts
from arte.schema import EXEMPLARS, ITEMS

log = logging.getLogger("arte.nano")
BOS, EOS = "<s>", "</s>"
IGNORE = -100  # the label that the loss of transformers skips
POSITIONS = 16384
"""Positions are rotary, so this costs nothing; real BBH prompts exceed the training context."""


def train_tokenizer(documents: Iterator[str], vocab_size: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer with <s> before every text; bytes make any Unicode encodable."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[BOS, EOS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(documents, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", special_tokens=[(BOS, tokenizer.token_to_id(BOS))]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=BOS, eos_token=EOS, pad_token=EOS
    )


def new_model(cfg: dict, tokenizer: PreTrainedTokenizerFast) -> PreTrainedModel:
    """A small cfg["architecture"] (a transformers model type) with random weights, in float32.

    Width hidden_size, an inner width of three times that, `layers` layers of `heads` heads. The
    caller seeds torch.
    """
    return AutoModelForCausalLM.from_config(
        AutoConfig.for_model(
            cfg["architecture"],
            vocab_size=len(tokenizer),
            hidden_size=cfg["hidden_size"],
            intermediate_size=3 * cfg["hidden_size"],
            num_hidden_layers=cfg["layers"],
            num_attention_heads=cfg["heads"],
            num_key_value_heads=cfg["heads"],
            head_dim=cfg["hidden_size"] // cfg["heads"],
            max_position_embeddings=POSITIONS,
            tie_word_embeddings=True,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def rows(
    documents: Iterator[Document], tokenizer: PreTrainedTokenizerFast, length: int
) -> Iterator[tuple[list[int], list[int]]]:
    """Documents, each from <s> to </s>, packed end to end into rows of `length` (token, label)s.

    A label is its token where the model is to learn it and IGNORE elsewhere.
    """
    ids: list[int] = []
    labels: list[int] = []
    while True:
        for document in itertools.islice(documents, 64):
            texts, learned = zip(*document, strict=True)
            encoded = tokenizer(list(texts), add_special_tokens=False)["input_ids"]
            ids.append(tokenizer.bos_token_id)
            labels.append(IGNORE)
            for tokens, learn in zip(encoded, learned, strict=True):
                ids += tokens
                labels += tokens if learn else [IGNORE] * len(tokens)
            ids.append(tokenizer.eos_token_id)
            labels.append(tokenizer.eos_token_id)
        while len(ids) >= length:
            yield ids[:length], labels[:length]
            ids, labels = ids[length:], labels[length:]


def native_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 itself; elsewhere autocast is slower than float32."""
    info = Path("/proc/cpuinfo")
    return info.exists() and "avx512_bf16" in info.read_text()


def n_steps(cfg: dict, tokens: int) -> int:
    """Optimiser steps that `tokens` tokens make."""
    return max(1, tokens // (cfg["batch_tokens"] // cfg["context"] * cfg["context"]))


def optimisers(model: PreTrainedModel, cfg: dict) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of hidden layers, AdamW for embeddings, norms and biases.

    With Muon, copying from the context emerges after a third of the tokens that AdamW needs.
    """
    embeddings = {id(model.get_input_embeddings()), id(model.get_output_embeddings())}
    hidden = [
        module.weight
        for module in model.modules()
        if isinstance(module, torch.nn.Linear) and id(module) not in embeddings
    ]
    inside = {id(weight) for weight in hidden}
    others = [weight for weight in model.parameters() if id(weight) not in inside]
    return [
        torch.optim.Muon(hidden, lr=cfg["muon_learning_rate"], weight_decay=0.01),
        torch.optim.AdamW(others, lr=cfg["learning_rate"], betas=(0.9, 0.98), weight_decay=0.01),
    ]


def train(
    model: PreTrainedModel,
    batches: Iterator[tuple[list[int], list[int]]],
    cfg: dict,
    tokens: int,
    at: dict[int, Path],
) -> list[dict]:
    """Train for `tokens` tokens in place: 5 % warm-up, then linear decay to a tenth.

    Weights and optimiser are float32; forward passes run in bfloat16 where the CPU computes it
    natively. `at` maps a step to a directory in which that step's weights are saved. Returns the
    loss history as rows of step, loss, seconds.
    """
    batch_rows, steps = cfg["batch_tokens"] // cfg["context"], n_steps(cfg, tokens)
    both = optimisers(model, cfg)
    warmup = max(1, steps // 20)
    schedules = [
        torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda s: min((s + 1) / warmup, 1 - 0.9 * max(0, s - warmup) / steps)
        )
        for optimiser in both
    ]
    bfloat16 = native_bfloat16()
    history, began = [], time.monotonic()
    model.train()
    for step in range(1, steps + 1):
        ids, labels = map(torch.tensor, zip(*itertools.islice(batches, batch_rows), strict=True))
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for part in [*both, *schedules]:
            part.step()
        model.zero_grad(set_to_none=True)
        if step % 100 == 0 or step == steps:
            seconds = round(time.monotonic() - began, 1)
            history.append({"step": step, "loss": round(loss.item(), 4), "seconds": seconds})
            log.info("step %d of %d, loss %.3f, %.0f s", step, steps, loss.item(), seconds)
        if step in at:
            model.save_pretrained(at[step])
    return history


def train_student(cfg: dict, args: argparse.Namespace) -> list[dict]:
    """Tokenizer and student from scratch; early checkpoints become the IRT panel (§4.1)."""
    problems, prompts = problems_of(cfg, args), Prompts(args.prompts)
    rng = np.random.default_rng([cfg["seed"], 1])
    both = zip(
        student_documents(problems, prompts, rng),
        teacher_documents(problems, prompts, rng),
        strict=True,
    )
    sample = itertools.islice(itertools.chain.from_iterable(both), 4000)
    texts = ("".join(text for text, _ in document) for document in sample)
    tokenizer = train_tokenizer(texts, cfg["vocab_size"])
    model = new_model(cfg, tokenizer)
    log.info("student has %d parameters", model.num_parameters())
    steps = n_steps(cfg, cfg["student_tokens"])
    shares = cfg["panel"].values()
    at = {
        max(1, round(share * steps)): Path(d) for share, d in zip(shares, args.panel, strict=True)
    }
    batches = rows(student_documents(problems, prompts, rng), tokenizer, cfg["context"])
    history = train(model, batches, cfg, cfg["student_tokens"], at)
    for directory in [*args.panel, args.output]:
        save(model if directory == args.output else None, tokenizer, directory)
    return history


def train_teacher(cfg: dict, args: argparse.Namespace) -> list[dict]:
    """The student trained on for the teacher's prompts: it copies and reckons already."""
    problems, prompts = problems_of(cfg, args), Prompts(args.prompts)
    rng = np.random.default_rng([cfg["seed"], 2])
    tokenizer = AutoTokenizer.from_pretrained(args.student)
    model = AutoModelForCausalLM.from_pretrained(args.student, dtype=torch.float32)
    batches = rows(teacher_documents(problems, prompts, rng), tokenizer, cfg["context"])
    history = train(model, batches, cfg, cfg["teacher_tokens"], {})
    save(model, tokenizer, args.output)
    return history


def train_unseen(cfg: dict, args: argparse.Namespace) -> list[dict]:
    """A student that no preference was collected from (Table 5), with the student's tokenizer.

    Shape and architecture are its own; cfg["name"] makes its weights and documents its own too.
    """
    problems, prompts = problems_of(cfg, args), Prompts(args.prompts)
    rng = np.random.default_rng([cfg["seed"], 3, *cfg["name"].encode()])
    torch.manual_seed(int(rng.integers(2**31)))
    tokenizer = AutoTokenizer.from_pretrained(args.student)
    model = new_model(cfg, tokenizer)
    log.info("%s has %d parameters", cfg["name"], model.num_parameters())
    batches = rows(student_documents(problems, prompts, rng), tokenizer, cfg["context"])
    history = train(model, batches, cfg, cfg["tokens"], {})
    save(model, tokenizer, args.output)
    return history


def problems_of(cfg: dict, args: argparse.Namespace) -> dict:
    """Samplers that never show a nano model a test or validation question of a generated task."""
    read = io.read_tables
    held_out = pl.concat([read(args.items, ITEMS), read(args.validation, ITEMS)])["question"]
    columns = ["subtask", "question", "answer"]
    known = [read(args.validation, ITEMS), read(args.exemplars, EXEMPLARS)]
    known = pl.concat([table.select(columns) for table in known])
    return samplers(
        cfg["corpus"], cfg["subtasks"], set(held_out), known, difficulty=cfg["difficulty"]
    )


def save(model: PreTrainedModel | None, tokenizer: PreTrainedTokenizerFast, directory: str) -> None:
    """Write weights (unless there already), tokenizer and fingerprint."""
    if model is not None:
        model.save_pretrained(directory)
    tokenizer.save_pretrained(directory)
    write_fingerprint(directory)


KINDS = {"student": train_student, "teacher": train_teacher, "unseen": train_unseen}


@cli
def main() -> None:
    """Train one kind of nano model."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=list(KINDS))
    for name in ("cfg", "prompts", "output", "metrics"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("items", "validation", "exemplars"):
        parser.add_argument(f"--{name}", nargs="+", required=True)
    parser.add_argument(
        "--panel", nargs="*", default=[], help="directories in the order of cfg.panel"
    )
    parser.add_argument(
        "--student", help="the student's directory: the teacher's start, the others' tokenizer"
    )
    args = parser.parse_args()
    cfg = json.loads(args.cfg)
    torch.manual_seed(cfg["seed"])
    transformers_logging.disable_progress_bar()
    history = KINDS[args.kind](cfg, args)
    if not np.isfinite(history[-1]["loss"]):
        raise ArteError(
            expected="a finite training loss",
            found=str(history[-1]),
            where=f"nano {args.kind}",
            remedy="lower config key nano.learning_rate",
        )
    io.write_json({"history": history, "bfloat16": native_bfloat16()}, args.metrics)


if __name__ == "__main__":
    main()
