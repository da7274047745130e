"""The commands of the program `arte`, a line each."""

from typing import NamedTuple


class Command(NamedTuple):
    """A module whose `main()` reads `sys.argv` by argparse, and what it does, for `arte --help`."""

    module: str
    does: str


COMMANDS = {
    "new-task": Command("arte.tasks.new_task", "write the skeleton of a task of your own"),
    "check-task": Command("arte.tasks.check_task", "say what a task of your own lacks"),
    "explain": Command("arte.explain.explain", "say what stands behind a number or a point"),
    "verify": Command("arte.verify", "check every file of a run or bundle against its manifest"),
    "journal": Command("arte.engine.journal", "show what models wrote so far, or compact it"),
    "doctor": Command("arte.console.doctor", "say what this machine lacks for a configuration"),
}
"""Commands by name, in the order of `arte --help`. Only the one that is called is imported."""
