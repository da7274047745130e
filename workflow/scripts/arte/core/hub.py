"""The Hugging Face hub: files of a repository at a pinned commit, from the hub's shared cache.

HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE and HF_TOKEN mean what they mean to every
program of the hub. A commit that the cache has whole needs no network. Whatever goes wrong is one
ArteError.
"""

import errno
import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import huggingface_hub
from huggingface_hub import constants
from huggingface_hub.errors import (
    EntryNotFoundError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils import disable_progress_bars

from arte.core import io
from arte.core.errors import ArteError, disk_is_full

BELOW = "*/*"
"""Matches files in folders of a repository, which no model is loaded from."""


@dataclass(frozen=True)
class Pinned:
    """A repository (`kind` is model or dataset) at a commit of 40 hex digits."""

    repo: str
    revision: str
    license: str
    kind: str = "model"

    def __str__(self) -> str:
        return f"{self.repo} at revision {self.revision}"

    @property
    def page(self) -> str:
        """Where people read about it and accept its terms."""
        return f"{constants.ENDPOINT}/{'datasets/' if self.kind == 'dataset' else ''}{self.repo}"


@contextmanager
def asking(pinned: Pinned) -> Iterator[None]:
    """Turn every failure of the hub's library into one ArteError.

    The library names few of its exceptions: connections cut midway, login pages in place of JSON
    and the errors of its download extension come as they are.
    """
    disable_progress_bars()
    logging.getLogger("huggingface_hub").propagate = False  # it has a handler of its own
    try:
        yield
    except Exception as error:
        raise refusal(_cause(error), pinned) from error


def _cause(error: BaseException) -> BaseException:
    """What lies behind "not in the cache": why the hub was not asked, or did not answer."""
    while isinstance(error, LocalEntryNotFoundError) and error.__cause__ is not None:
        error = error.__cause__
    return error


def refusal(error: BaseException, pinned: Pinned) -> ArteError:
    """What to do about a failed request; a gated repository answers as if it were not there."""
    return ArteError(
        expected=f"{pinned} from {constants.ENDPOINT}, or whole in {constants.HF_HUB_CACHE}",
        found=f"{type(error).__name__}: {' '.join(str(error).split())[:300]}",
        where=pinned.page,
        remedy=_remedy(error, pinned),
    )


def _remedy(error: BaseException, pinned: Pinned) -> str:
    status = error.response.status_code if isinstance(error, HfHubHTTPError) else None
    if disk_is_full(error):
        return f"free space on the disk of {constants.HF_HUB_CACHE}, or export HF_HOME=<elsewhere>"
    if isinstance(error, OfflineModeIsEnabled):
        return "unset HF_HUB_OFFLINE, or run `snakemake fetch` where there is a network first"
    if isinstance(error, RevisionNotFoundError):
        return f"take a commit of {pinned.page}/commits/main, 40 hex digits"
    if isinstance(error, EntryNotFoundError):
        return f"name a file of {pinned.page}/tree/{pinned.revision}"
    if isinstance(error, RepositoryNotFoundError) or status in (401, 403, 404):
        return (
            f"log in at {pinned.page}, accept its terms (license: {pinned.license}), make a token "
            "with read access at https://huggingface.co/settings/tokens, export HF_TOKEN=<the "
            "token>, run again; if the page is missing, correct the name"
        )
    if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"get write access to {constants.HF_HUB_CACHE}, or export HF_HOME=<elsewhere>"
    if status is not None:
        return "the hub refuses or is down: run again later; what is downloaded by now is kept"
    return f"run again where {constants.ENDPOINT} can be reached: what is downloaded by now is kept"


def listing(pinned: Pinned) -> dict[str, str]:
    """Hash of every file at the top of the repository, as the hub states it (see `hash_of`)."""
    with asking(pinned):
        entries = huggingface_hub.HfApi().list_repo_tree(
            pinned.repo, revision=pinned.revision, repo_type=pinned.kind
        )
        files = [entry for entry in entries if isinstance(entry, RepoFile)]
    return {file.path: file.lfs.sha256 if file.lfs else file.blob_id for file in files}


def snapshot(pinned: Pinned, patterns: list[str], *, cached: bool = False) -> Path:
    """The cache's folder of this commit, with the top files that match; downloads what it lacks.

    With `cached` nothing is asked of the hub.
    """
    with asking(pinned):
        folder = huggingface_hub.snapshot_download(
            pinned.repo,
            repo_type=pinned.kind,
            revision=pinned.revision,
            allow_patterns=patterns,
            ignore_patterns=BELOW,
            local_files_only=cached,
        )
    return Path(folder)


def file(pinned: Pinned, path: str) -> Path:
    """One file in the cache, at any depth of the repository; downloaded if the cache lacks it."""
    with asking(pinned):
        found = huggingface_hub.hf_hub_download(
            pinned.repo, path, repo_type=pinned.kind, revision=pinned.revision
        )
    return Path(found)


def stored_hash(path: Path) -> str | None:
    """The hash that the hub gave with a file: the cache names its content by it.

    None where the cache holds no links, as on file systems that have none.
    """
    name = path.resolve().name if path.is_symlink() else ""
    is_hash = len(name) in (40, 64) and set(name) <= set("0123456789abcdef")
    return name if is_hash else None


def hash_of(path: Path, sha256: str, stated: str) -> str:
    """A file's hash of the kind that the hub states: `sha256`, or git's for a file kept by git."""
    if len(stated) == 64:
        return sha256
    content = path.read_bytes()
    header = f"blob {len(content)}\0".encode()
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


def checked_sha256(path: Path, stated: str | None) -> str:
    """SHA-256 of a file in the cache; ArteError where it is not the file that the hub states."""
    sha256 = io.file_sha256(path)
    found = stated and hash_of(path, sha256, stated)
    if found != stated:
        raise ArteError(
            expected=f"the hub's file, hash {stated}",
            found=f"{found}, {path.stat().st_size} bytes",
            where=str(path.resolve()),
            remedy="delete this file of the cache and run again: it is downloaded anew",
        )
    return sha256
