"""Get a model from the Hugging Face hub at a pinned revision, without any code or pickle.

python -m arte.models.fetch_model --cfg JSON --output DIR

Its files stay in the hub's shared cache, which all runs and programs share; the output links them.
"""

import os
from pathlib import Path

from arte.core import hub, job
from arte.core.errors import ArteError, cli
from arte.models.contents import TEXTS, model_files
from arte.models.folder import Files
from arte.models.link import link


def locate(pinned: hub.Pinned) -> tuple[Path, dict[str, str]]:
    """The cache's folder of the model, complete, and the hashes that the hub states for its files.

    Where the hub does not answer, the cache has to hold this very commit; then the hub's hashes are
    those under which the cache keeps its files. Raises ArteError with what the hub answered.
    """
    try:
        stated = hub.listing(pinned)
    except ArteError as error:
        return _cached(pinned, error), {}
    folder = hub.snapshot(pinned, list(TEXTS))
    hub.snapshot(pinned, model_files(stated, folder))
    return folder, stated


def _cached(pinned: hub.Pinned, unanswered: ArteError) -> Path:
    try:
        folder = hub.snapshot(pinned, list(TEXTS), cached=True)
        model_files(os.listdir(folder), folder)
    except ArteError:
        raise unanswered from None
    job.log(f"no answer from the hub ({unanswered.found}); its cache has the model")
    return folder


def check_files(folder: Path, stated: dict[str, str]) -> tuple[Files, bool]:
    """SHA-256 and size of each file of the model, and whether the hub's hash is known for all.

    Raises ArteError where a file is missing, or is not the hub's.
    """
    files, all_known = {}, True
    for name in model_files(os.listdir(folder), folder):
        path = folder / name
        expected = stated.get(name) or hub.stored_hash(path)
        all_known &= expected is not None
        sha256 = hub.checked_sha256(path, expected)
        files[name] = {"sha256": sha256, "bytes": path.stat().st_size}
    return files, all_known


@cli
def main() -> None:
    """Fetch cfg["id"] at cfg["revision"] (40 hex digits), link it and write the fingerprint."""
    args = job.parse(__doc__, "--cfg", "--output")
    pinned = hub.Pinned(args.cfg["id"], args.cfg["revision"], args.cfg["license"])
    folder, stated = locate(pinned)
    files, checked = check_files(folder, stated)
    if not checked:
        job.log("not compared with the hub: it was not asked, and its cache keeps no hashes")
    source = {"source": "hub", "id": pinned.repo, "revision": pinned.revision, "checked": checked}
    link(folder, Path(args.output), source, files)
    job.log(f"{pinned}: {len(files)} files in {folder}")


if __name__ == "__main__":
    main()
