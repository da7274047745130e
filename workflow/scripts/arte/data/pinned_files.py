"""Files of data sets on the Hugging Face hub at pinned commits."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from arte.core import io, job
from arte.core.errors import ArteError

if TYPE_CHECKING:
    from arte.core import hub


def fetch(name: str, pins: str, folder: str) -> None:
    """Copy the files that the JSON file `pins` names for `name` from the hub, and record them.

    The record has repository, revision, license and the SHA-256 of every file. They come through
    the hub's shared cache, as models do (arte.core.hub). Whatever `folder` held is removed. Raises
    ArteError where a file cannot be had, is not the hub's, or is not the one whose SHA-256 is
    pinned (null: recorded only).
    """
    from arte.core import hub  # reading rows needs no hub

    pinned = io.read_json(pins)[name]
    where = hub.Pinned(pinned["repo"], pinned["revision"], pinned["license"], kind="dataset")
    record = {key: pinned[key] for key in ("repo", "revision", "license")} | {"files": {}}
    shutil.rmtree(folder, ignore_errors=True)
    for split in ("train", "test"):
        for number, file in enumerate(pinned.get(split, [])):
            target = Path(folder, f"{split}-{number}{Path(file['path']).suffix}")
            found = _get(where, file, target)
            record["files"][target.name] = {"path": file["path"], "sha256": found}
            job.log(f"{target.name}: {where.repo} {file['path']}, SHA-256 {found}")
    io.write_json(record, Path(folder, "record.json"))


def _get(where: "hub.Pinned", file: dict, target: Path) -> str:
    """Copy one checked file from the hub's cache to `target` and return its SHA-256."""
    from arte.core import hub

    cached = hub.file(where, file["path"])
    found = hub.checked_sha256(cached, hub.stored_hash(cached))
    if file["sha256"] not in (None, found):
        raise ArteError(
            expected=f"SHA-256 {file['sha256']}",
            found=found,
            where=f"{where.repo} {file['path']} at {where.revision}",
            remedy=f"delete {cached.resolve()} and run again; if that does not help, correct the "
            "pin in resources/hub_files.json",
        )
    with io.replacing(target) as temporary:
        shutil.copyfile(cached, temporary)
    return found
