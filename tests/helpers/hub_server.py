"""A hub on loopback: repositories of files at commits, and the ways in which a hub fails.

It answers what huggingface_hub asks: tree, resolve with ETag and commit, parts of files. Start it
in a `with` block; `environment()` is what a process needs to take it for the hub.
"""

import hashlib
import json
import os
import re
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import unquote

from loopback import Loopback

LARGE = (".safetensors", ".parquet")
"""Files kept by LFS: their hash is SHA-256, others' is git's."""
API = re.compile(r"/api/(?P<kind>models|datasets)/(?P<repo>[^/]+/[^/]+)/tree/(?P<rev>[^/?]+)")
RESOLVE = re.compile(
    r"/(?P<kind>datasets/)?(?P<repo>[^/]+/[^/]+)/resolve/(?P<rev>[^/]+)/(?P<path>[^?]+)"
)
STATUS = {
    "401": (401, {}),
    "gated": (403, {"X-Error-Code": "GatedRepo", "X-Error-Message": "you are not allowed"}),
    "403": (403, {}),
    "404": (404, {}),
    "missing repository": (404, {"X-Error-Code": "RepoNotFound"}),
    "missing revision": (404, {"X-Error-Code": "RevisionNotFound"}),
    "500": (500, {}),
    "503": (503, {}),
}


def hub_hash(path: Path) -> str:
    """The hash that the hub states for a file."""
    content = path.read_bytes()
    if path.suffix in LARGE:
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()  # noqa: S324


class Hub(Loopback):
    """`publish` folders, `fail` requests; `requests` are the paths asked for."""

    def __init__(self) -> None:
        super().__init__(Handler)
        self.folders: dict[tuple[str, str], Path] = {}
        self.failure: tuple[str, str] | None = None
        self.requests: list[str] = []

    def publish(self, repo: str, revision: str, folder: Path) -> None:
        self.folders[repo, revision] = folder

    def fail(self, how: str, path: str = "") -> None:
        """Answer paths that contain `path` by `how`: a key of STATUS, cut, stall or page."""
        self.failure = (how, path)

    def heal(self) -> None:
        self.failure = None

    def environment(self, home: Path) -> dict[str, str]:
        """Variables of a process that takes this for the hub, with `home` as its cache."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGING"))}
        own = {"HF_ENDPOINT": self.url, "HF_HOME": str(home), "NO_PROXY": "127.0.0.1"}
        return inherited | own | {"HF_HUB_ETAG_TIMEOUT": "2", "HF_HUB_DOWNLOAD_TIMEOUT": "2"}


class Handler(BaseHTTPRequestHandler):
    owner: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Tests read requests from the hub."""

    def do_GET(self) -> None:
        self.owner.requests.append(self.path)
        how, part = self.owner.failure or ("", "")
        if how and part in self.path:
            if how in STATUS:
                self.reply(*STATUS[how])
                return
            if how == "page":
                self.reply(200, {"Content-Type": "text/html"}, b"<html>log in</html>")
                return
        if found := API.match(self.path):
            self.tree(found["repo"], found["rev"])
        elif found := RESOLVE.match(self.path):
            self.resolve(found["repo"], found["rev"], found["path"])
        else:
            self.reply(404, {})

    do_HEAD = do_GET  # noqa: N815

    def folder(self, repo: str, rev: str) -> Path | None:
        folder = self.owner.folders.get((repo, rev))
        if folder is None:
            known = any(repo == name for name, _ in self.owner.folders)
            self.reply(*STATUS["missing revision" if known else "missing repository"])
        return folder

    def tree(self, repo: str, rev: str) -> None:
        folder = self.folder(repo, rev)
        if folder is None:
            return
        entries = []
        for path in sorted(
            folder.rglob("*") if "recursive=true" in self.path else folder.glob("*")
        ):
            name = path.relative_to(folder).as_posix()
            if path.is_dir():
                entries.append({"type": "directory", "path": name, "oid": "0" * 40})
                continue
            size, oid = path.stat().st_size, hub_hash(path)
            entry = {"type": "file", "path": name, "size": size, "oid": oid}
            if path.suffix in LARGE:
                entry |= {"oid": "1" * 40, "lfs": {"oid": oid, "size": size, "pointerSize": 130}}
            entries.append(entry)
        self.reply(200, {"Content-Type": "application/json"}, json.dumps(entries).encode())

    def resolve(self, repo: str, rev: str, path: str) -> None:
        folder = self.folder(repo, rev)
        if folder is None:
            return
        file = folder / unquote(path)
        if not file.is_file():
            self.reply(404, {"X-Error-Code": "EntryNotFound"})
            return
        content = file.read_bytes()
        headers = {"ETag": f'"{hub_hash(file)}"', "X-Repo-Commit": rev}
        part = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if part:
            first, last = int(part[1]), int(part[2] or len(content) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            self.reply(206, headers, content[first : last + 1])
        else:
            self.reply(200, headers, content)

    def reply(self, status: int, headers: dict[str, str], content: bytes = b"") -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        how, part = self.owner.failure or ("", "")
        if how in ("cut", "stall") and part in self.path:
            content, self.close_connection = content[:4], True
        self.wfile.write(content)
        self.wfile.flush()
        if how == "stall" and self.close_connection:
            time.sleep(4)
