"""A random Llama of a few thousand parameters for tests that train or generate."""

from pathlib import Path

import torch

from arte.models import folder as models
from arte.nano.train_nano import new_model, train_tokenizer

TEXTS = [
    "Question: is not True True? Answer: Let's think step by step. So the answer is <ans>no</ans>.",
    "Answer: Let's think step by step.",
    "not False is True. So the answer is <ans>True</ans>.",
    "Task Description: say whether it holds.\n<Question_1><input>q</input><target>yes</target>",
]


def save(folder: Path, seed: int = 0, layers: int = 1) -> Path:
    """Write a fingerprinted model folder and return it."""
    torch.manual_seed(seed)
    tokenizer = train_tokenizer(iter(TEXTS), 320)
    cfg = {
        "architecture": "llama",
        "hidden_size": 16,
        "num_hidden_layers": layers,
        "num_attention_heads": 2,
    }
    new_model(cfg, tokenizer).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    models.write_fingerprint(folder)
    return folder
