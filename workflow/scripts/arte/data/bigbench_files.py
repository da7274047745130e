"""BIG-bench's task files, copied or taken from its distribution on PyPI, checked against pins.

python -m arte.data.bigbench_files --cfg JSON --folder [DIR] --pins F --output-raw F...
"""

import hashlib
import io as streams
import tarfile
from pathlib import Path

from arte.core import io, job
from arte.core.errors import ArteError, cli
from arte.data import layout
from arte.data.bbh_files import download


def fetch(
    subtasks: list[str], pins: str, folder: str | None, *, allow_modified: bool
) -> dict[str, bytes]:
    """The bytes of each subtask's file, from `folder` or, without one, from the distribution.

    Raises ArteError where one cannot be had, or differs from its pin and may not.
    """
    files, found = layout.bigbench_pins(pins), {}
    if folder is None:
        contents = _distributed(io.read_json(pins)["distribution"])
    for subtask in subtasks:
        path = files[subtask]["path"]
        where = f"bigbench:{path}" if folder is None else str(layout.bigbench_file(folder, path))
        content = contents.get(path, b"") if folder is None else _read(where)
        found[subtask] = _checked(content, files[subtask]["sha256"], where, allow_modified)
    return found


def _checked(content: bytes, sha256: str, where: str, allow_modified: bool) -> bytes:
    digest = hashlib.sha256(content).hexdigest()
    if digest == sha256:
        job.log(f"{where}: as published")
    elif allow_modified:
        job.log(f"{where}: differs from the published file (data.allow_modified): {digest}")
    else:
        raise ArteError(
            expected=f"the file of BIG-bench 1.0.0, SHA-256 {sha256}",
            found=digest,
            where=where,
            remedy="use data.bigbench.source: pypi or a copy of that version; or, to use another "
            "one, set data.allow_modified: true",
        )
    return content


def _distributed(distribution: dict[str, str]) -> dict[str, bytes]:
    """Task files of the source distribution on PyPI, by their path below its folder of tasks."""
    url, folder = distribution["url"], distribution["folder"]
    archive = download(url, remedy="unpack it once and use data.bigbench.source: folder")
    digest = hashlib.sha256(archive).hexdigest()
    if digest != distribution["sha256"]:
        raise ArteError(
            expected=f"the source distribution, SHA-256 {distribution['sha256']}",
            found=digest,
            where=url,
            remedy="run again where this address is not answered by another server (a login page)",
        )
    found = {}
    with tarfile.open(fileobj=streams.BytesIO(archive), mode="r:gz") as members:
        for member in members:
            name = member.name
            if name.startswith(folder) and name.endswith("/task.json"):
                found[name.removeprefix(folder)] = members.extractfile(member).read()
    return found


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ArteError(
            expected="<folder>/<task>/task.json, or a clone of BIG-bench",
            found=error.strerror or str(error),
            where=path,
            remedy="correct config data.bigbench.folder, or use data.bigbench.source: pypi",
        ) from None


@cli
def main() -> None:
    """Write the file of each of cfg["subtasks"], as it is."""
    args = job.parse(__doc__, "--cfg", "--folder*", "--pins", "--output-raw+")
    folder, modified = args.folder[0] if args.folder else None, args.cfg["allow_modified"]
    contents = fetch(args.cfg["subtasks"], args.pins, folder, allow_modified=modified)
    for content, path in zip(contents.values(), args.output_raw, strict=True):
        with io.replacing(path) as temporary:
            temporary.write_bytes(content)


if __name__ == "__main__":
    main()
