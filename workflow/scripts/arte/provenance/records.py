"""What Snakemake's metadata says of the jobs that made a run; Snakemake itself is not needed."""

import ast
import json
import os
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from arte import verify
from arte.core.errors import ArteError
from arte.core.io import file_sha256, read_json

METADATA = ".snakemake/metadata"
_FOLD = re.compile(r"\\\n\s*")
_CODE = re.compile(r"[0-9a-f]{16}")
"""The rule's param `code` (`arte.core.identity`)."""

KNOWN = ("rule", "params", "input", "log", "shellcmd", "starttime", "endtime")
"""Keys of Snakemake's record of an output."""

USAGE = {"seconds": "s", "memory_mb": "max_rss", "cpu_seconds": "cpu_time"}
"""What is kept of a benchmark, and its column there."""


@dataclass
class Job:
    """One job: its rule, code identity, config, command, files by hash and seconds since 1970.

    `usage` is what Snakemake's benchmark measured: seconds, memory in MB, CPU seconds.
    Paths of the run are relative to its folder, others to the repository, else absolute. `changed`
    are inputs that have another content by now than when the job began.
    """

    rule: str
    code: str | None
    cfg: dict[str, Any] | None
    command: str
    inputs: dict[str, str]
    outputs: list[str]
    changed: list[str]
    started: float
    ended: float
    external_id: str | None
    usage: dict[str, str]


class Places:
    """The folders of a run, of the repository and of the call, to which paths are relative."""

    def __init__(self, run: Path, home: Path, here: Path) -> None:
        self.run, self.home, self.here = run.resolve(), home.resolve(), here.resolve()
        self._hashes: dict[str, str] = {}

    def name(self, path: str) -> str:
        """A path of Snakemake's metadata as the manifest has it."""
        full = Path(os.path.normpath(self.here / path))
        for folder in (self.run, self.home):
            if full.is_relative_to(folder):
                return full.relative_to(folder).as_posix()
        return str(full)

    def portable(self, command: str) -> str:
        """A command for a folder that has both the repository's files and results/."""
        return command.replace(f"{self.home}/", "")

    def sha256(self, path: str) -> str | None:
        """The hash of a file by its path in the metadata; None where there is none."""
        full = self.here / path
        if path not in self._hashes and full.is_file():
            self._hashes[path] = file_sha256(full)
        return self._hashes.get(path)


VERSION = 1
"""Of the manifest: another one has other keys."""

MACHINE = ("host", "system", "processor", "python", "packages")
KEYS = ("run", "unpublished", "config", "code", "machine", "jobs", "files")


def recorded(run: Path) -> dict[str, Any]:
    """The manifest of a run; raise ArteError where there is none, a damaged one, or another kind.

    It has all keys that `arte.provenance.manifest` writes, and every job that its files name.
    """
    try:
        manifest = verify.recorded(run)
    except (OSError, ValueError) as error:
        raise ArteError(
            expected=f"a whole {verify.MANIFEST}",
            found=str(error),
            where=str(run),
            remedy="run: snakemake --cores 1 manifest",
        ) from None
    if lacking := next(_lacking(manifest), None):
        raise ArteError(
            expected=f"the {verify.MANIFEST} of a run, version {VERSION}",
            found=lacking,
            where=str(run / verify.MANIFEST),
            remedy="name the folder of a run (in a bundle results/<run>); where other code wrote "
            "it, use that code, or write it anew: snakemake --cores 1 manifest",
        )
    return manifest


def _lacking(manifest: dict[str, Any]) -> Iterator[str]:
    """What a manifest has not that ours have."""
    if manifest.get("version") != VERSION:
        yield f"version {manifest.get('version')}"
    yield from _without(manifest, "the whole", KEYS)
    yield from _without(manifest["code"], "code", ("commit", "changed"))
    yield from _without(manifest["machine"], "machine", MACHINE)
    if not manifest["jobs"]:
        yield "no job"
    for name, each in manifest["jobs"].items():
        yield from _without(each, f"job {name}", [field.name for field in fields(Job)])
    for name, each in manifest["files"].items():
        yield from _without(each, f"file {name}", ("sha256", "bytes", "job"))
        if each["job"] is not None and each["job"] not in manifest["jobs"]:
            yield f"no job {each['job']}, which made {name}"


