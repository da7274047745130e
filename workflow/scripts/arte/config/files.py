"""Files that a configuration names: data, prompts, devices."""

import re
from collections.abc import Iterator
from pathlib import Path

from arte.config import tasks as own
from arte.config import validation
from arte.config.arms import SETS
from arte.config.tasks import REPOSITORY, own_folders, prompt_folder, published, techniques
from arte.config.wrong import did_you_mean
from arte.core import tasks
from arte.core.errors import ArteError, config_error
from arte.data.layout import local
from arte.models.contents import expanded, folder_files
from arte.models.gguf_header import header
from arte.tailor import own_rows

THROUGHPUT = REPOSITORY / "config/throughput.yaml"
ENDINGS = (".jsonl", ".json", ".parquet")
"""Of files that hold an instruction set."""
BIGBENCH = REPOSITORY / "resources/bigbench.json"
TEMPLATES = ("question", "rationale", "naive", "student", "instruction")
"""Shared templates, which lie in the prompts folder itself."""


def data(config: dict) -> Iterator[ArteError]:
    """Published BBH files that data.folder lacks."""
    block = config["data"]
    if block["source"] != "folder" or not block["folder"]:
        return
    public = [name for name in block["subtasks"] if name not in own_folders(config)]
    names = [f"{name}.json" for name in public]
    names += [f"cot-prompts/{name}.txt" for name in public]
    missing = [name for name in names if not local(block["folder"], name).is_file()]
    if missing:
        yield ArteError(
            expected=f"{len(names)} published BBH files in {block['folder']}",
            found=f"{len(missing)} of them missing, first {missing[0]}",
            where="config key data.folder",
            remedy="name a clone of BIG-Bench-Hard or a folder of <subtask>.json and cot-prompts, "
            "or set data.source: github to download them",
        )


def arms(config: dict) -> Iterator[ArteError]:
    """Files of arms that are not there, or that hold rows that cannot be trained on."""
    for name, arm in config["arms"].items():
        if "file" in arm:
            try:
                own_rows.read(arm["file"], config["data"]["subtasks"])
            except ArteError as error:
                yield error.at(f"config key arms.{name}.file, {error.where}")
        elif arm.get("instructions") not in (None, *SETS):
            path = Path(arm["instructions"])
            if path.suffix not in ENDINGS or not path.is_file():
                yield config_error(
                    f"arms.{name}.instructions",
                    arm["instructions"],
                    rule=f"one of {', '.join(SETS)}, or a file that is there and ends in "
                    f"{', '.join(ENDINGS)}",
                    remedy=did_you_mean(arm["instructions"], SETS) or "correct the name or path",
                )


def bigbench(config: dict) -> Iterator[ArteError]:
    """Validation items that BIG-bench cannot give."""
    return validation.problems(config, str(BIGBENCH))


def models(config: dict) -> Iterator[ArteError]:
    """Models on disk that are not there, or are no model."""
    read = {"folder": folder_files, "gguf": header}
    for name, model in config["models"].items():
        if model["source"] not in read:
            continue
        path = expanded(model["path"])
        try:
            read[model["source"]](path)
        except ArteError as error:
            yield error.at(f"config key models.{name}.path, {path}")


def device(config: dict) -> Iterator[ArteError]:
    """A device for plans that config/throughput.yaml does not know."""
    throughput = THROUGHPUT.read_text(encoding="utf-8")
    devices = re.findall(r"^  ([\w.-]+):", throughput.partition("\ndevices:")[2], re.MULTILINE)
    name = config["plan"]["device"]
    if name not in devices:
        yield config_error(
            "plan.device",
            name,
            rule=f"a device of config/throughput.yaml: {', '.join(devices)}",
            remedy=did_you_mean(name, devices) or "name one of them, or add yours to that file",
        )


def prompts(config: dict) -> Iterator[ArteError]:
    """Prompt files of the subtasks, benchmarks and techniques that are not there."""
    folder = prompt_folder(config)
    paths, declared = [folder / f"{name}.md" for name in TEMPLATES], []
    for task in (*config["data"]["subtasks"], *config["ood"]["benchmarks"]):
        if task in published() and task not in own_folders(config):
            paths += [folder / task / f"{name}.md" for name in techniques(config)]
            declared.append(folder / task / tasks.FILE)
    missing = [path for path in (*paths, *declared) if not path.is_file()]
    if missing:
        yield ArteError(
            expected=f"{len(paths) + len(declared)} prompt files in {folder}: templates, and for "
            f"each subtask and benchmark {tasks.FILE} and one file of each technique",
            found=f"{len(missing)} of them missing, first {missing[0]}",
            where="config keys prompts and elicit.techniques",
            remedy="write the file (resources/prompts/README.md), or take the technique out",
        )
    for path in declared:
        if path not in missing:
            try:
                tasks.read(path)
            except ArteError as error:
                yield error


def teachers(config: dict) -> Iterator[ArteError]:
    """Runs to pool with that are this one, or that have no evaluation yet."""
    for name in config["report"]["teachers"]:
        folder = Path("results", name, "evaluate")
        if name == config["run"]:
            yield config_error(
                "report.teachers",
                name,
                rule="other runs than this one, which always counts",
                remedy="take the name out",
            )
        elif not folder.is_dir():
            yield ArteError(
                expected=f"a finished run in {folder.parent}",
                found=f"no folder {folder}",
                where="config key report.teachers",
                remedy=f"make that run first: the same config with run={name} and another "
                "seeds.teacher",
            )


RULES = (
    (data, ("data",)),
    (bigbench, ("data", "prefer")),
    (own.problems, ("data", "elicit", "models", "roles")),
    (models, ("models",)),
    (arms, ("arms", "data")),
    (prompts, ("prompts", "data", "ood", "elicit", "models", "roles")),
    (device, ("plan",)),
    (teachers, ("report", "run")),
)
"""A rule, and the blocks that it reads."""
