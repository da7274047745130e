"""Which Python the jobs of a run are started with."""

import os
import shutil
from pathlib import Path

from arte.core.errors import ArteError


def search_path(executable: str, *folders: str) -> str:
    """These folders as PATH, behind an interpreter's own, so that jobs run it as `python`.

    Raises ArteError where it would be another one, whose packages have other versions, or none.
    """
    beside = Path(executable).with_name("python")
    # `which` asks for permissions as access(2) sees them, without the capabilities of a process
    found = (
        str(beside) if beside.exists() else shutil.which("python", path=os.pathsep.join(folders))
    )
    if found is None or not os.path.samefile(found, executable):
        raise ArteError(
            expected=f"a program `python` that is {executable}, by which Snakemake runs",
            found=found or "none",
            where="the search path, PATH",
            remedy="run Snakemake from an environment: make venv, then . .venv/bin/activate",
        )
    return os.pathsep.join((str(beside.parent), *folders))
