"""Use a model where it lies: link its files into the run, without writing a byte beside them.

python -m arte.models.link_model --cfg JSON --output DIR
"""

import argparse
import json
import logging
from pathlib import Path

from arte.core.errors import cli
from arte.models.contents import folder_files
from arte.models.folder import file_record
from arte.models.link import link

log = logging.getLogger("arte.models.link_model")


@cli
def main() -> None:
    """Link the files of folder cfg["path"] and write their fingerprint."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cfg", type=json.loads, required=True, help="key: path")
    parser.add_argument("--output", required=True, help="the run's folder of this model")
    args = parser.parse_args()
    folder = Path(args.cfg["path"])
    files = {path.name: file_record(path) for path in folder_files(folder)}
    fingerprint = link(folder, Path(args.output), {"source": "folder"}, files)
    log.info("%s: %d files, fingerprint %s", folder, len(files), fingerprint)


if __name__ == "__main__":
    main()
