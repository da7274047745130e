"""Ask something of a run or of this machine. What builds something is a target of Snakemake."""

import argparse
import importlib
import sys

from arte.console.table import COMMANDS


def program() -> argparse.ArgumentParser:
    """The parser of `arte` itself; what follows the command is the command's own."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {command.does}" for name, command in COMMANDS.items()]
    parser = argparse.ArgumentParser(
        prog="arte",
        usage="arte [-h] <command> ...",
        description=__doc__,
        epilog="\n".join(["commands:", *lines, "", "arte <command> --help says more."]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, help=argparse.SUPPRESS)
    return parser


def main() -> None:
    """Start the command that is named first; a wrong one ends with the list of the right ones."""
    name = program().parse_args(sys.argv[1:2]).command
    sys.argv = [f"arte {name}", *sys.argv[2:]]  # as if it were a program of this name
    importlib.import_module(COMMANDS[name].module).main()


if __name__ == "__main__":
    main()
