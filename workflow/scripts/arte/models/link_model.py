"""Use a model where it lies: link its files into the run, without writing a byte beside them.

python -m arte.models.link_model --cfg JSON --output DIR
"""

from pathlib import Path

from arte.core import job
from arte.core.errors import cli
from arte.models.contents import folder_files
from arte.models.folder import file_record
from arte.models.link import link


@cli
def main() -> None:
    """Link the files of folder cfg["path"] and write their fingerprint."""
    args = job.parse(__doc__, "--cfg", "--output")
    folder = Path(args.cfg["path"])
    files = {path.name: file_record(path) for path in folder_files(folder)}
    fingerprint = link(folder, Path(args.output), {"source": "folder"}, files)
    job.log(f"{folder}: {len(files)} files, fingerprint {fingerprint}")


if __name__ == "__main__":
    main()
