"""A Snakemake logger plugin that shows the stages of a run at work, and the time that is left.

    snakemake --logger stages --logger-stages-costs costs.json --logger-stages-run results/embedded

`arte.console.demo` writes the costs and starts it; `arte.console.view` is what one sees. Snakemake
imports every plugin whenever it starts, so this one imports nothing until it is used.
"""

import logging
from dataclasses import dataclass, field
from pathlib import Path

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.settings import LogHandlerSettingsBase


@dataclass
class LogHandlerSettings(LogHandlerSettingsBase):
    """Becomes `--logger-stages-costs` and `--logger-stages-run`."""

    costs: Path = field(
        default=Path("costs.json"), metadata={"help": "What each job costs.", "type": Path}
    )
    run: Path = field(default=Path("results"), metadata={"help": "The run's folder.", "type": Path})


class LogHandler(LogHandlerBase):
    """Takes the place of the default handler: under `--quiet`, Snakemake does not report ends."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = False
    needs_rulegraph = False

    def __post_init__(self) -> None:
        from arte.console.stages import Progress, read_costs
        from arte.console.view import View

        run = self.settings.run
        self.view = View(Progress(read_costs(self.settings.costs), run / "journal"), run)

    def emit(self, record: logging.LogRecord) -> None:
        """Follow the jobs, and show errors; the workflow itself shows failed jobs, last."""
        event = getattr(record, "event", None)
        if event == LogEvent.JOB_INFO:
            logs, outputs = list(record.log or []), list(record.output or [])
            self.view.progress.start(record.jobid, record.rule_name, outputs, logs)
        elif event == LogEvent.JOB_FINISHED:
            self.view.finish(record.job_id)
        elif event in (LogEvent.JOB_ERROR, LogEvent.GROUP_ERROR):
            self.view.close()
        elif record.levelno >= logging.WARNING and not self.view.ended.is_set():
            self.view.say(self.format(record))

    def close(self) -> None:
        """Take the bars away."""
        self.view.close()
        super().close()
