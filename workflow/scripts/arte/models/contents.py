"""Which files of a folder or repository are the model: weights, configuration, tokenizer.

Only these are downloaded and linked: code, pickles, other formats and older weights stay behind.
"""

import os
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

from arte.core.errors import ArteError
from arte.core.io import digest, read_json

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
ADAPTER = "adapter_config.json"
TEXTS = ("*.json", "*.model", "*.txt", "*.jinja")
"""Configurations, tokenizer files and chat template."""
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "spiece.model", "vocab.json", "vocab.txt")
"""Files of which a tokenizer has at least one."""
OURS = ("fingerprint.json", "metrics.json", "source.json", "base.json")
"""Names that this workflow's own records have in a folder of links."""


def model_files(names: Iterable[str], folder: Path) -> list[str]:
    """The files among `names` that make a model, sorted; `folder` holds at least its JSON files.

    Raises ArteError where one is missing, weights are not safetensors, there are two sets of them,
    or the model is an adapter.
    """
    names = set(names)
    if ADAPTER in names:
        raise _refuse("a whole model", f"an adapter ({ADAPTER})", folder, "merge it into its base")
    weights = _weights(names, folder)
    if CONFIG not in names:
        raise _refuse(CONFIG, "no such file", folder, "restore it: it says what the weights are")
    if not names & set(TOKENIZERS):
        expected = f"a tokenizer: {' or '.join(TOKENIZERS)}"
        raise _refuse(expected, "none of them", folder, "put the tokenizer's files beside it")
    texts = {name for name in names if any(fnmatch(name, pattern) for pattern in TEXTS)}
    return sorted(weights | texts - set(OURS))


def _weights(names: set[str], folder: Path) -> set[str]:
    """One file of weights, or every shard that the index names."""
    remedy = "restore the folder from where the model was published"
    if INDEX not in names:
        if WEIGHTS in names:
            return {WEIGHTS}
        others = sorted(name for name in names if name.endswith((".safetensors", ".bin", ".gguf")))
        raise _refuse(
            f"safetensors weights: {WEIGHTS}, or {INDEX} and its shards",
            ", ".join(others[:3]) or "no weights",
            folder,
            "correct the path, or convert the weights (model.save_pretrained of transformers)",
        )
    index = read_json(folder / INDEX)
    shards = index.get("weight_map") if isinstance(index, dict) else None
    if not isinstance(shards, dict) or not shards:
        raise _refuse(f"weight_map in {INDEX}", "none", folder, remedy)
    missing = sorted(set(shards.values()) - names)
    if missing:
        found = f"{len(missing)} missing, first {missing[0]}"
        raise _refuse(f"every file that {INDEX} names", found, folder, remedy)
    if WEIGHTS in names - set(shards.values()):
        remedy = "delete the older one: engines differ in which they load"
        raise _refuse("one set of weights", f"{WEIGHTS} and {INDEX}", folder, remedy)
    return set(shards.values())


def _refuse(expected: str, found: str, folder: Path, remedy: str) -> ArteError:
    return ArteError(expected=expected, found=found, where=str(folder), remedy=remedy)


def expanded(path: str) -> Path:
    """A path of the configuration, absolute, with ~ and $VARIABLES replaced."""
    return Path(os.path.abspath(os.path.expanduser(os.path.expandvars(path))))


def folder_files(folder: Path) -> list[Path]:
    """The files of a user's model folder that make the model; ArteError where it is none."""
    try:
        names = [entry.name for entry in os.scandir(folder) if entry.is_file()]
        return [folder / name for name in model_files(names, folder)]
    except OSError as error:
        raise _refuse(
            "a model folder that can be read",
            error.strerror or str(error),
            folder,
            "correct the path or its permissions",
        ) from None


BLOCK = 1 << 16


def glance(files: list[Path]) -> str:
    """A hash of names, sizes and a few blocks of content: cheap, for each time a run is parsed.

    Another checkpoint in place of the first differs in every tensor, so this sees it whatever its
    times say; changes of single bytes are seen by Snakemake's own comparison.
    """
    seen = []
    for path in files:
        size = path.stat().st_size
        with open(path, "rb") as file:
            for start in sorted({0, size // 3, 2 * size // 3, max(0, size - BLOCK)}):
                file.seek(start)
                seen.append([path.name, size, digest(file.read(BLOCK).hex())])
    return digest(seen)
