"""Check every file of a folder against its manifest.json, with nothing but Python.

This file stands alone: `python verify.py FOLDER` needs no other file of ARTE and no package.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
SEAL = "sha256"
"""The key of the manifest's own hash."""


def sealed(manifest: dict[str, Any]) -> str:
    """The text of manifest.json: sorted keys, and the hash of all that is in it."""
    content = {key: value for key, value in manifest.items() if key != SEAL}
    return _text({**content, SEAL: hashlib.sha256(_text(content).encode()).hexdigest()})


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def published(folder: Path, but: list[str]) -> list[str]:
    """Paths of the files below `folder`, sorted, as manifest.json has them.

    Left out are the manifest itself, what lies below one of the folders `but`, temporary files
    and Python's caches.
    """
    found = []
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        kept = name != MANIFEST and not any(name.startswith(f"{each}/") for each in but)
        passing = path.name.endswith(".tmp") or "__pycache__" in path.parts
        if kept and not (path.is_dir() or passing):
            found.append(name)
    return sorted(found)


def recorded(folder: Path) -> dict[str, Any]:
    """The content of manifest.json; raise ValueError where a byte of it is not what was written."""
    text = (folder / MANIFEST).read_bytes().decode()
    manifest = json.loads(text)
    if not isinstance(manifest, dict) or sealed(manifest) != text:
        raise ValueError("its content is not what its own hash says")
    return manifest


def faults(folder: Path) -> Iterator[str]:
    """What differs from the manifest, a line each: changed, missing and added files."""
    try:
        manifest = recorded(folder)
    except (OSError, ValueError) as error:
        yield f"damaged  {MANIFEST}: {error}"
        return
    if lacking := _lacking(manifest):
        said = "other code wrote it: use the verify.py of that code"
        yield f"unknown  {MANIFEST}: no key {lacking}; {said}"
        return
    files = manifest["files"]
    names = {entry["sha256"]: name for name, entry in files.items()}
    found = published(folder, manifest["unpublished"])
    for name in sorted(files.keys() - set(found)):
        yield f"missing  {name}"
    for name in found:
        if name not in files:
            yield f"added    {name}"
        else:
            yield from _changed(folder / name, name, files[name], names)


def _lacking(manifest: dict[str, Any]) -> str:
    """What a whole manifest has not that this file reads; empty where it has everything."""
    for key in ("files", "unpublished"):
        if key not in manifest:
            return key
    for name, entry in manifest["files"].items():
        for key in ("sha256", "bytes"):
            if key not in entry:
                return f"{key} of {name}"
    return ""


def _changed(path: Path, name: str, entry: dict, names: dict[str, str]) -> Iterator[str]:
    """The line about one file that should be as its entry says, if there is anything to say."""
    try:
        size, found = path.stat().st_size, _sha256(path)
    except OSError as error:
        yield f"damaged  {name}: {error.strerror}"
        return
    if found != entry["sha256"]:
        other = names.get(found)
        what = f"holds {other}" if other else f"{size} bytes, {entry['bytes']} recorded"
        yield f"changed  {name}: {what}"


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> None:
    """Print what is wrong, and end with status 1 if anything is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a run or an unpacked bundle: has manifest.json")
    folder = parser.parse_args().folder
    found = list(faults(folder))
    if found:
        print("\n".join(found))
        sys.exit(f"{folder}: {len(found)} faults")
    manifest = recorded(folder)
    size = sum(entry["bytes"] for entry in manifest["files"].values())
    print(f"{folder}: {len(manifest['files'])} files, {size / 1e6:.1f} MB, all as recorded")
    print(f"manifest {manifest[SEAL]}")


if __name__ == "__main__":
    main()
