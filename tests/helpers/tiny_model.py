"""A random Llama of a few thousand parameters with a byte tokenizer, and command line calls."""

import json
import sys
from collections.abc import Callable
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


def save_tiny_llama(folder: Path) -> Path:
    """Write the model, its tokenizer and fingerprint to `folder`."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate([*alphabet, "<eos>"])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = {"eos_token": "<eos>", "pad_token": "<eos>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=4096,
        eos_token_id=vocabulary["<eos>"],
        pad_token_id=vocabulary["<eos>"],
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    write_fingerprint(folder)
    return folder


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
