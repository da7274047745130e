"""What failed jobs say themselves, last on the terminal, however quiet Snakemake is."""

import logging
import sys
from pathlib import Path

SHOWN_LINES = 30


class Failures(logging.Handler):
    """A handler that keeps the log files of jobs reported as failed, the latest last."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._rules: dict[str, str] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what an error of a job, or of a group of jobs, says of its logs."""
        jobs = [vars(record), *(getattr(record, "job_error_info", None) or [])]
        for job in jobs:
            for path in map(str, job.get("log") or []):
                self._rules.pop(path, None)  # of an earlier attempt
                self._rules[path] = job.get("rule_name") or "a job"

    def show(self) -> None:
        """Print the end of each log to stderr."""
        for path, rule in self._rules.items():
            lines = _lines(Path(path))[-SHOWN_LINES:] or ["(nothing)"]
            print(f"\n{rule} failed; its log {path} ends:", *lines, sep="\n", file=sys.stderr)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
