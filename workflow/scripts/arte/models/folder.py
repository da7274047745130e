"""Model folders: what identifies one (its fingerprint) and how it is loaded, safetensors only.

Transformers is imported where it is needed: fingerprints need none of it.
"""

import importlib.util
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from arte.core.errors import ArteError
from arte.core.io import digest, file_sha256, read_json, write_json

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel

FINGERPRINT = "fingerprint.json"
BASE = "base.json"
SOURCE = "source.json"
"""In a folder of links: what it links to, and since when that is unchanged."""
ADAPTER = "adapter_config.json"
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
"""Formats that run code when loaded: never read, so never allowed to lie beside the weights."""
UNCOUNTED = (
    *(FINGERPRINT, SOURCE, "metrics.json", "training.json"),
    *("README.md", ".gitattributes", "LICENSE"),
)
"""Files that say something about a model but do not change what it generates."""


def record_base(adapter_dir: str | os.PathLike, base_dir: str | os.PathLike) -> None:
    """Note in a LoRA folder which model it adapts, as a relative path that survives a move.

    Where that model is a LoRA folder itself, the two become one adapter of the model below it.
    """
    adapter_dir, base_dir = Path(adapter_dir), Path(base_dir)
    below = base_of(base_dir)
    if below is not None:
        from arte.models.adapter import join

        join(adapter_dir, base_dir)
        base_dir = below
    write_json({"base": os.path.relpath(base_dir, adapter_dir)}, adapter_dir / BASE)
    config = read_json(adapter_dir / ADAPTER)
    # peft stores the path it was given and a set in hash order: the fingerprint must see neither
    config["base_model_name_or_path"] = None
    if isinstance(config["target_modules"], list):  # else it is one regular expression
        config["target_modules"] = sorted(config["target_modules"])
    write_json(config, adapter_dir / ADAPTER)


def base_of(model_dir: str | os.PathLike) -> Path | None:
    """The folder of the model that a LoRA folder adapts; None for a whole model."""
    model_dir = Path(model_dir)
    if not (model_dir / ADAPTER).exists():
        return None
    return model_dir / read_json(model_dir / BASE)["base"]


Files = dict[str, dict[str, str | int]]
"""SHA-256 and size in bytes of each file by its name."""


def file_record(path: Path) -> dict[str, str | int]:
    """What a fingerprint knows of a file."""
    return {"sha256": file_sha256(path), "bytes": path.stat().st_size}


def write_fingerprint(model_dir: str | os.PathLike) -> str:
    """Hash every file that shapes what the model generates into fingerprint.json.

    Of a LoRA folder the fingerprint covers its base's too. Returns the fingerprint (64 hex
    digits); raises ArteError where there are no safetensors weights, or pickled files.
    """
    record = fingerprint_record(model_dir)
    write_json(record, Path(model_dir, FINGERPRINT))
    return record["fingerprint"]


def fingerprint_record(model_dir: str | os.PathLike) -> dict:
    """What `write_fingerprint` would write, every file hashed; raises what it raises."""
    model_dir = Path(model_dir)
    return _record(model_dir, {name: file_record(model_dir / name) for name in _counted(model_dir)})


def _record(model_dir: Path, files: Files) -> dict:
    record: dict = {"files": files}
    base = base_of(model_dir)
    if base is not None:
        record["base"] = read_fingerprint(base)
    return record | {"fingerprint": digest(record, length=64)}


def write_record(model_dir: Path, files: Files, source: dict | None = None) -> str:
    """Write fingerprint.json of files that are hashed already; return the fingerprint.

    The fingerprint is of content alone: `source` (where the model came from) stands beside it.
    """
    record = _record(model_dir, files)
    if source is not None:
        record["source"] = source
    write_json(record, model_dir / FINGERPRINT)
    return record["fingerprint"]


def read_fingerprint(model_dir: str | os.PathLike) -> str:
    """The fingerprint of a model folder, after checking that no file changed since.

    By size; a linked file whose time is another is hashed again. Raises ArteError where a file is
    missing, new or changed, or where the base of a LoRA folder is another model by now.
    """
    model_dir = Path(model_dir)
    record = read_json(model_dir / FINGERPRINT)
    if served(model_dir):
        return record["fingerprint"]
    recorded = {name: file["bytes"] for name, file in record["files"].items()}
    found = {name: (model_dir / name).stat().st_size for name in _counted(model_dir)}
    changed = sorted(
        name for name in recorded.keys() | found.keys() if recorded.get(name) != found.get(name)
    )
    if not changed:
        changed = _rewritten(model_dir, record["files"])
    base = base_of(model_dir)
    if base is not None and read_fingerprint(base) != record["base"]:
        changed.append(f"base model {base}")
    if changed:
        raise ArteError(
            expected=f"the files recorded in {FINGERPRINT}",
            found=f"missing, new or changed: {', '.join(changed)}",
            where=str(model_dir),
            remedy="restore the folder, or delete it and run the rule that makes it",
        )
    return record["fingerprint"]


def served(model_dir: Path) -> dict[str, str]:
    """What fingerprint.json says of a model that only a server has; nothing for other models."""
    source = read_json(model_dir / FINGERPRINT).get("source", {})
    return source if source.get("source") == "endpoint" else {}