def _without(found: dict[str, Any], what: str, keys: Iterable[str]) -> Iterator[str]:
    yield from (f"no key {key} in {what}" for key in keys if key not in found)


def field_of(record: dict[str, Any], key: str, where: Path) -> Any:
    """What a file of a run has under a key; raise ArteError where it has no such key."""
    if key not in record:
        raise ArteError(
            expected=f"the key {key}",
            found=", ".join(sorted(record)) or "no key at all",
            where=str(where),
            remedy="use the code that made the run; its commit is in manifest.json",
        )
    return record[key]


def entries(metadata: Path) -> Iterator[tuple[str, dict]]:
    """(path of an output, its record) of all that Snakemake has metadata of."""
    for file in metadata.rglob("*"):
        if file.is_file():
            # long names are cut into folders that begin with @
            name = file.relative_to(metadata).as_posix().replace("@", "").replace("/", "")
            yield urlsafe_b64decode(name).decode(), read_json(file)


def jobs(places: Places) -> dict[str, Job]:
    """The jobs that made the run's files, by the path of their log without `logs/` and `.log`."""
    metadata = places.here / METADATA
    if not metadata.is_dir():
        raise ArteError(
            expected="Snakemake's metadata of the run",
            found="no such folder",
            where=str(metadata),
            remedy="call Snakemake in the folder in which it made the run",
        )
    found: dict[str, Job] = {}
    for path, record in sorted(entries(metadata)):
        full = places.here / path
        if full.is_file() and full.resolve().is_relative_to(places.run):
            _check(record, path)
            name = identifier(record, places)
            job = found.get(name) or _job(record, places, places.run / f"benchmarks/{name}.tsv")
            found[name] = job
            job.outputs.append(places.name(path))
    return found


def _check(record: dict, path: str) -> None:
    """Raise ArteError where the record of an output lacks what a manifest is made of."""
    if lacking := [key for key in KNOWN if key not in record]:
        raise ArteError(
            expected=f"metadata of Snakemake with {', '.join(KNOWN)}",
            found=f"a record without {', '.join(lacking)}",
            where=f"{METADATA}, of {path}",
            remedy="another Snakemake wrote it: delete that output and make it again with ours",
        )


def identifier(record: dict, places: Places) -> str:
    """What a job is called: `make_table/table2`, from its log; without one its rule."""
    logs = [places.name(path) for path in record["log"] or []]
    return logs[0].removeprefix("logs/").removesuffix(".log") if logs else record["rule"]


def _usage(benchmark: Path) -> dict[str, str]:
    """Some columns of a benchmark file; nothing where there is none."""
    if not benchmark.is_file():
        return {}
    head, values, *_ = benchmark.read_text(encoding="utf-8").splitlines()
    found = dict(zip(head.split("\t"), values.split("\t"), strict=True))
    return {name: found[key] for name, key in USAGE.items() if key in found}


def _job(record: dict, places: Places, benchmark: Path) -> Job:
    code, cfg = _params(record["params"] or [])
    before = record.get("input_checksums") or {}
    inputs, changed = {}, []
    for path in record["input"] or []:
        now = places.sha256(path)
        then = before.get(path, "").removeprefix("sha256:") or now
        inputs[places.name(path)] = then
        if now != then:
            changed.append(places.name(path))
    return Job(
        rule=record["rule"],
        code=code,
        cfg=cfg,
        command=places.portable(_FOLD.sub(" ", record["shellcmd"] or "").strip()),
        inputs=inputs,
        outputs=[],
        changed=changed,
        started=record["starttime"],
        ended=record["endtime"],
        external_id=record.get("external_jobid"),
        usage=_usage(benchmark),
    )


def _params(texts: list[str]) -> tuple[str | None, dict | None]:
    """The params `code` and `cfg` among the texts that Snakemake keeps of params."""
    code, cfg = None, None
    for text in texts:
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            continue
        if isinstance(value, str) and _CODE.fullmatch(value):
            code = value
        elif isinstance(value, str) and value.startswith("{"):
            cfg = json.loads(value)
    return code, cfg
