"""Check the configuration before anything runs: its shape, then what a schema cannot say."""

from collections.abc import Iterator

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from arte.config import licenses as licences
from arte.config import nano as config_nano
from arte.core.errors import ArteError, config_error
from arte.core.tasks import OOD, SUBTASKS
from arte.data.layout import local
from arte.models.contents import expanded, folder_files

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

SCHEMA = "workflow/schemas/config.schema.json"


def check(config: dict, schema: dict) -> None:
    """Raise ArteError with key, value, broken rule and remedy where `config` is wrong.

    `config` must fit the JSON Schema `schema` and the rules of this module, which concern several
    keys at once.
    """
    if "seed" in config:
        raise config_error(
            "seed",
            config["seed"],
            rule="no longer a key: one seed drew the items and the teacher's texts alike",
            remedy="set seeds.data and seeds.teacher, both to this number for the same run",
        )
    error = best_match(Draft202012Validator(schema).iter_errors(config))
    if error is not None:
        raise _shape_error(error)
    for rule in (
        _data,
        _models,
        licences.problems,
        _ood,
        _sizes,
        _room,
        _arms,
        _training,
        config_nano.problems,
    ):
        for problem in rule(config):
            raise problem


def _shape_error(error: ValidationError) -> ArteError:
    key = ".".join(str(part) for part in error.absolute_path) or "(top level)"
    meaning = error.schema.get("description", "") if isinstance(error.schema, dict) else ""
    if error.validator == "additionalProperties":
        known = [*error.schema.get("properties", {}), *error.schema.get("patternProperties", {})]
        expected, found = f"only the keys {', '.join(known)}", error.message
    else:
        rule = f"{error.validator}: {error.validator_value}"
        expected, found = f"{meaning} ({rule})" if meaning else rule, error.message
    return ArteError(
        expected=expected,
        found=found,
        where=f"config key {key}",
        remedy=f"mend the key; config/README.md explains it and {SCHEMA} has its rule",
    )


def _data(config: dict) -> Iterator[ArteError]:
    data = config["data"]
    for name in data["subtasks"]:
        if name not in SUBTASKS:
            yield config_error(
                "data.subtasks",
                name,
                rule=f"names among {', '.join(SUBTASKS)}",
                remedy="use the name of a public BIG-Bench Hard file without .json",
            )
        if data["source"] == "embedded" and name not in MINIATURES:
            yield config_error(
                "data.subtasks",
                name,
                rule=f"with data.source embedded, names among {', '.join(MINIATURES)}",
                remedy="leave the subtask out, or set data.source to folder or github",
            )
    if data["source"] == "folder" and not data["folder"]:
        yield config_error(
            "data.folder",
            data["folder"],
            rule="with data.source folder, the directory of the published files",
            remedy="give the directory that holds <subtask>.json and cot-prompts/<subtask>.txt",
        )
    if data["source"] == "embedded" and data["test_items"] == 0:
        yield config_error(
            "data.test_items",
            0,
            rule="with data.source embedded, a positive number: generators have no end",
            remedy="say how many test items to generate",
        )


def _models(config: dict) -> Iterator[ArteError]:
    models, roles = config["models"], config["roles"]
    for key in ("teacher", "student", "panel", "unseen"):
        names = roles[key] if isinstance(roles[key], list) else [roles[key]]
        for name in names:
            if name not in models:
                yield config_error(
                    f"roles.{key}",
                    name,
                    rule=f"a name among those of models: {', '.join(models)}",
                    remedy="add the model to the block models, or mend the name",
                )
    if "aligned_teacher" in models:
        yield config_error(
            "models.aligned_teacher",
            models["aligned_teacher"],
            rule="any name but aligned_teacher, which is the aligned teacher's",
            remedy="rename the model",
        )
    if roles["teacher"] == roles["student"]:
        yield config_error(
            "roles.teacher",
            roles["teacher"],
            rule="a model other than roles.student",
            remedy="give the student a model of its own",
        )


def _ood(config: dict) -> Iterator[ArteError]:
    ood = config["ood"]
    for name in ood["benchmarks"]:
        if name not in OOD:
            yield config_error(
                "ood.benchmarks",
                name,
                rule=f"names among {', '.join(OOD)}",
                remedy="mend the name, or leave the benchmark out",
            )
    missing = [name for name in ood["transfer"] if name not in ood["benchmarks"]]
    if missing:
        yield config_error(
            "ood.transfer",
            missing,
            rule="names among those of ood.benchmarks",
            remedy="add them to ood.benchmarks, or take them out of ood.transfer",
        )