def _rewritten(model_dir: Path, files: Files) -> list[str]:
    """Linked files with other content of the same size: their owner may write to them any time."""
    if not (model_dir / SOURCE).exists():
        return []
    times = read_json(model_dir / SOURCE)["times"]
    return [
        name
        for name in files
        if (model_dir / name).stat().st_mtime_ns != times[name]
        and file_sha256(model_dir / name) != files[name]["sha256"]
    ]


def clear_links(model_dir: str | os.PathLike) -> None:
    """Remove a folder of links, or a link to a folder: saving there would change the target."""
    model_dir = Path(model_dir)
    if model_dir.is_symlink():
        model_dir.unlink()
    elif (model_dir / SOURCE).exists() or any(path.is_symlink() for path in model_dir.glob("*")):
        shutil.rmtree(model_dir)


def make_empty(model_dir: Path) -> None:
    """Make `model_dir` an empty folder; what it linked to stays."""
    clear_links(model_dir)
    if model_dir.exists():
        shutil.rmtree(model_dir)
    model_dir.mkdir(parents=True)


def load_causal_lm(model_dir: str | os.PathLike, dtype: str) -> "PreTrainedModel":
    """Load a model in evaluation mode on the CPU.

    Of a LoRA folder it is the base in `dtype` with the adapter beside it, in float32, frozen: to
    merge it would round it away. `arte.models.adapter.fuse` makes that as fast and loses nothing.
    """
    if base_of(model_dir) is None:
        return _whole(model_dir, dtype)
    return load_adapted(model_dir, dtype).get_base_model()


def load_adapted(model_dir: str | os.PathLike, dtype: str) -> "PeftModel":
    """The model of a LoRA folder under PEFT, which can switch the adapter off."""
    from peft import PeftModel

    _counted(Path(model_dir))
    return PeftModel.from_pretrained(_whole(base_of(model_dir), dtype), str(model_dir)).eval()


def load_merged(model_dir: str | os.PathLike) -> "PreTrainedModel":
    """Load a model in float32; a LoRA folder is merged into its base, for training on top of it."""
    if base_of(model_dir) is None:
        return _whole(model_dir, "float32")
    return load_adapted(model_dir, "float32").merge_and_unload()


def _whole(model_dir: str | os.PathLike, dtype: str) -> "PreTrainedModel":
    """Load a folder that holds all weights; its generation_config is made one that can be saved."""
    from transformers import AutoModelForCausalLM, GenerationConfig
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    _counted(Path(model_dir))
    model = AutoModelForCausalLM.from_pretrained(
        model_dir, dtype=dtype, local_files_only=True, use_safetensors=True
    )
    try:
        model.generation_config.validate(strict=True)
    except ValueError:  # sampling defaults that contradict each other; engines use none of them
        kept = ("bos_token_id", "eos_token_id", "pad_token_id")
        ids = {key: getattr(model.generation_config, key) for key in kept}
        model.generation_config = GenerationConfig(**ids)
    return model.eval()


def load_4bit(model_dir: str | os.PathLike) -> "PreTrainedModel":
    """Load a whole model in 4 bits (NF4) on this process's GPU, to be trained under an adapter.

    Raises ArteError where bitsandbytes is not installed, and for a LoRA folder. It stores them as
    bfloat16, for FSDP does not shard integers.
    """
    if importlib.util.find_spec("bitsandbytes") is None:
        raise ArteError(
            expected="the package bitsandbytes, which holds weights in 4 bits on a GPU",
            found="not installed; it is in none of the environments, which are tested without GPUs",
            where="config key align.mode: qlora",
            remedy="pip install bitsandbytes into the environment, or set align.mode to lora",
        )
    if base_of(model_dir) is not None:
        raise ArteError(
            expected="a whole model: 4 bits would round the adapter of an aligned teacher away",
            found="a LoRA folder, the teacher of the round before",
            where=str(model_dir),
            remedy="set rounds to 1, or align.mode to lora",
        )
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    _counted(Path(model_dir))
    nf4 = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype="bfloat16",
        bnb_4bit_quant_storage="bfloat16",
    )
    return AutoModelForCausalLM.from_pretrained(
        model_dir,
        dtype="bfloat16",
        quantization_config=nf4,
        local_files_only=True,
        use_safetensors=True,
    )


def readable(model_dir: Path) -> None:
    """Let everybody read a folder's files: safetensors writes 0600, which bars colleagues."""
    for file in model_dir.iterdir():
        file.chmod(0o644)


def _counted(model_dir: Path) -> list[str]:
    """Names of the files that a fingerprint covers, sorted; ArteError on a folder we won't load."""
    files = sorted(path for path in model_dir.glob("*") if path.is_file())
    pickles = [path.name for path in files if path.suffix in PICKLES]
    if pickles:
        raise ArteError(
            expected="a model folder without pickled files, which run code when loaded",
            found=", ".join(pickles),
            where=str(model_dir),
            remedy="delete them; convert weights to safetensors if there are no others",
        )
    if not any(path.suffix == ".safetensors" for path in files):
        raise ArteError(
            expected="a model folder with *.safetensors weights",
            found=", ".join(path.name for path in files) or "no files",
            where=str(model_dir),
            remedy="fix the path, or convert the weights to safetensors",
        )
    return [
        path.name for path in files if path.name not in UNCOUNTED and not path.name.startswith(".")
    ]
