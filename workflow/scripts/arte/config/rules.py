"""Rules that join keys: subtasks, roles, benchmarks and sizes."""

from collections.abc import Iterator

from arte.config.arms import SELECTS
from arte.config.tasks import own_folders, published
from arte.config.wrong import did_you_mean
from arte.core.errors import ArteError, config_error

MINIATURES = (
    "boolean_expressions",
    "hyperbaton",
    "movie_recommendation",
    "reasoning_about_colored_objects",
    "sports_understanding",
    "tracking_shuffled_objects_three_objects",
    "web_of_lies",
)
"""Subtasks that have a generator (arte.mini.bbh_tasks, too heavy to import for a parse)."""

NO_TECHNIQUES = ("naive",)
"""Names of prompts that ask for no technique."""


def data(config: dict) -> Iterator[ArteError]:
    """What is wrong with data.source and what depends on it."""
    block = config["data"]
    embedded, own = block["source"] == "embedded", own_folders(config)
    known = [*(name for name, kind in published().items() if kind.is_bbh), *own]
    for name in block["subtasks"]:
        if name not in known:
            yield config_error(
                "data.subtasks",
                name,
                rule=f"names among {', '.join(known)}",
                remedy=did_you_mean(name, known)
                or "use the name of a public BIG-Bench Hard file without .json, or name the folder "
                "of a task of your own in data.tasks",
            )
        elif embedded and name not in (*MINIATURES, *own):
            yield config_error(
                "data.subtasks",
                name,
                rule=f"with data.source embedded, names among {', '.join(MINIATURES)}",
                remedy="leave the subtask out, or set data.source to folder or github",
            )
    if block["source"] == "folder" and not block["folder"]:
        yield config_error(
            "data.folder",
            block["folder"],
            rule="with data.source folder, the directory of the published files",
            remedy="give the directory that holds <subtask>.json and cot-prompts/<subtask>.txt",
        )
    if embedded and block["test_items"] == 0:
        yield config_error(
            "data.test_items",
            0,
            rule="with data.source embedded, a positive number: generators have no end",
            remedy="say how many test items to generate",
        )


def roles(config: dict) -> Iterator[ArteError]:
    """Roles of models that are not there, and names that are taken."""
    models, given = config["models"], config["roles"]
    for key in ("teacher", "student", "panel", "unseen"):
        names = given[key] if isinstance(given[key], list) else [given[key]]
        for name in names:
            if name not in models:
                yield config_error(
                    f"roles.{key}",
                    name,
                    rule=f"a name among those of models: {', '.join(models)}",
                    remedy=did_you_mean(name, models) or "add the model to the block models",
                )
    if "aligned_teacher" in models:
        yield config_error(
            "models.aligned_teacher",
            models["aligned_teacher"],
            rule="any name but aligned_teacher, which is the aligned teacher's",
            remedy="rename the model",
        )
    one = models.get(given["teacher"], {})
    if given["teacher"] == given["student"] and one.get("source") == "nano":
        yield config_error(
            "roles.teacher",
            given["teacher"],
            rule="a model other than roles.student, where it is nano: teachers learn other things",
            remedy="give the student a model of its own",
        )


def ood(config: dict) -> Iterator[ArteError]:
    """Benchmarks that do not exist, or that are trained for and not tested."""
    block = config["ood"]
    known = [name for name, kind in published().items() if kind.is_benchmark]
    for name in block["benchmarks"]:
        if name not in known:
            yield config_error(
                "ood.benchmarks",
                name,
                rule=f"names among {', '.join(known)}",
                remedy=did_you_mean(name, known) or "leave the benchmark out",
            )
    missing = [name for name in block["transfer"] if name not in block["benchmarks"]]
    if missing:
        yield config_error(
            "ood.transfer",
            missing,
            rule="names among those of ood.benchmarks",
            remedy="add them to ood.benchmarks, or take them out of ood.transfer",
        )
    if block["source"] == "embedded" and block["test_items"] == 0:
        yield config_error(
            "ood.test_items",
            0,
            rule="with ood.source embedded, a positive number: generators have no end",
            remedy="say how many test items to generate",
        )


def sizes(config: dict) -> Iterator[ArteError]:
    """More preference items than validation items, more exemplars asked for than there are."""
    wanted, held = config["prefer"]["preference_items"], config["data"]["validation_items"]
    if wanted > held:
        yield config_error(
            "prefer.preference_items",
            wanted,
            rule=f"at most data.validation_items, which is {held}",
            remedy="lower prefer.preference_items or raise data.validation_items",
        )


def techniques(config: dict) -> Iterator[ArteError]:
    """Names of prompts that are no techniques, or that arms select otherwise."""
    for name in config["elicit"]["techniques"]:
        if name in SELECTS:
            yield config_error(
                "elicit.techniques",
                name,
                rule=f"any name but {', '.join(SELECTS)}, which arms.<name>.select has",
                remedy="rename the technique and its files",
            )
        if name in NO_TECHNIQUES:
            yield config_error(
                "elicit.techniques",
                name,
                rule=f"a prompt that asks for a technique; {' and '.join(NO_TECHNIQUES)} does not",
                remedy="take the name out",
            )
