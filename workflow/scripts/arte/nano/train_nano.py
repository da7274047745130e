"""Train the embedded models from scratch on the CPU: a student with its panel, a teacher, others.

python -m arte.nano.train_nano student|teacher|unseen --cfg JSON --prompts DIR --items F.. ...
"""

import argparse
import itertools
import json
import logging
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

from arte.core import io
from arte.core.errors import ArteError, cli
from arte.core.prompts import Prompts
from arte.data.tables import EXEMPLARS, ITEMS
from arte.models.folder import write_fingerprint
from arte.nano.corpus import Document, samplers, student_documents, teacher_documents
from arte.nano.loop import IGNORE, n_steps, native_bfloat16, process, train

log = logging.getLogger("arte.nano.train_nano")
BOS, EOS = "<s>", "</s>"
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

    Keys of cfg have the names of transformers; the inner width is three times hidden_size. The
    caller seeds torch.
    """
    return AutoModelForCausalLM.from_config(
        AutoConfig.for_model(
            cfg["architecture"],
            vocab_size=len(tokenizer),
            hidden_size=cfg["hidden_size"],
            intermediate_size=3 * cfg["hidden_size"],
            num_hidden_layers=cfg["num_hidden_layers"],
            num_attention_heads=cfg["num_attention_heads"],
            num_key_value_heads=cfg["num_attention_heads"],
            head_dim=cfg["hidden_size"] // cfg["num_attention_heads"],
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


Trained = tuple[PreTrainedModel, PreTrainedTokenizerFast, list[dict]]
"""A model, its tokenizer and the history of its training."""


def train_student(cfg: dict, args: argparse.Namespace) -> Trained:
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
    return model, tokenizer, train(model, batches, cfg, cfg["student_tokens"], at)


def train_teacher(cfg: dict, args: argparse.Namespace) -> Trained:
    """The student trained on for the teacher's prompts: it copies and reckons already."""
    problems, prompts = problems_of(cfg, args), Prompts(args.prompts)
    rng = np.random.default_rng([cfg["seed"], 2])
    tokenizer = AutoTokenizer.from_pretrained(args.student)
    model = AutoModelForCausalLM.from_pretrained(args.student, dtype=torch.float32)
    batches = rows(teacher_documents(problems, prompts, rng), tokenizer, cfg["context"])
    for rate in ("learning_rate", "muon_learning_rate"):  # weights that are trained already
        cfg = cfg | {rate: cfg[rate] / 2}
    return model, tokenizer, train(model, batches, cfg, cfg["teacher_tokens"], {})


def train_unseen(cfg: dict, args: argparse.Namespace) -> Trained:
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
    return model, tokenizer, train(model, batches, cfg, cfg["tokens"], {})


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


def write(trained: Trained, args: argparse.Namespace) -> None:
    """Write model, panel and metrics; the panel's weights were saved on the way."""
    model, tokenizer, history = trained
    model.save_pretrained(args.output)
    for directory in [*args.panel, args.output]:
        tokenizer.save_pretrained(directory)
        write_fingerprint(directory)
    io.write_json({"history": history, "bfloat16": native_bfloat16()}, args.metrics)


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
    with process() as rank:
        trained = KINDS[args.kind](cfg, args)
    loss = trained[-1][-1]["loss"]
    if not np.isfinite(loss):
        raise ArteError(
            expected="a finite training loss",
            found=str(loss),
            where=f"nano {args.kind}",
            remedy="lower config key nano.muon_learning_rate or nano.learning_rate",
        )
    if rank == 0:
        write(trained, args)


if __name__ == "__main__":
    main()
