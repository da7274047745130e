"""What a run was made from and what it took: gates, data, licenses, cost, provenance."""

import csv
import importlib.metadata
import platform
from collections import defaultdict
from pathlib import Path

from arte.config.chat import choice, uses
from arte.core import io
from arte.models.chat import BY_TEMPLATE

Rows = list[list[str]]
LIBRARIES = ("snakemake", "torch", "transformers", "trl", "peft", "vllm", "polars", "matplotlib")
"""Libraries whose versions are stated, where they are installed."""

COUNTED = ("requests", "from_journal", "generated", "prompt_tokens", "cached_tokens")
COUNTED += ("output_tokens",)


def gates(paths: list[str]) -> Rows:
    """The measured quality gates of nano models: subtask, model, measure, value, low, high, n."""
    rows = []
    for path in paths:
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                low, high = 100 * float(row["low"]), 100 * float(row["high"])
                share = f"{100 * float(row['value']):.1f} [{low:.1f}, {high:.1f}]"
                rows.append([row["model"], row["subtask"], row["measure"], row["n"], share])
    return rows


def data(path: str) -> Rows:
    """data/report.json: a row per subtask of the test and of the validation items."""
    rows = []
    report = io.read_json(path)
    for part, name in (("items", "test"), ("validation", "validation")):
        for subtask, found in report[part]["subtasks"].items():
            counts = ("n", "duplicates", "contradictions", "not_in_form", "reachable")
            rows.append([subtask, name, *(str(found[key]) for key in counts)])
    return rows


def licenses(config: dict, hub_files: dict) -> Rows:
    """What the models and data of a run are under: what, used as, from, revision, license."""
    rows = []
    roles = config["roles"]
    for name, model in config["models"].items():
        used = [role for role, names in roles.items() if name == names or name in _list(names)]
        if model and used:
            served = f"{model['model']} of a server" if "model" in model else "trained here"
            origin = model.get("id") or model.get("path") or served
            given = model.get("license") or (
                "MIT" if model["source"] == "nano" else "see its folder"
            )
            rows.append([name, ", ".join(used), origin, model.get("revision", ""), given])
    github = config["data"]["source"] != "embedded"
    if github:
        rows.append(["BIG-Bench Hard", "data", "suzgunmirac/BIG-Bench-Hard", "", "MIT"])
    sets = [
        each["instructions"] for each in config["arms"].values() if "instructions" in (each or {})
    ]
    wanted = {"ood": config["ood"]["benchmarks"], "instructions": sets}
    for block, names in wanted.items():
        for name in names if config[block]["source"] == "hub" else []:
            found = hub_files[name]
            rows.append([name, "data", found["repo"], found["revision"], found["license"]])
    return rows


HOW = {
    "off": "plain text",
    "on": "chat template",
    "auto": "not recorded",
    True: "chat template",
    False: "plain text: its tokenizer has no template",
}
"""How a model was asked: by its choice or, where that is auto, by what its jobs counted."""


def counts(results: Path) -> dict[str, dict]:
    """What each job of a run that generates has counted, by the path of its file in the run."""
    return {
        path.relative_to(results).as_posix(): io.read_json(path)
        for path in sorted(results.rglob("stats-*.json"))
    }


def chats(config: dict, counted: dict[str, dict]) -> Rows:
    """How models are asked: role, model, use, choice in the config, and what was done.

    What `auto` came to is known to the jobs alone, from the model's tokenizer; `counted` are their
    `counts`.
    """
    applied = {path: found.get(BY_TEMPLATE) for path, found in counted.items()}
    rows = []
    for role, name, use in uses(config["roles"]):
        word = choice(config["models"][name], use)
        done = {each for path, each in applied.items() if _asks(path, role, name, use)} - {None}
        said = done if word == "auto" and done else {word}
        rows.append([role, name, use, word, " and ".join(sorted(HOW[each] for each in said))])
    return rows


def _asks(path: str, role: str, name: str, use: str) -> bool:
    """Whether the counts at a path of the run are of a model's job of this use."""
    if role == "teacher":
        return f"/{use}/" in path
    if role == "panel":
        return path.startswith(f"prefer/responses/{name}/")
    scored = role == "student" and "prefer/scores/" in path
    return scored or path.startswith(f"evaluate/{name}/")


def _list(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names


def cost(results: Path) -> Rows:
    """Rule to jobs, hours and memory by Snakemake's benchmark files."""
    by_rule: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for path in sorted((results / "benchmarks").rglob("*.tsv")):
        first, *_ = path.relative_to(results / "benchmarks").parts
        rule = Path(first).stem
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                by_rule[rule].append((_float(row["s"]), _float(row["max_rss"])))
    rows, total = [], 0.0
    for rule, jobs in sorted(by_rule.items(), key=lambda item: -sum(s for s, _ in item[1])):
        seconds = sum(s for s, _ in jobs)
        total += seconds
        memory = max(rss for _, rss in jobs)
        rows.append([rule, str(len(jobs)), f"{seconds / 3600:.2f}", f"{memory / 1024:.1f}"])
    rows.append(["all", str(sum(map(len, by_rule.values()))), f"{total / 3600:.2f}", ""])
    return rows


def generated(counted: dict[str, dict]) -> dict[str, int]:
    """Sums of what all jobs have counted, of their `counts`."""
    return {key: sum(found.get(key, 0) for found in counted.values()) for key in COUNTED}


def _float(text: str) -> float:
    """A number of a benchmark file; where it could not be measured, 0."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def provenance(fingerprints: list[str]) -> Rows:
    """Fingerprints of models, and versions of Python and libraries."""
    rows = []
    for path in fingerprints:
        found = io.read_json(path)
        rows.append([f"model {Path(path).parent.name}", found["fingerprint"]])
    rows.append(["Python", platform.python_version()])
    for name in LIBRARIES:
        try:
            rows.append([name, importlib.metadata.version(name)])
        except importlib.metadata.PackageNotFoundError:
            continue
    return rows
