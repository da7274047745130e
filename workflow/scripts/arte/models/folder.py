"""Model folders: what identifies one (its fingerprint) and how it is loaded, safetensors only.

Transformers is imported where it is needed: fingerprints need none of it.
"""

import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING

from arte.core.errors import ArteError
from arte.core.io import digest, file_sha256, read_json, write_json

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

FINGERPRINT = "fingerprint.json"
BASE = "base.json"
ADAPTER = "adapter_config.json"
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
"""Formats that run code when loaded: never read, so never allowed to lie beside the weights."""
UNCOUNTED = (FINGERPRINT, "metrics.json", "README.md", ".gitattributes", "LICENSE")
"""Files that say something about a model but do not change what it generates."""


def record_base(adapter_dir: str | os.PathLike, base_dir: str | os.PathLike) -> None:
    """Note in a LoRA folder which model it adapts, as a relative path that survives a move."""
    adapter_dir = Path(adapter_dir)
    write_json({"base": os.path.relpath(base_dir, adapter_dir)}, adapter_dir / BASE)
    config = read_json(adapter_dir / ADAPTER)
    # peft stores the path it was given and a set in hash order: the fingerprint must see neither
    config["base_model_name_or_path"] = None
    if not isinstance(config["target_modules"], str):  # one regular expression has an order
        config["target_modules"] = sorted(config["target_modules"])
    write_json(config, adapter_dir / ADAPTER)


def base_of(model_dir: str | os.PathLike) -> Path | None:
    """The folder of the model that a LoRA folder adapts; None for a whole model."""
    model_dir = Path(model_dir)
    if not (model_dir / ADAPTER).exists():
        return None
    return model_dir / read_json(model_dir / BASE)["base"]


def write_fingerprint(model_dir: str | os.PathLike) -> str:
    """Hash every file that shapes what the model generates into fingerprint.json.

    Of a LoRA folder the fingerprint covers its base's too. Returns the fingerprint (64 hex
    digits); raises ArteError where there are no safetensors weights, or pickled files.
    """
    model_dir = Path(model_dir)
    files = {
        name: {"sha256": file_sha256(model_dir / name), "bytes": (model_dir / name).stat().st_size}
        for name in _counted(model_dir)
    }
    record: dict = {"files": files}
    base = base_of(model_dir)
    if base is not None:
        record["base"] = read_fingerprint(base)
    record["fingerprint"] = digest(record, length=64)
    write_json(record, model_dir / FINGERPRINT)
    return record["fingerprint"]


def read_fingerprint(model_dir: str | os.PathLike) -> str:
    """The fingerprint of a model folder, after checking that no file changed its size since.

    Raises ArteError where a file is missing, new, or of another size, or where the base of a
    LoRA folder is another model by now.
    """
    model_dir = Path(model_dir)
    record = read_json(model_dir / FINGERPRINT)
    recorded = {name: file["bytes"] for name, file in record["files"].items()}
    found = {name: (model_dir / name).stat().st_size for name in _counted(model_dir)}
    changed = sorted(
        name for name in recorded.keys() | found.keys() if recorded.get(name) != found.get(name)
    )
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


def load_tokenizer(model_dir: str | os.PathLike) -> "PreTrainedTokenizerBase":
    """The tokenizer of a model folder; a LoRA folder without its own uses its base's."""
    from transformers import AutoTokenizer

    model_dir = Path(model_dir)
    base = base_of(model_dir)
    if base is not None and not (model_dir / "tokenizer_config.json").exists():
        return load_tokenizer(base)
    return AutoTokenizer.from_pretrained(model_dir, local_files_only=True)


def load_causal_lm(model_dir: str | os.PathLike, dtype: str) -> "PreTrainedModel":
    """Load a model in evaluation mode on the CPU; a LoRA folder is merged into its base."""
    from transformers import AutoModelForCausalLM
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    _counted(Path(model_dir))
    base = base_of(model_dir)
    if base is not None:
        from peft import PeftModel

        adapted = PeftModel.from_pretrained(load_causal_lm(base, dtype), str(model_dir))
        return adapted.merge_and_unload().eval()
    model = AutoModelForCausalLM.from_pretrained(
        model_dir, dtype=dtype, local_files_only=True, use_safetensors=True
    )
    return model.eval()


def load_4bit(model_dir: str | os.PathLike) -> "PreTrainedModel":
    """Load a whole model in 4 bits (NF4) on this process's GPU, to be trained under an adapter.

    Raises ArteError where bitsandbytes is not installed. It stores them as bfloat16, for FSDP does
    not shard integers.
    """
    if importlib.util.find_spec("bitsandbytes") is None:
        raise ArteError(
            expected="the package bitsandbytes, which holds weights in 4 bits on a GPU",
            found="not installed; it is in none of the environments, which are tested without GPUs",
            where="config key align.mode: qlora",
            remedy="pip install bitsandbytes into the environment, or set align.mode to lora",
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
            remedy="mend the path, or convert the weights to safetensors",
        )
    return [
        path.name for path in files if path.name not in UNCOUNTED and not path.name.startswith(".")
    ]
