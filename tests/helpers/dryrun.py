"""Dry runs in half the time: a process that has imported Snakemake forks for each.

Reads JSON lines [folder, arguments]; answers each with a JSON line [exit status, output].
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path


class DryRuns:
    """The serving process; a context manager."""

    def __enter__(self) -> "DryRuns":
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        self._server = subprocess.Popen(
            [sys.executable, __file__],
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        return self

    def __exit__(self, *error: object) -> None:
        self._server.stdin.close()
        self._server.stdout.close()
        self._server.wait()

    def __call__(self, tree: Path, *configfiles: str | Path) -> tuple[int, str]:
        """The exit status and output of a dry run in `tree` with these config files."""
        args = ["--dry-run", "--nolock", "--configfile", *map(str, configfiles)]
        print(json.dumps([str(tree), args]), file=self._server.stdin, flush=True)
        return tuple(json.loads(self._server.stdout.readline()))


def serve() -> None:
    """Answer until there are no more questions."""
    import polars  # noqa: F401  # every parse needs it, and forks have it then
    import snakemake.cli

    for line in sys.stdin:
        folder, args = json.loads(line)
        with tempfile.TemporaryFile("w+") as out:
            child = os.fork()
            if child == 0:
                os.chdir(folder)
                os.dup2(out.fileno(), 1)
                os.dup2(out.fileno(), 2)
                snakemake.cli.main(args)  # exits
            _, status = os.waitpid(child, 0)
            out.seek(0)
            print(json.dumps([os.waitstatus_to_exitcode(status), out.read()]), flush=True)


if __name__ == "__main__":
    serve()
