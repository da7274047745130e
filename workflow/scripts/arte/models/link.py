"""A run's model folder of links to files that lie elsewhere, and where they came from.

No file of a model is copied, and nothing is written beside the original.
"""

from pathlib import Path

from arte.core import io
from arte.core.errors import ArteError
from arte.models.contents import model_files
from arte.models.folder import SOURCE, Files, clear_links, make_empty, write_record


def link(origin: Path, output: Path, source: dict, files: Files) -> str:
    """Make `output` a folder of links to `files` in `origin`; return the fingerprint.

    Whatever `output` held before is removed. `source` (what the model is called) goes into
    fingerprint.json beside the fingerprint, the place and the times of the files into source.json.
    Raises ArteError where the files lie in `output` itself.
    """
    clear_links(output)
    if origin.resolve().is_relative_to(output.resolve()):
        raise ArteError(
            expected=f"a model outside {output}, which is made anew",
            found=str(origin),
            where="config block models",
            remedy="move the model out of results/ and name its new place",
        )
    make_empty(output)
    for name in files:
        (output / name).symlink_to(origin / name)
    model_files([path.name for path in output.iterdir() if path.is_file()], output)
    times = {name: (origin / name).stat().st_mtime_ns for name in files}
    io.write_json({**source, "path": str(origin), "times": times}, output / SOURCE)
    return write_record(output, files, source=source)
