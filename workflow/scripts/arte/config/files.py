"""Files that a configuration names: data, prompts, devices."""

import re
from collections.abc import Iterator
from pathlib import Path

from arte.config import validation
from arte.config.arms import SETS
from arte.config.rules import TAUGHT
from arte.config.wrong import did_you_mean
from arte.core.errors import ArteError, config_error
from arte.core.tasks import OOD, SUBTASKS
from arte.data.layout import local
from arte.models.contents import expanded, folder_files
from arte.models.gguf_header import header
from arte.tailor import own_rows

REPOSITORY = Path(__file__).parents[4]
THROUGHPUT = REPOSITORY / "config/throughput.yaml"
ENDINGS = (".jsonl", ".json", ".parquet")
"""Of files that hold an instruction set."""
BIGBENCH = REPOSITORY / "resources/bigbench.json"
TEMPLATES = ("question", "rationale", "naive", "student", "instruction")
"""Shared templates, which lie in the prompts folder itself."""


def prompt_folder(config: dict) -> Path:
    """The folder `prompts`: below the working directory, else below this repository."""
    here = Path(config["prompts"])
    return here if here.is_dir() else REPOSITORY / here


def data(config: dict) -> Iterator[ArteError]:
    """Published BBH files that data.folder lacks."""
    block = config["data"]
    if block["source"] != "folder" or not block["folder"]:
        return
    names = [f"{name}.json" for name in block["subtasks"]]
    names += [f"cot-prompts/{name}.txt" for name in block["subtasks"]]
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
                yield _named(error, f"arms.{name}.file")
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
            yield _named(error, f"models.{name}.path", path)


def _named(error: ArteError, key: str, folder: Path | None = None) -> ArteError:
    """`error` with the key that names its file, and the folder if that is not where it is."""
    return ArteError(
        expected=error.expected,
        found=error.found,
        where=f"config key {key}, {folder or error.where}",
        remedy=error.remedy,
    )


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
    folder, techniques = prompt_folder(config), list(config["elicit"]["techniques"])
    teacher = config["models"].get(config["roles"]["teacher"], {})
    if teacher.get("source") == "nano":
        techniques = list(dict.fromkeys([*techniques, *TAUGHT]))
    names = [f"{name}.md" for name in TEMPLATES]
    for task in (*config["data"]["subtasks"], *config["ood"]["benchmarks"]):
        if task in SUBTASKS or task in OOD:
            names += [f"{task}/{name}.md" for name in ("description", *techniques)]
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        yield ArteError(
            expected=f"{len(names)} prompt files in {folder}: templates, descriptions and one "
            "file of each technique for each subtask and benchmark",
            found=f"{len(missing)} of them missing, first {folder / missing[0]}",
            where="config keys prompts and elicit.techniques",
            remedy="write the file (resources/prompts/README.md), or take the technique out",
        )


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
    (models, ("models",)),
    (arms, ("arms", "data")),
    (prompts, ("prompts", "data", "ood", "elicit", "models", "roles")),
    (device, ("plan",)),
    (teachers, ("report", "run")),
)
"""A rule, and the blocks that it reads."""
