"""Tokenizers of model folders: checked when they are loaded, copied as they are."""

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from arte.core.errors import ArteError
from arte.core.io import read_json
from arte.models.folder import base_of

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

FILES = (
    "tokenizer*",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.*",
    "merges.txt",
    "*.model",
    "*.tiktoken",
    "chat_template*",
)
"""What a tokenizer is read from."""

NEEDED = ("<bos>", "<|begin_of_text|>")
"""Start tokens without which a model is broken (Gemma, Llama 3). Phi-3 and SmolLM2 have one too,
and were trained without it."""

_TEXT = "Question: is it so?"


def load_tokenizer(model_dir: str | os.PathLike) -> "PreTrainedTokenizerBase":
    """The tokenizer of a model folder; a LoRA folder without its own uses its base's.

    Raises ArteError where it can't be read, or would encode prompts wrongly (`check`).
    """
    from transformers import AutoTokenizer

    folder = _folder(model_dir)
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (ImportError, OSError, TypeError, ValueError) as error:
        raise ArteError(
            expected="a tokenizer that transformers reads without further packages",
            found=f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}",
            where=str(folder),
            remedy="add its tokenizer.json; where there is only tokenizer.model, make it once: pip "
            "install sentencepiece protobuf tiktoken, then AutoTokenizer.from_pretrained(<folder>)"
            ".save_pretrained(<folder>)",
        ) from error
    check(tokenizer, folder)
    return tokenizer


def copy_tokenizer(model_dir: str | os.PathLike, target: Path) -> None:
    """Copy the tokenizer files of a model folder: some read other tokens once saved anew."""
    folder = _folder(model_dir)
    for pattern in FILES:
        for file in sorted(folder.glob(pattern)):
            shutil.copyfile(file, target / file.name)


def check(tokenizer: "PreTrainedTokenizerBase", folder: Path) -> None:
    """Raise ArteError where prompts would be encoded wrongly, or warn where they might be."""
    fault = _fault(tokenizer, folder)
    if fault is not None:
        raise ArteError(
            expected="a tokenizer that encodes prompts as the model was trained on them",
            found=fault[0],
            where=str(folder),
            remedy=fault[1],
        )
    start = tokenizer.bos_token
    if start and tokenizer.bos_token_id not in tokenizer(_TEXT)["input_ids"]:
        print(
            f"{folder}: the tokenizer has the start token {start!r} and puts it before no text; if "
            "this model was trained with it, set add_bos_token in tokenizer_config.json",
            file=sys.stderr,
        )


def _fault(tokenizer: "PreTrainedTokenizerBase", folder: Path) -> tuple[str, str] | None:
    """What is wrong with a tokenizer, and the remedy; None where nothing is."""
    ids, config = tokenizer(_TEXT)["input_ids"], folder / "config.json"
    shape = read_json(config) if config.exists() else {}
    rows = shape.get("vocab_size") or shape.get("text_config", {}).get("vocab_size")
    largest = max(tokenizer.get_vocab().values())
    found = remedy = None
    if tokenizer.eos_token_id is None:
        found = "no eos_token: training and generation could not tell where a text ends"
        remedy = "name the token as eos_token in tokenizer_config.json"
    elif ids and ids[-1] == tokenizer.eos_token_id:
        found = f"{tokenizer.eos_token!r} at the end of every text: prompts would be over at once"
        remedy = (
            "set add_eos_token to false in tokenizer_config.json, or take the token out of "
            "post_processor in tokenizer.json"
        )
    elif tokenizer.bos_token in NEEDED and tokenizer.bos_token_id not in ids:
        found = f"texts without {tokenizer.bos_token!r}, without which this model writes rubbish"
        remedy = "set add_bos_token to true in tokenizer_config.json, or take the files anew"
    elif rows is not None and largest >= rows:
        found = f"token ids up to {largest}, and an embedding of {rows} rows"
        remedy = "take tokenizer and weights of the same revision"
    return None if found is None else (found, remedy)


def _folder(model_dir: str | os.PathLike) -> Path:
    model_dir = Path(model_dir)
    base = base_of(model_dir)
    if base is not None and not (model_dir / "tokenizer_config.json").exists():
        return base
    return model_dir
