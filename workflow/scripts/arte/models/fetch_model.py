"""Get a model from the Hugging Face hub at a pinned revision, without any code or pickle.

python -m arte.models.fetch_model --cfg JSON --output DIR

Its files stay in the hub's shared cache, which all runs and programs share; the output links them.
"""

import argparse
import json
import logging
import os
from pathlib import Path

from arte.core import hub
from arte.core.errors import ArteError, cli
from arte.models.contents import TEXTS, model_files
from arte.models.folder import Files
from arte.models.link import link

log = logging.getLogger("arte.models.fetch_model")


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
    log.warning("no answer from the hub (%s); its cache has the model", unanswered.found)
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
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cfg", type=json.loads, required=True, help="keys: id, revision, licence")
    parser.add_argument("--output", required=True, help="the run's folder of this model")
    args = parser.parse_args()
    pinned = hub.Pinned(args.cfg["id"], args.cfg["revision"], args.cfg["licence"])
    folder, stated = locate(pinned)
    files, checked = check_files(folder, stated)
    if not checked:
        log.warning("not compared with the hub: it was not asked, and its cache keeps no hashes")
    source = {"source": "hub", "id": pinned.repo, "revision": pinned.revision, "checked": checked}
    link(folder, Path(args.output), source, files)
    log.info("%s: %d files in %s", pinned, len(files), folder)


if __name__ == "__main__":
    main()