def _sizes(config: dict) -> Iterator[ArteError]:
    wanted, held = config["prefer"]["preference_set"], config["data"]["validation_items"]
    if wanted > held:
        yield config_error(
            "prefer.preference_set",
            wanted,
            rule=f"at most data.validation_items, which is {held}",
            remedy="lower prefer.preference_set or raise data.validation_items",
        )


def _room(config: dict) -> Iterator[ArteError]:
    """Answers that fill the context leave none for a prompt."""
    limit = config["engine"]["max_model_len"]
    for block, key in (
        ("elicit", "question_max_tokens"),
        ("elicit", "rationale_max_tokens"),
        ("prefer", "max_tokens"),
        ("evaluate", "max_tokens"),
    ):
        if config[block][key] >= limit:
            yield config_error(
                f"{block}.{key}",
                config[block][key],
                rule=f"less than engine.max_model_len, which is {limit}: prompts need room too",
                remedy="lower it, or raise engine.max_model_len",
            )


def _arms(config: dict) -> Iterator[ArteError]:
    for name, arm in config["arms"].items():
        if name == "vanilla":
            yield config_error(
                "arms.vanilla",
                arm,
                rule="any name but vanilla, which is the untrained student's",
                remedy="rename the arm",
            )
        if "instructions" in arm:
            if len(arm) > 1:
                yield config_error(
                    f"arms.{name}",
                    arm,
                    rule="instructions alone: such an arm has no teacher",
                    remedy="remove the other keys",
                )
            continue
        if arm.get("round", 1) > config["rounds"]:
            yield config_error(
                f"arms.{name}.round",
                arm["round"],
                rule=f"at most rounds, which is {config['rounds']}",
                remedy="lower it or raise rounds",
            )
        drafts = arm["rationales"] == "drafts"
        if drafts != ("select" in arm):
            yield config_error(
                f"arms.{name}.select",
                arm.get("select"),
                rule="given where rationales is drafts, and only there",
                remedy="add select (most_preferred, random, task_consistent), or remove it",
            )
        if drafts and arm["questions"] != "original":
            yield config_error(
                f"arms.{name}.questions",
                arm["questions"],
                rule="original where rationales is drafts: only draft questions have drafts",
                remedy="set questions to original, or rationales to original or aligned",
            )


def _training(config: dict) -> Iterator[ArteError]:
    for block, role in (("align", "teacher"), ("finetune", "student")):
        launch, name = config[block]["launch"], config["roles"][role]
        gpus = config["models"][name].get("gpus", 0)
        if gpus and launch["num_processes"] != gpus:
            yield config_error(
                f"{block}.launch.num_processes",
                launch["num_processes"],
                rule=f"models.{name}.gpus, which is {gpus}: one process trains on one GPU",
                remedy="make the two equal",
            )
        if launch["fsdp"] and gpus < 2:
            yield config_error(
                f"{block}.launch.fsdp",
                launch["fsdp"],
                rule="empty, unless several GPUs share the weights",
                remedy=f"set it to {{}}, or raise models.{name}.gpus",
            )
    teacher = config["models"][config["roles"]["teacher"]]
    if config["align"]["mode"] == "qlora" and teacher["source"] == "nano":
        yield config_error(
            "align.mode",
            "qlora",
            rule="lora or full where the teacher has no GPU: weights of 4 bits need one",
            remedy="set align.mode to lora",
        )


def check_files(config: dict) -> None:
    """Raise ArteError where a published file or a model that lies on disk is not there.

    That is: with data.source folder, and of models of source folder.
    """
    _check_models(config["models"])
    data = config["data"]
    if data["source"] != "folder":
        return
    names = [f"{name}.json" for name in data["subtasks"]]
    names += [f"cot-prompts/{name}.txt" for name in data["subtasks"]]
    missing = [name for name in names if not local(data["folder"], name).is_file()]
    if missing:
        raise ArteError(
            expected=f"{len(names)} published BBH files in {data['folder']}",
            found=f"{len(missing)} of them missing, first {missing[0]}",
            where="config key data.folder",
            remedy="name a clone of BIG-Bench-Hard or a folder of <subtask>.json and cot-prompts, "
            "or set data.source: github to download them",
        )


def _check_models(models: dict) -> None:
    for name, model in models.items():
        if model["source"] != "folder":
            continue
        folder = expanded(model["path"])
        try:
            folder_files(folder)
        except ArteError as error:
            raise ArteError(
                expected=error.expected,
                found=error.found,
                where=f"config key models.{name}.path, {folder}",
                remedy=error.remedy,
            ) from None
