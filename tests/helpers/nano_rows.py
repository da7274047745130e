"""A tokenizer of two documents and endless rows of them, for tests of the nano models."""

import itertools
import json
import os
import sys
from pathlib import Path

import torch

from arte.nano import loop as nano_training
from arte.nano import train_nano as nano
from arte.nano.checkpoints import Checkpoint

DOCUMENTS = [
    [("Question: is it so?\nAnswer:", False), (" It is so .\n", True)],
    [("Question: is it not?\nAnswer:", False), (" It is not , dear Zoë .\n", True)],
]
CFG = {
    "architecture": "llama",
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "context": 32,
    "batch_tokens": 64,
    "learning_rate": 1e-2,
    "muon_learning_rate": 0.02,
}


def tokenizer():
    texts = ["".join(text for text, _ in document) for document in DOCUMENTS]
    return nano.train_tokenizer(iter(texts * 50), 300)


def packed(tokenizer):
    return nano.rows(itertools.cycle(DOCUMENTS), tokenizer, CFG["context"])


def train_and_print():
    """Train, alone or as one of several processes, and print the sum of all squared weights.

    Each process writes its line at once: two that print share one pipe. The first argument of the
    command is the folder of the checkpoint.
    """
    torch.manual_seed(0)
    scratch = sys.argv[1]
    with nano_training.process(scratch):
        words = tokenizer()
        model = nano.new_model(CFG, words)
        checkpoint = Checkpoint(Path(scratch))
        nano_training.train(model, packed(words), CFG, 64 * 20, checkpoint=checkpoint)
    squares = sum(float(weight.double().square().sum()) for weight in model.parameters())
    os.write(1, (json.dumps({"weights": squares}) + "\n").encode())
