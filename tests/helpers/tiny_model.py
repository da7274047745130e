"""A random Llama of a few thousand parameters with a byte tokenizer, and command line calls."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from arte.models.folder import write_fingerprint

PROMPTS = Path(__file__).parents[2] / "resources" / "prompts"
ENGINE = {
    "backend": "transformers",
    "dtype": "float32",
    "max_model_len": 4096,
    "batch_tokens": 16384,
}


def byte_tokenizer(first: Sequence[str] = (), last: Sequence[str] = ()) -> Tokenizer:
    """A tokenizer of single bytes with tokens before and after them."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate([*first, *alphabet, *last])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def save_llama(folder: Path, tokenizer: PreTrainedTokenizerFast) -> Path:
    """Write a random Llama for a tokenizer, with it and its fingerprint; return the folder."""
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=4096,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.eos_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    write_fingerprint(folder)
    return folder


def save_tiny_llama(folder: Path) -> Path:
    """Write the model, its tokenizer and fingerprint to `folder`."""
    special = {"eos_token": "<eos>", "pad_token": "<eos>"}
    tokenizer = byte_tokenizer(last=["<eos>"])
    return save_llama(folder, PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special))


def call(
    main: Callable[[], None], monkeypatch: pytest.MonkeyPatch, *command: str, cfg: dict, **files
) -> None:
    """Run a module's `main` as from a shell; `output_scores=[…]` becomes --output-scores … ."""
    arguments = [*command, "--cfg", json.dumps(cfg)]
    for name, value in files.items():
        values = value if isinstance(value, list) else [value]
        arguments += ["--" + name.replace("_", "-"), *map(str, values)]
    monkeypatch.setattr(sys, "argv", ["arte", *arguments])
    main()
