"""Stages of a run on a terminal as bars, elsewhere as plain lines."""

import sys
import threading
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as Bars

from arte.console.example import example
from arte.console.stages import Progress, title

SECONDS = {True: 1.0, False: 30.0}
"""Between two looks at how far jobs are, on a terminal and elsewhere."""

SCORED = "score_rationales"
"""The stage after which there is an example to show."""


class View:
    """What is seen of a run in the folder `run`, from now until `close`."""

    def __init__(self, progress: Progress, run: Path) -> None:
        self.progress, self.run = progress, run
        self.console = Console(file=sys.stderr, highlight=False)
        columns = BarColumn(16), TextColumn("{task.description}")
        self.bars = Bars(*columns, console=self.console, transient=True)
        self.whole = self.bars.add_task("", total=1.0)
        self.tasks: dict[str, TaskID] = {}
        self.ended = threading.Event()
        if self.console.is_terminal:
            self.bars.start()
        threading.Thread(target=self._watch, daemon=True).start()

    def say(self, text: str) -> None:
        """Show a text above the bars."""
        self.console.print(text, markup=False, soft_wrap=True)

    def finish(self, job: int) -> None:
        """A job is done; say so if its stage is, and show what it made of one question."""
        stage = self.progress.finish(job)
        if stage is not None:
            self.say(f"  {title(stage)}: done")
        if stage == SCORED and (text := example(self.run)):
            self.say(text)

    def close(self) -> None:
        """Take the bars away."""
        self.ended.set()
        self.bars.stop()

    def _watch(self) -> None:
        while not self.ended.wait(SECONDS[self.console.is_terminal]):
            at_work = self.progress.at_work()
            if self.console.is_terminal:
                self._draw(at_work)
            else:
                self.say(f"  {self.progress.line()}: {', '.join(map(title, at_work))}")

    def _draw(self, at_work: dict[str, float]) -> None:
        """A bar for the whole run and one for each stage at work."""
        text = self.progress.line()
        self.bars.update(self.whole, completed=self.progress.total(), description=text)
        for stage in self.tasks.keys() - at_work.keys():
            self.bars.remove_task(self.tasks.pop(stage))
        for stage, share in at_work.items():
            if stage not in self.tasks:
                self.tasks[stage] = self.bars.add_task(title(stage), total=1.0)
            self.bars.update(self.tasks[stage], completed=share)
