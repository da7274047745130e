"""Train the embedded models from scratch on the CPU: a student with its panel, a teacher, others.

python -m arte.nano.train_nano student|teacher|unseen --cfg JSON --prompts DIR --items F.. ...
"""

import argparse
import itertools
import shutil
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

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.core.prompts import Prompts
from arte.data.tables import EXEMPLARS, ITEMS
from arte.models.folder import clear_links, readable, write_fingerprint
from arte.nano import checkpoints
from arte.nano.checkpoints import Checkpoint
from arte.nano.corpus import (
    Document,
    practiced,
    samplers,
    student_documents,
    teacher_documents,
)
from arte.nano.loop import IGNORE, n_steps, native_bfloat16, process, train
from arte.training import kept

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


def train_student(cfg: dict, args: argparse.Namespace, saved: Checkpoint) -> Trained:
    """Tokenizer and student from scratch; early checkpoints become the IRT panel (§4.1)."""
    problems, prompts = problems_of(cfg, args), Prompts(args.prompts)
    rng = np.random.default_rng([cfg["seed"], 1])
    both = zip(
        student_documents(problems, prompts, rng),
        teacher_documents(problems, prompts, rng, cfg["corpus"]),
        strict=True,
    )
    sample = itertools.islice(itertools.chain.from_iterable(both), 4000)
    texts = ("".join(text for text, _ in document) for document in sample)
    tokenizer = train_tokenizer(texts, cfg["vocab_size"])
    model = new_model(cfg, tokenizer)
    job.log(f"student has {model.num_parameters()} parameters")
    documents = student_documents(problems, prompts, rng)
    documents = practiced(documents, problems, rng, cfg["student_tokens"])
    batches = rows(documents, tokenizer, cfg["context"])
    history = train(
        model, batches, cfg, cfg["student_tokens"], checkpoint=saved, keep=panel_steps(cfg)
    )
    return model, tokenizer, history


def panel_steps(cfg: dict) -> list[int]:
    """The steps of the student's training whose weights are the panel's, in the order of it."""
    steps = n_steps(cfg, cfg["student_tokens"])
    return [max(1, round(share * steps)) for share in cfg["panel"].values()]


def train_teacher(cfg: dict, args: argparse.Namespace, saved: Checkpoint) -> Trained:
    """The student trained on for the teacher's prompts: it can already copy and calculate."""
    problems, prompts = problems_of(cfg, args), Prompts(args.prompts)
    rng = np.random.default_rng([cfg["seed"], 2])
    tokenizer = AutoTokenizer.from_pretrained(args.student, local_files_only=True)
    model = AutoModelForCausalLM.from_pretrained(
        args.student, dtype=torch.float32, local_files_only=True
    )
    documents = teacher_documents(problems, prompts, rng, cfg["corpus"])
    batches = rows(documents, tokenizer, cfg["context"])
    for rate in ("learning_rate", "muon_learning_rate"):  # weights that are trained already
        cfg = cfg | {rate: cfg[rate] / 2}
    history = train(model, batches, cfg, cfg["teacher_tokens"], checkpoint=saved)
    return model, tokenizer, history


def train_unseen(cfg: dict, args: argparse.Namespace, saved: Checkpoint) -> Trained:
    """A student that no preference was collected from (Table 5), with the student's tokenizer.

    Shape and architecture are its own; cfg["name"] makes its weights and documents its own too.
    """
    problems, prompts = problems_of(cfg, args), Prompts(args.prompts)
    rng = np.random.default_rng([cfg["seed"], 3, *cfg["name"].encode()])
    torch.manual_seed(int(rng.integers(2**31)))
    tokenizer = AutoTokenizer.from_pretrained(args.student, local_files_only=True)
    model = new_model(cfg, tokenizer)
    job.log(f"{cfg['name']} has {model.num_parameters()} parameters")
    documents = student_documents(problems, prompts, rng)
    documents = practiced(documents, problems, rng, cfg["tokens"])
    batches = rows(documents, tokenizer, cfg["context"])
    return model, tokenizer, train(model, batches, cfg, cfg["tokens"], checkpoint=saved)


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


def write(trained: Trained, cfg: dict, args: argparse.Namespace, saved: Checkpoint) -> dict:
    """Write the model and the panel, whose weights `saved` has; return the metrics."""
    model, tokenizer, history = trained
    model.save_pretrained(args.output)
    panel = panel_folders(args)
    for step, directory in zip(panel_steps(cfg) if panel else [], panel, strict=True):
        shutil.copytree(saved.early(step), directory, dirs_exist_ok=True)
    for directory in [*panel, args.output]:
        tokenizer.save_pretrained(directory)
        readable(Path(directory))
        write_fingerprint(directory)
    return {"history": history, "bfloat16": native_bfloat16()}


def panel_folders(args: argparse.Namespace) -> list[str]:
    """Where the student's early weights go, in the order of cfg["panel"]; others have none."""
    return args.output_panel if args.command == "student" else []


KINDS = {"student": train_student, "teacher": train_teacher, "unseen": train_unseen}


@cli
def main() -> None:
    """Train one kind of nano model."""
    data = ("--cfg", "--prompts", "--items+", "--validation+", "--exemplars+")
    written = ("--scratch", "--output", "--output-metrics")
    args = job.parse_command(
        __doc__,
        {
            "student": (*data, *written, "--output-panel+"),
            "teacher": (*data, "--student", *written),
            "unseen": (*data, "--student", *written),
        },
    )
    cfg = args.cfg
    torch.manual_seed(cfg["seed"])
    transformers_logging.disable_progress_bar()
    if job.is_main():
        for directory in [*panel_folders(args), args.output]:
            clear_links(directory)
    folders, saved = [args.output, *panel_folders(args)], checkpoints.of(args, cfg)
    made = kept.made_from("arte/nano/train_nano.py", saved.folder.name, native_bfloat16())
    if kept.restored(folders, made, args.output_metrics):
        return
    with process(args.scratch) as rank:
        trained = KINDS[args.command](cfg, args, saved)
        check_loss(trained[-1][-1]["loss"], args.command)
        if rank == 0:
            found = write(trained, cfg, args, saved)
            kept.finish(folders, made, found, args.output_metrics)
            saved.remove()


def check_loss(loss: float, kind: str) -> None:
    """Raise ArteError where a training diverged."""
    if not np.isfinite(loss):
        raise ArteError(
            expected="a finite training loss",
            found=str(loss),
            where=f"nano {kind}",
            remedy="lower config key nano.muon_learning_rate or nano.learning_rate",
        )


if __name__ == "__main__":
    main()
