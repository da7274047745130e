"""What every rule must have, read from the rule files; no job runs."""

import ast
import re
import runpy
from pathlib import Path

import pytest

from arte.core.identity import closure
from arte.engine.backends import BACKENDS

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "workflow/scripts"
FILES = sorted((ROOT / "workflow/rules").rglob("*.smk"))
RULES = [
    (file.stem, block)
    for file in FILES
    for block in re.split(r"^ *rule\b[^\n]*:$", file.read_text(), flags=re.MULTILINE)[1:]
    if "localrule: True" not in block  # a target: it makes nothing of its own
]
COMMON = runpy.run_path(str(ROOT / "workflow/rules/core/common.smk"), {"SCRIPTS": SCRIPTS})


@pytest.mark.parametrize(("stem", "block"), RULES)
def test_a_rule_has_docstring_code_log_benchmark_and_environment(stem, block):
    assert block.lstrip().startswith('"""'), stem
    # A benchmark file counts as output: with one, a rule that only prints would run only once.
    directives = ("log:", "conda:", *(("benchmark:",) if "output:" in block else ()))
    for directive in directives:
        assert re.search(rf"^ +{directive}", block, re.MULTILINE), directive
    assert "2>{log:q}" in block


@pytest.mark.parametrize(("stem", "block"), RULES)
def test_a_rule_that_generates_has_the_image_of_its_environment(stem, block):
    assert ("inference_env()" in block) == ("inference_image()" in block)


@pytest.mark.parametrize(("stem", "block"), RULES)
def test_a_rule_declares_the_module_that_it_runs(stem, block):
    assert [
        path.replace("/", ".") for path in re.findall(r'code\("arte/([\w/]+)\.py"\)', block)
    ] == re.findall(r"-m arte\.([\w.]+)", block)


NETWORK = {"aiohttp", "ftplib", "http", "httpx", "httpx2", "huggingface_hub", "openai", "requests"}
NETWORK |= {"socket", "urllib", "urllib3"}
"""Packages through which a module may reach the network."""


def reaches_network(path: str) -> bool:
    """Whether a module of ours imports one of them, anywhere in it."""
    names = []
    for node in ast.walk(ast.parse((SCRIPTS / path).read_text())):
        if isinstance(node, ast.ImportFrom):
            names.append(node.module)
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return any(name.partition(".")[0] in NETWORK for name in names)


@pytest.mark.parametrize(("stem", "block"), RULES)
def test_a_rule_reaches_the_network_if_and_only_if_the_target_fetch_makes_its_output(stem, block):
    """A module with two commands reaches it by `fetch` alone."""
    (command,) = re.findall(r"-m arte\.([\w.]+)(?: (fetch|prepare)\b)?", block)
    module, subcommand = command
    reaches = any(reaches_network(path) for path in closure(f"arte.{module}"))
    assert ("fetched(" in block) == (reaches and subcommand != "prepare")


def test_the_engine_that_asks_a_server_is_the_only_other_module_that_reaches_a_network():
    engines = [path for path in map(str, BACKENDS.values()) if "openai" in path]
    assert [path.partition(":")[0] for path in engines] == ["arte.engine.openai"]
    modules = [path.relative_to(SCRIPTS).as_posix() for path in SCRIPTS.rglob("*.py")]
    reaching = {path for path in modules if reaches_network(path)}
    assert reaching == {"arte/core/hub.py", "arte/data/bbh_files.py", "arte/engine/openai.py"}


def test_models_are_loaded_from_folders_alone():
    """Whatever a folder lacks, transformers would else look for on the hub."""
    for module in (SCRIPTS / "arte").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and re.match(r"Auto\w+\.from_pr", ast.unparse(node.func)):
                assert "local_files_only" in {keyword.arg for keyword in node.keywords}, module


@pytest.mark.parametrize("file", [ROOT / "workflow/Snakefile", *FILES], ids=lambda file: file.stem)
def test_a_rule_file_keeps_its_budget_and_opens_with_its_contract(file):
    text = file.read_text()
    assert text.count("\n") <= 150
    assert text.startswith('"""')
    assert file.name == "Snakefile" or ("REQUIRED INPUTS:" in text and "OUTPUTS:" in text)


def test_canonical_text_depends_on_values_alone():
    canonical = COMMON["canonical"]
    assert canonical(a=1, b={"c": 2, "d": 3}) == canonical(b={"d": 3, "c": 2}, a=1)
    assert canonical(a=1, b=2) != canonical(a=2, b=1)


def test_one_process_is_started_plainly_and_several_by_accelerate():
    launch = COMMON["launch"]
    assert launch({"num_processes": 1, "fsdp": {}}) == "python"
    two = launch({"num_processes": 2, "fsdp": {}}).split()
    assert two[:4] == ["python", "-m", "accelerate.commands.launch", "--multi_gpu"]
    assert {"--num_processes=2", "--main_process_port=0"} <= set(two)
    sharded = launch({"num_processes": 8, "fsdp": {"fsdp_version": 2, "fsdp_offload_params": True}})
    assert {"--use_fsdp", "--fsdp_version=2", "--fsdp_offload_params=true"} <= set(sharded.split())


def test_modules_know_nothing_of_snakemake():
    for module in (SCRIPTS / "arte").rglob("*.py"):
        assert not re.search(r"^\s*(import|from) snakemake", module.read_text(), re.MULTILINE)


@pytest.mark.parametrize(("stem", "block"), RULES)
def test_no_param_holds_a_pathvar(stem, block):
    """Pathvars in params stay as they are: a job would write to a folder `<results>`."""
    _, _, params = block.partition("params:")
    assert "<" not in params.split("shell:")[0], stem
