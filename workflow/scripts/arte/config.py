"""Check the configuration before anything runs: its shape, then what a schema cannot say."""

from collections.abc import Iterator
from pathlib import Path

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from arte import licences
from arte.errors import ArteError
from arte.tasks import OOD, SUBTASKS

MINIATURES = (
    "boolean_expressions",
    "hyperbaton",
    "movie_recommendation",
    "reasoning_about_colored_objects",
    "sports_understanding",
    "tracking_shuffled_objects_three_objects",
    "web_of_lies",
)
"""Subtasks that have a generator (arte.mini_tasks, too heavy to import for a parse)."""

SCHEMA = "workflow/schemas/config.schema.json"


def check(config: dict, schema: dict) -> None:
    """Raise ArteError with key, value, broken rule and remedy where `config` is wrong.

    `config` must fit the JSON Schema `schema` and the rules of this module, which concern several
    keys at once.
    """
    error = best_match(Draft202012Validator(schema).iter_errors(config))
    if error is not None:
        raise _shape_error(error)
    for rule in (_data, _models, licences.problems, _ood, _sizes, _arms, _nano):
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


def _error(key: str, value: object, *, rule: str, remedy: str) -> ArteError:
    return ArteError(expected=rule, found=repr(value), where=f"config key {key}", remedy=remedy)


