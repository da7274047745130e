"""The jobs behind some files of a run, back to the data, and what they used."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arte.core.io import read_json
from arte.core.tasks import FILE
from arte.provenance.records import field_of


@dataclass(frozen=True)
class Model:
    """A model that was used: its folder in the run, identity, base and where it came from."""

    folder: str
    fingerprint: str
    base: str | None
    source: dict[str, Any] | None


def chain(manifest: dict, start: str, files: list[str]) -> list[str]:
    """Jobs on which `files` depend, in the order in which they began, then the job `start`."""
    found: set[str] = set()
    todo = [*files]
    while todo:
        maker = manifest["files"].get(todo.pop(), {}).get("job")
        if maker is not None and maker not in found:
            found.add(maker)
            todo += manifest["jobs"][maker]["inputs"]
    found.discard(start)
    return [*sorted(found, key=lambda name: (manifest["jobs"][name]["started"], name)), start]


def models(run: Path, manifest: dict, jobs: list[str]) -> list[Model]:
    """The models that these jobs read, by the fingerprints that they wrote down."""
    folders = {
        path.rpartition("/")[0]
        for name in jobs
        for path in manifest["jobs"][name]["inputs"]
        if path.endswith("/fingerprint.json")
    }
    found = []
    for folder in sorted(folders):
        path = run / folder / "fingerprint.json"
        record = read_json(path)
        fingerprint = field_of(record, "fingerprint", path)
        found.append(Model(folder, fingerprint, record.get("base"), record.get("source")))
    return found


def prompts(manifest: dict, jobs: list[str]) -> dict[str, str]:
    """The prompt files that these jobs read, with their hashes; `task.yaml` has descriptions."""
    read = [each for name in jobs for each in manifest["jobs"][name]["inputs"].items()]
    return {path: sha256 for path, sha256 in sorted(read) if path.endswith((".md", FILE))}


def seeds(manifest: dict, jobs: list[str]) -> dict[str, list[int]]:
    """Keys of jobs' configs that are seeds, with the values that occur."""
    found: dict[str, set[int]] = {}
    for name in jobs:
        for key, value in _seeds(manifest["jobs"][name]["cfg"] or {}):
            found.setdefault(f"{manifest['jobs'][name]['rule']} {key}", set()).add(value)
    return {key: sorted(values) for key, values in sorted(found.items())}


def _seeds(cfg: dict[str, Any], above: str = "") -> Iterator[tuple[str, int]]:
    for key, value in cfg.items():
        if isinstance(value, dict):
            yield from _seeds(value, f"{above}{key}.")
        elif key == "seed" or key.endswith("_seed"):  # seed_questions are worked examples
            yield f"{above}{key}", value
