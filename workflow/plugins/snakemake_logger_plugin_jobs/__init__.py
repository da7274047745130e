"""A Snakemake logger plugin that writes the jobs of a dry run, one line of JSON each.

    snakemake --dry-run --logger jobs --logger-jobs-path jobs.jsonl

Logger plugins are the documented way to get jobs as data: `--summary` lists files, `--dag` has no
commands, and the text of a dry run is made for people. A dry run names a job after those whose
files it reads, so readers of the file can carry along what earlier jobs make.
"""

import json
from dataclasses import dataclass, field
from logging import LogRecord
from pathlib import Path

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.settings import LogHandlerSettingsBase

FIELDS = {
    "rule": "rule_name",
    "wildcards": "wildcards",
    "input": "input",
    "output": "output",
    "benchmark": "benchmark",
    "command": "shellcmd",
    "threads": "threads",
}
"""Keys of a line, and what the event calls them."""


@dataclass
class LogHandlerSettings(LogHandlerSettingsBase):
    """Becomes `--logger-jobs-path`."""

    path: Path = field(
        default=Path("jobs.jsonl"), metadata={"help": "File of the jobs.", "type": Path}
    )


class LogHandler(LogHandlerBase):
    """Keeps the default handler on the terminal, so that errors are still shown."""

    writes_to_stream = False
    writes_to_file = False  # as logging.FileHandler does; this is no log of the run
    has_filter = True  # --quiet is for the terminal
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        self.settings.path.write_text("")

    def emit(self, record: LogRecord) -> None:
        """Append a job; leave every other event alone."""
        if getattr(record, "event", None) != LogEvent.JOB_INFO:
            return
        job = {key: getattr(record, name) for key, name in FIELDS.items()}
        job["gpus"] = record.resources.get("gpu", 0)
        with self.settings.path.open("a") as file:
            file.write(json.dumps(job) + "\n")