def _data(config: dict) -> Iterator[ArteError]:
    data = config["data"]
    for name in data["subtasks"]:
        if name not in SUBTASKS:
            yield _error(
                "data.subtasks",
                name,
                rule=f"names among {', '.join(SUBTASKS)}",
                remedy="use the name of a public BIG-Bench Hard file without .json",
            )
        if data["source"] == "embedded" and name not in MINIATURES:
            yield _error(
                "data.subtasks",
                name,
                rule=f"with data.source embedded, names among {', '.join(MINIATURES)}",
                remedy="leave the subtask out, or set data.source to folder or github",
            )
    if data["source"] == "folder" and not data["folder"]:
        yield _error(
            "data.folder",
            data["folder"],
            rule="with data.source folder, the directory of the published files",
            remedy="give the directory that holds <subtask>.json and cot-prompts/<subtask>.txt",
        )
    if data["source"] == "embedded" and data["test_items"] == 0:
        yield _error(
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
                yield _error(
                    f"roles.{key}",
                    name,
                    rule=f"a name among those of models: {', '.join(models)}",
                    remedy="add the model to the block models, or mend the name",
                )
    if "aligned_teacher" in models:
        yield _error(
            "models.aligned_teacher",
            models["aligned_teacher"],
            rule="any name but aligned_teacher, which is the aligned teacher's",
            remedy="rename the model",
        )
    if roles["teacher"] == roles["student"]:
        yield _error(
            "roles.teacher",
            roles["teacher"],
            rule="a model other than roles.student",
            remedy="give the student a model of its own",
        )


def _ood(config: dict) -> Iterator[ArteError]:
    ood = config["ood"]
    for name in ood["benchmarks"]:
        if name not in OOD:
            yield _error(
                "ood.benchmarks",
                name,
                rule=f"names among {', '.join(OOD)}",
                remedy="mend the name, or leave the benchmark out",
            )
    missing = [name for name in ood["transfer"] if name not in ood["benchmarks"]]
    if missing:
        yield _error(
            "ood.transfer",
            missing,
            rule="names among those of ood.benchmarks",
            remedy="add them to ood.benchmarks, or take them out of ood.transfer",
        )


def _sizes(config: dict) -> Iterator[ArteError]:
    wanted, held = config["prefer"]["preference_set"], config["data"]["validation_items"]
    if wanted > held:
        yield _error(
            "prefer.preference_set",
            wanted,
            rule=f"at most data.validation_items, which is {held}",
            remedy="lower prefer.preference_set or raise data.validation_items",
        )


def _arms(config: dict) -> Iterator[ArteError]:
    for name, arm in config["arms"].items():
        if name == "vanilla":
            yield _error(
                "arms.vanilla",
                arm,
                rule="any name but vanilla, which is the untrained student's",
                remedy="rename the arm",
            )
        if "instructions" in arm:
            if len(arm) > 1:
                yield _error(
                    f"arms.{name}",
                    arm,
                    rule="instructions alone: such an arm has no teacher",
                    remedy="remove the other keys",
                )
            continue
        if arm.get("round", 1) > config["rounds"]:
            yield _error(
                f"arms.{name}.round",
                arm["round"],
                rule=f"at most rounds, which is {config['rounds']}",
                remedy="lower it or raise rounds",
            )
        drafts = arm["rationales"] == "drafts"
        if drafts != ("select" in arm):
            yield _error(
                f"arms.{name}.select",
                arm.get("select"),
                rule="given where rationales is drafts, and only there",
                remedy="add select (most_preferred, random, task_consistent), or remove it",
            )
        if drafts and arm["questions"] != "original":
            yield _error(
                f"arms.{name}.questions",
                arm["questions"],
                rule="original where rationales is drafts: only draft questions have drafts",
                remedy="set questions to original, or rationales to original or aligned",
            )


def _nano(config: dict) -> Iterator[ArteError]:
    models, roles, nano = config["models"], config["roles"], config["nano"]
    trained = {name for name, model in models.items() if model["source"] == "nano"}
    pair = {roles["teacher"], roles["student"]}
    if len(pair & trained) == 1:
        yield _error(
            "roles.teacher",
            roles["teacher"],
            rule="of source nano if roles.student is, and only then: they train together",
            remedy="take both of source nano or both of source hub",
        )
    others = {key: set(roles[key]) & trained - pair for key in ("panel", "unseen")}
    for key, names in others.items():
        if names and not pair <= trained:
            yield _error(
                f"roles.{key}",
                sorted(names),
                rule="no model of source nano where teacher and student are not",
                remedy="take models of source hub",
            )
    if pair <= trained:
        yield from _nano_training(nano, config["data"], others)


def _nano_training(nano: dict, data: dict, others: dict[str, set]) -> Iterator[ArteError]:
    for key, names in others.items():
        if names != set(nano[key]):
            yield _error(
                f"nano.{key}",
                sorted(nano[key]),
                rule=f"exactly the models of source nano in roles.{key} besides teacher and "
                f"student: {sorted(names)}",
                remedy=f"make nano.{key} and roles.{key} name the same models",
            )
    if nano["corpus"] == "generators" and data["source"] != "embedded":
        yield _error(
            "nano.corpus",
            nano["corpus"],
            rule="items, unless data.source is embedded: other subtasks have no generator",
            remedy="set nano.corpus to items",
        )
    shapes = {"nano": nano} | {f"nano.unseen.{name}": one for name, one in nano["unseen"].items()}
    for key, shape in shapes.items():
        if shape["hidden_size"] % (2 * shape["heads"]):
            yield _error(
                f"{key}.heads",
                shape["heads"],
                rule=f"a number whose double divides hidden_size, {shape['hidden_size']}",
                remedy=f"mend {key}.heads or {key}.hidden_size",
            )
    rows = nano["batch_tokens"] // nano["context"]
    if rows % nano["processes"]:
        yield _error(
            "nano.processes",
            nano["processes"],
            rule=f"a divisor of the {rows} sequences of a batch (batch_tokens / context)",
            remedy="mend nano.processes or nano.batch_tokens",
        )
    if nano["context"] > nano["batch_tokens"]:
        yield _error(
            "nano.context",
            nano["context"],
            rule=f"at most nano.batch_tokens, which is {nano['batch_tokens']}",
            remedy="lower nano.context or raise nano.batch_tokens",
        )


def check_files(config: dict) -> None:
    """Raise ArteError where data.source is folder and a published file is not there."""
    data = config["data"]
    if data["source"] != "folder":
        return
    names = [f"{name}.json" for name in data["subtasks"]]
    names += [f"cot-prompts/{name}.txt" for name in data["subtasks"]]
    missing = [name for name in names if not (Path(data["folder"]) / name).is_file()]
    if missing:
        raise ArteError(
            expected=f"{len(names)} published BBH files in {data['folder']}",
            found=f"{len(missing)} of them missing, first {missing[0]}",
            where="config key data.folder",
            remedy="name the directory that holds <subtask>.json and cot-prompts/<subtask>.txt, "
            "or set data.source: github to download them",
        )
