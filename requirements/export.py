"""Write workflow/envs/*.yaml: every package of an environment at the version of its lock file.

python requirements/export.py          write the files
python requirements/export.py --check  say which files differ, and fail if one does

Needs uv (dev.lock) and a package index, of which it reads metadata only. PIP_INDEX_URL names
another index than uv's own; PIP_FIND_LINKS a folder of wheels, for the CPU build of torch.
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CUDA = re.compile(r"(nvidia|cuda)-|triton==")
"""What only the torch of PyPI brings: locks for the CPU leave it out, and torch pins it itself."""

_SHARED = ("tokenizers", "safetensors", "numpy", "polars", "pyarrow")
_HUB = ("transformers", "huggingface-hub")
PACKAGES = {
    "analysis": ("cpu", ("torch", "pyro-ppl", "transformers", "peft", "matplotlib", "pyyaml")),
    "inference": ("cpu", ("torch", "peft", "gguf", *_HUB)),
    "bundle": ("cpu", ("rocrate", "numpy", "polars", "pyarrow")),
    "train": ("cpu", ("torch", "transformers", "trl", "peft", "accelerate", "datasets")),
    "openai": ("vllm-cpu", ("openai", *_HUB)),
    "vllm-cpu": ("vllm-cpu", ()),
    "vllm-gpu": ("vllm-gpu", ()),
}
"""Environment to lock file and the packages that its rules import; without any: the whole lock."""

USE = {
    "openai": " and engine.backend openai",
    "vllm-cpu": " and engine.backend vllm (set PIP_NO_DEPS=1)",
    "vllm-gpu": " and engine.backend vllm",
}
INDEX = {"vllm-cpu": "https://download.pytorch.org/whl/cpu"}
"""Where the CPU build of torch comes from."""


def locked(lock: str) -> list[str]:
    """The lines `name==version` of requirements/<lock>.lock."""
    lines = (ROOT / "requirements" / f"{lock}.lock").read_text().splitlines()
    return [line for line in lines if line and line[0] not in "#-"]


def resolve(requirements: list[str], *options: str) -> set[str]:
    """What uv would install for `requirements`, as lines `name==version`, without unasked CUDA.

    Raises CalledProcessError, after uv's message, where there is no solution.
    """
    index = os.environ.get("PIP_INDEX_URL")
    done = subprocess.run(
        [
            *("uv", "pip", "compile", "-", "--quiet", "--no-header", "--no-annotate"),
            *("--python-version", "3.11", "--python-platform", "x86_64-manylinux_2_28"),
            *(("--default-index", index) if index else ()),
            *options,
        ],
        input="\n".join(requirements),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    return {line for line in lines if line in requirements or not CUDA.match(line)}


def packages(name: str) -> list[str]:
    """The pip section of an environment: its lock, or the part of it that its packages need."""
    lock, direct = PACKAGES[name]
    if not direct:
        return locked(lock)
    path = str(ROOT / "requirements" / f"{lock}.lock")
    return sorted(resolve([*direct, *_SHARED], "--constraint", path))


def render(name: str) -> str:
    """The environment file."""
    lock, _ = PACKAGES[name]
    pins = "".join(f"      - {line}\n" for line in packages(name))
    index = f"      - --extra-index-url {INDEX[name]}\n" if name in INDEX else ""
    return (
        f"# For --software-deployment-method conda{USE.get(name, '')}. Written by\n"
        f"# requirements/export.py: the packages of requirements/{lock}.lock that are used here.\n"
        "channels:\n  - conda-forge\n  - nodefaults\n"
        f"dependencies:\n  - python =3.11\n  - pip\n  - pip:\n{index}{pins}"
    )


def main() -> int:
    """Write or check all files; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    stale = []
    for name in PACKAGES:
        path, text = ROOT / "workflow/envs" / f"{name}.yaml", render(name)
        if path.read_text() != text:
            stale.append(str(path.relative_to(ROOT)))
            if not args.check:
                path.write_text(text)
    print("\n".join(stale))
    return int(args.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
