"""The published files of one BIG-Bench Hard subtask, copied or downloaded, checked against pins."""

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

from arte.core import io, job
from arte.core.errors import ArteError
from arte.data import layout

PUBLISHED = "https://raw.githubusercontent.com/suzgunmirac/BIG-Bench-Hard"
ATTEMPTS = 4
TIMEOUT = 30.0
"""Seconds without a byte after which an attempt counts as failed."""
FINAL = (400, 401, 403, 404, 410, 451)
"""Answers that do not change when asked again."""
ELSEWHERE = "download BBH once and use data.source: folder"


class PublishedFile(NamedTuple):
    """Where a file lies in a local folder and in the public repository, and its pinned SHA-256."""

    local: str
    public: str
    sha256: str


def published_files(subtask: str, pins: str) -> tuple[PublishedFile, PublishedFile]:
    """The task file and the prompt file of a subtask, with hashes from the JSON file `pins`."""
    table = io.read_json(pins)
    hashes, commit = table["files"][subtask], table["commit"]
    task, prompt = f"{subtask}.json", f"cot-prompts/{subtask}.txt"
    return (
        PublishedFile(task, f"{commit}/bbh/{task}", hashes["json"]),
        PublishedFile(prompt, f"{commit}/{prompt}", hashes["cot"]),
    )


def fetch(file: PublishedFile, folder: str | None, allow_modified: bool) -> bytes:
    """The bytes of a published file, from `folder` or, without one, from the pinned commit.

    Raises ArteError where it cannot be had, or differs from its pin and may not.
    """
    if folder is None:
        where = f"{PUBLISHED}/{file.public}"
        content = download(where)
    else:
        where = str(layout.local(folder, file.local))
        content = _read(where)
    found = hashlib.sha256(content).hexdigest()
    if found == file.sha256:
        job.log(f"{where}: as published")
    elif allow_modified and folder is not None:  # what is downloaded is nobody's own
        job.log(f"{where}: differs from the published file (data.allow_modified): {found}")
    else:
        raise ArteError(
            expected=f"the published file, SHA-256 {file.sha256}",
            found=found,
            where=where,
            remedy="restore it; or, to use data of your own, set data.allow_modified: true"
            if folder
            else "run again where this address is not answered by another server (a login page)",
        )
    return content


def download(url: str, pause: float = 2.0, remedy: str = ELSEWHERE) -> bytes:
    """The bytes at `url`, tried ATTEMPTS times, `pause` seconds apart at first, then longer.

    Raises ArteError with the last failure; at once where another attempt would end likewise.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:  # noqa: S310 (URLs are ours)
                return answer.read()
        except (OSError, http.client.HTTPException) as error:  # URLError is an OSError
            failure = f"{type(error).__name__}: {error}"
            job.log(f"{url}: attempt {attempt} of {ATTEMPTS} failed: {failure}")
            if isinstance(error, urllib.error.HTTPError) and error.code in FINAL:
                break
        if attempt < ATTEMPTS:
            time.sleep(pause * attempt)
    raise ArteError(
        expected=f"a download within {ATTEMPTS} attempts",
        found=f"{failure} (attempt {attempt})",
        where=url,
        remedy=f"run again where this address can be reached, or {remedy}",
    )


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ArteError(
            expected="<folder>/<subtask>.json and <folder>/cot-prompts/<subtask>.txt",
            found=error.strerror or str(error),
            where=path,
            remedy="correct config data.folder, or use data.source: github",
        ) from None
