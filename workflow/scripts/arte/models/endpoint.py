"""A folder that stands for a model of a server: its names, no weights."""

import json
import os
from pathlib import Path

from arte.core.errors import ArteError
from arte.core.io import digest, write_json
from arte.models.folder import FINGERPRINT, make_empty, served

ADDRESSES = "ARTE_ENDPOINTS"
"""The environment variable in which the run tells its jobs, as JSON, how to reach each server.

No folder and no job's configuration has it: a server that moves makes nothing stale.
"""


def address(folder: Path) -> dict:
    """How to reach the model that `folder` stands for: url, model, limits, perhaps key_env.

    Raises ArteError where the run did not tell.
    """
    known = json.loads(os.environ.get(ADDRESSES, "{}"))
    if folder.name not in known:
        raise ArteError(
            expected=f"the address of model {folder.name} in the environment variable {ADDRESSES}",
            found=f"those of {', '.join(known) or 'no model'}",
            where=str(folder),
            remedy="start the job by snakemake, which sets the variable from the block models",
        )
    return known[folder.name]


def write_identity(folder: Path, model: str, reported: str) -> str:
    """Make `folder` anew with fingerprint.json alone; return the fingerprint.

    It is of two names, for there is no content: `model` is what requests ask for, `reported` what
    the server says that answered.
    """
    make_empty(folder)
    names = {"model": model, "reported": reported}
    fingerprint = digest({"endpoint": names}, length=64)
    source = {"source": "endpoint", **names}
    record = {"files": {}, "fingerprint": fingerprint, "source": source}
    write_json(record, folder / FINGERPRINT)
    return fingerprint


def reported_by(folder: Path) -> str:
    """The model that the server named when it was first asked."""
    return served(folder)["reported"]
