"""Make a model folder of a GGUF file, once: its weights in float32, its tokenizer and its settings.

python -m arte.models.dequantize_model --cfg JSON --like [DIR FILE] --output DIR
"""

import importlib.util
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arte.core import job
from arte.core.errors import ArteError, cli
from arte.core.io import file_sha256, read_json, write_json
from arte.models.folder import (
    FINGERPRINT,
    file_record,
    make_empty,
    read_fingerprint,
    readable,
    write_record,
)
from arte.models.gguf_header import ARCHITECTURE, LENGTH, header
from arte.models.tokenizer import load_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedModel

ADDS_START = "tokenizer.ggml.add_bos_token"


def check(path: Path, head: dict[str, Any]) -> None:
    """Raise ArteError where the package gguf is missing, or transformers cannot read the model."""
    if importlib.util.find_spec("gguf") is None:
        raise ArteError(
            expected="the package gguf, which reads GGUF files",
            found="not installed",
            where="models.<name>.source: gguf",
            remedy="make venv again: requirements/cpu.lock has it",
        )
    from transformers.modeling_gguf_pytorch_utils import GGUF_SUPPORTED_ARCHITECTURES as KNOWN

    if head[ARCHITECTURE] not in KNOWN:
        raise ArteError(
            expected=f"an architecture that transformers reads from GGUF: {', '.join(KNOWN)}",
            found=head[ARCHITECTURE],
            where=str(path),
            remedy="get the model's safetensors and name their folder (source: folder)",
        )


def dense(path: Path) -> "PreTrainedModel":
    """The model of a GGUF file with all weights in float32.

    Raises ArteError where the file lacks weights: they would be random.
    """
    from transformers import AutoModelForCausalLM, GgufConfig

    model, info = AutoModelForCausalLM.from_pretrained(
        path.parent,
        gguf_file=path.name,
        dtype="float32",
        quantization_config=GgufConfig(dequantize=True),
        local_files_only=True,
        output_loading_info=True,
    )
    lacking = sorted(info["missing_keys"]) + sorted(map(str, info["mismatched_keys"]))
    if lacking:
        raise ArteError(
            expected=f"all weights of a {model.config.model_type} model",
            found=f"{len(lacking)} missing or of another shape, first {lacking[0]}",
            where=str(path),
            remedy="get the file anew, or the model's safetensors (source: folder)",
        )
    return model


def write_tokenizer(path: Path, head: dict[str, Any], output: Path) -> None:
    """Write the tokenizer of a GGUF file with its chat template, and check it.

    A start token comes before texts where the file says so. Tokens that transformers' own classes
    bring along and the file lacks are taken out: the model has no weights for them.
    """
    from tokenizers.processors import TemplateProcessing
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(
        path.parent, gguf_file=path.name, local_files_only=True
    )
    wanted, start = head.get(ADDS_START), tokenizer.bos_token
    if (
        start
        and wanted is not None
        and wanted != (tokenizer.bos_token_id in tokenizer("a").input_ids)
    ):
        single = f"{start} $A" if wanted else "$A"
        tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
            single=single, special_tokens=[(start, tokenizer.bos_token_id)] if wanted else []
        )
    tokenizer.save_pretrained(output)
    _remove_strangers(output, head[f"tokenizer.ggml.tokens{LENGTH}"])
    load_tokenizer(output)


def _remove_strangers(folder: Path, rows: int) -> None:
    """Take the tokens with an id of `rows` or more out of a tokenizer's files."""
    whole, config = (
        read_json(folder / "tokenizer.json"),
        read_json(folder / "tokenizer_config.json"),
    )
    strangers = {each["content"] for each in whole["added_tokens"] if each["id"] >= rows}
    if not strangers:
        return
    whole["added_tokens"] = [each for each in whole["added_tokens"] if each["id"] < rows]
    write_json(whole, folder / "tokenizer.json")
    kept = {name: value for name, value in config.items() if str(value) not in strangers}
    write_json(kept, folder / "tokenizer_config.json")


def write(path: Path, output: Path) -> str:
    """Write the model folder and return its fingerprint, which is of content alone.

    Raises ArteError for a file that is no model which transformers reads.
    """
    from transformers.utils.logging import disable_progress_bar

    head = header(path)
    check(path, head)
    disable_progress_bar()
    make_empty(output)
    dense(path).save_pretrained(output)
    write_tokenizer(path, head, output)
    readable(output)
    files = {file.name: file_record(file) for file in sorted(output.iterdir())}
    return write_record(output, files, source={"source": "gguf"})


def share(made: Path, output: Path) -> str:
    """Make `output` a folder of links to the files of `made`; return the fingerprint of both.

    The links are relative, so that a run can be moved. Raises ArteError where `made` has changed.
    """
    fingerprint = read_fingerprint(made)
    make_empty(output)
    for name in read_json(made / FINGERPRINT)["files"]:
        (output / name).symlink_to(os.path.relpath(made / name, output))
    shutil.copyfile(made / FINGERPRINT, output / FINGERPRINT)
    return fingerprint


@cli
def main() -> None:
    """Dequantize the file cfg["path"], unless it is that of which the folder --like was made."""
    args = job.parse(__doc__, "--cfg", "--like*", "--output")
    path, output = Path(args.cfg["path"]), Path(args.output)
    made, file = map(Path, args.like or (output, path))
    if made != output and file_sha256(file) == file_sha256(path):
        job.log(f"{path}: links to {made}, fingerprint {share(made, output)}")
    else:
        job.log(f"{path}: float32 weights in {output}, fingerprint {write(path, output)}")


if __name__ == "__main__":
    main()
