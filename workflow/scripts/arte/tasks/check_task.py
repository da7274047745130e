"""Say what a folder of a task of your own still lacks, or what it has.

arte check-task FOLDER [--techniques NAME ...]
"""

import argparse
import sys
from pathlib import Path

from arte.core.errors import cli
from arte.tasks.folder import load, problems
from arte.tasks.new_task import PROMPTS


def contents(folder: Path) -> list[str]:
    """What a task in order has, a line each."""
    kind, _, found = load(folder)
    exemplars = (
        f"{len(found.exemplars)} exemplars"
        if found.exemplars
        else "no exemplars: three are drawn from the validation items"
    )
    validation = (
        f"{len(found.validation)} validation items"
        if found.validation
        else "no validation items: they are held out of the items"
    )
    solved = sum(bool(item.solution) for _, item in found.items)
    return [
        f"{kind.name}: task {kind.task}, category {kind.category}, answer {kind.answer_type.kind}",
        f"{len(found.items)} items, {solved} of them with a worked solution",
        validation,
        exemplars,
        f"data: {{ tasks: [{folder}], subtasks: [{kind.name}] }} brings it into a run",
    ]


@cli
def main() -> None:
    """Print all problems and end with status 1, or print what the task has."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--techniques", nargs="+", default=list(PROMPTS), metavar="NAME")
    args = parser.parse_args()
    found = list(problems(args.folder, args.techniques))
    if found:
        texts = "\n\n".join(map(str, found))
        sys.exit(f"{args.folder} lacks {len(found)} of what a task needs\n\n{texts}")
    print("\n".join(contents(args.folder)))


if __name__ == "__main__":
    main()
