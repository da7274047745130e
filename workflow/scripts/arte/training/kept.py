"""A finished training is not repeated while all that its weights are made from is the same.

Snakemake starts a training again when any statement of its code changed, or when a job before it
ran again, and deletes the outputs that the rule declares: the fingerprint and the metrics, not the
weights. Beside these lies a record of what they were made from.
"""

import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from arte.core import identity, io, job
from arte.core.errors import ArteError
from arte.models.folder import FINGERPRINT, fingerprint_record, read_fingerprint

RECORD = "training.json"
"""In the folder of the weights; no part of their fingerprint."""

PLUMBING = ("errors", "identity", "io", "lifetime", "lock", "schema")
"""Modules of arte.core that move data and report, which shape no weights: data has its own hash."""

LIBRARIES = ("torch", "transformers", "trl", "peft", "accelerate")


def made_from(module: str, *inputs: Any) -> str:
    """A hash of all that the weights of a training depend on.

    `module` is the command, as a path below scripts/; `inputs` are its config, the content of its
    data and the fingerprints of its models, as JSON has them.
    """
    plumbing = [f"arte/core/{name}.py" for name in PLUMBING]
    versions = {name: version(name) for name in LIBRARIES}
    return io.digest([identity.code(module, without=plumbing), versions, *inputs], length=64)


def restored(folders: Sequence[str | os.PathLike], made: str, metrics: str | os.PathLike) -> bool:
    """Whether `folders` hold, whole, the weights of a finished training of `made`.

    The first folder has the record. If so, the main process writes the outputs that Snakemake
    deleted again: the fingerprints, and the file `metrics`.
    """
    record = Path(folders[0], RECORD)
    known = io.read_json(record) if record.exists() else {}
    if known.get("made_from") != made:
        return False
    try:
        found = [fingerprint_record(folder) for folder in folders]
    except (OSError, ArteError):
        return False
    if [each["fingerprint"] for each in found] != known["fingerprints"]:
        return False
    if job.is_main():
        for folder, each in zip(folders, found, strict=True):
            io.write_json(each, Path(folder, FINGERPRINT))
        io.write_json(known["metrics"], metrics)
        job.log(f"kept {folders[0]}: all that it is made from is the same")
    return True


def finish(
    folders: Sequence[str | os.PathLike], made: str, found: dict, metrics: str | os.PathLike
) -> None:
    """Record a training whose folders have their fingerprints; write what it `found` to `metrics`.

    For the main process.
    """
    fingerprints = [read_fingerprint(folder) for folder in folders]
    record = {"made_from": made, "fingerprints": fingerprints, "metrics": found}
    io.write_json(record, Path(folders[0], RECORD))
    io.write_json(found, metrics)
