"""The tasks that a configuration can name: published ones, and folders of the user's own."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from arte.core import tasks
from arte.core.errors import ArteError, config_error
from arte.core.tasks import Subtask
from arte.tasks import folder

REPOSITORY = Path(__file__).parents[4]
TAUGHT = ("steps", "detailed", "direct", "options")
"""Techniques that nano teachers learn (arte.mini.problem, which needs numpy)."""


@cache
def published() -> dict[str, Subtask]:
    """The subtasks of BIG-Bench Hard and the benchmarks outside, by name."""
    return tasks.read_all(REPOSITORY / "resources/prompts")


def prompt_folder(config: dict) -> Path:
    """The folder `prompts`: below the working directory, else below this repository."""
    here = Path(config["prompts"])
    return here if here.is_dir() else REPOSITORY / here


def own_folders(config: dict) -> dict[str, Path]:
    """The folders of the user's own tasks by the name of the task, which is the folder's."""
    return {Path(path).resolve().name: Path(path) for path in config["data"]["tasks"]}


def used_tasks(config: dict) -> dict[str, Subtask]:
    """The subtasks and benchmarks of a run, as their `task.yaml` declares them, by name."""
    own, shared = own_folders(config), prompt_folder(config)
    names = (*config["data"]["subtasks"], *config["ood"]["benchmarks"])
    return {name: tasks.read(own.get(name, shared / name) / tasks.FILE) for name in names}


def techniques(config: dict) -> list[str]:
    """The techniques of which each subtask has a file; nano teachers learn some of their own."""
    names = list(config["elicit"]["techniques"])
    teacher = config["models"].get(config["roles"]["teacher"], {})
    return list(dict.fromkeys(names + (list(TAUGHT) if teacher.get("source") == "nano" else [])))


def problems(config: dict) -> Iterator[ArteError]:
    """What is wrong with data.tasks and the folders that it names."""
    block, seen = config["data"], {}
    for number, path in enumerate(block["tasks"]):
        name, key = Path(path).resolve().name, f"data.tasks.{number}"
        if name in published() or name in seen:
            other = "a published task" if name in published() else seen[name]
            yield config_error(
                key,
                path,
                rule=f"a folder with a name of its own; {name} is {other}",
                remedy="rename the folder, and the name in its task.yaml",
            )
            continue
        seen[name] = f"the folder {path}"
        size = block["validation_items"] if name in block["subtasks"] else None
        for error in folder.problems(Path(path), techniques(config), validation_items=size):
            yield error.at(f"config key {key}, {error.where}")
