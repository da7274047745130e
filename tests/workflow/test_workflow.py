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


def rules() -> list[tuple[str, str]]:
    """The name (a shard's without its number) and the text of every rule that makes something."""
    found = []
    for file in FILES:
        for block in re.split(r"^ *rule(?= \w+:|:$)", file.read_text(), flags=re.MULTILINE)[1:]:
            if "localrule: True" not in block:  # a target: it makes nothing of its own
                name = re.match(r" (\w+):", block) or re.search(r'name:\s+f"(\w+)_\{', block)
                found.append((name.group(1), block.partition(":\n")[2]))
    return found


RULES = rules()
COMMANDS = re.compile(r"-m arte\.([\w.]+)(?: ([\w{}.:]+))?")
COMMON = runpy.run_path(str(ROOT / "workflow/rules/core/common.smk"), {"SCRIPTS": SCRIPTS})


@pytest.mark.parametrize(("name", "block"), RULES, ids=[name for name, _ in RULES])
def test_a_rule_has_docstring_code_log_benchmark_and_environment(name, block):
    assert block.lstrip().startswith('"""'), name
    # A benchmark file counts as output: with one, a rule that only prints would run only once.
    directives = ("log:", "conda:", *(("benchmark:",) if "output:" in block else ()))
    for directive in directives:
        assert re.search(rf"^ +{directive}", block, re.MULTILINE), directive
    assert "2>{log:q}" in block


@pytest.mark.parametrize(("name", "block"), RULES, ids=[name for name, _ in RULES])
def test_a_rule_that_generates_has_the_image_of_its_environment(name, block):
    assert ("inference_env()" in block) == ("inference_image()" in block)


@pytest.mark.parametrize(("name", "block"), RULES, ids=[name for name, _ in RULES])
def test_a_rule_declares_the_module_that_it_runs(name, block):
    declared = re.findall(r'code\([^()]*(?:\([^()]*\))?[^()]*?"arte/([\w/]+)\.py"', block)
    assert [path.replace("/", ".") for path in declared] == [
        module for module, _ in COMMANDS.findall(block)
    ]


@pytest.mark.parametrize(("name", "block"), RULES, ids=[name for name, _ in RULES])
def test_a_rule_has_the_name_of_its_command(name, block):
    """Its module's name (or its command's, where a module has several), after a verb."""
    ((module, command),) = COMMANDS.findall(block)
    noun = module.rpartition(".")[2]
    names = {noun, f"{noun}_{command}"} | ({command} if noun == "tables" else set())
    if "{wildcards.table" in command:
        names = {"table"}
    assert any(name == each or name.endswith(f"_{each}") for each in names), names


@pytest.mark.parametrize(("name", "block"), RULES, ids=[name for name, _ in RULES])
def test_flags_of_what_a_command_writes_begin_with_output(name, block):
    params, _, shell = block.partition("output:")[2].partition("shell:")
    made = set(re.findall(r"(\w+)=subpath\(output|(\w+)=lambda w, output", params))
    made = {f"params.{key}" for pair in made for key in pair if key}
    for flag, value in re.findall(r"--([\w-]+) \{([\w.\[\]]+)", shell.partition("-m arte")[2]):
        writes = value.startswith("output") or value in made
        assert flag.startswith("output") == writes, (flag, value)


def test_helpers_have_other_names_than_wildcards_and_what_rules_call_their_files():
    text = "\n".join(file.read_text() for file in FILES)
    helpers = set(re.findall(r"^def (\w+)\(", text, re.MULTILINE))
    used = set(re.findall(r"^ +(\w+)=", text, re.MULTILINE))
    used |= set(re.findall(r"\bw\.(\w+)", text))
    assert helpers & used <= {"gpus"}, "a reader takes one for the other"


def test_remedies_name_rules_that_there_are():
    known = {name for name, _ in RULES}
    told = set()
    for module in (SCRIPTS / "arte").rglob("*.py"):
        for names in re.findall(
            r"\brules? ((?:[a-z]+_[a-z_0-9]+(?:, | and )?)+)", module.read_text()
        ):
            told |= set(names.split(" and "))
    assert told
    assert told <= known


NETWORK = {"aiohttp", "ftplib", "http", "httpx", "httpx2", "huggingface_hub", "openai", "requests"}
NETWORK |= {"socket", "urllib", "urllib3"}
"""Packages through which a module may reach the network."""


SERVERS = ("openai", "endpoint")
"""Backends that ask a server."""


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
    (command,) = re.findall(r"-m arte\.([\w.]+)(?: (fetch|prepare|split)\b)?", block)
    module, subcommand = command
    reaches = any(reaches_network(path) for path in closure(f"arte.{module}"))
    assert ("fetched(" in block) == (reaches and subcommand not in ("prepare", "split"))


def test_no_other_module_reaches_a_network_but_the_engines_that_ask_a_server_and_the_doctor():
    engines = {f"{BACKENDS[n].partition(':')[0].replace('.', '/')}.py" for n in SERVERS}
    modules = [path.relative_to(SCRIPTS).as_posix() for path in SCRIPTS.rglob("*.py")]
    reaching = {path for path in modules if reaches_network(path)}
    fetching = {"arte/core/hub.py", "arte/data/bbh_files.py"}
    assert reaching == fetching | engines | {"arte/console/doctor.py"}


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
    launcher = runpy.run_path(str(ROOT / "workflow/rules/core/launch.smk"))["launcher"]
    assert launcher({"num_processes": 1, "fsdp": {}}) == "python"
    two = launcher({"num_processes": 2, "fsdp": {}}).split()
    assert two[:4] == ["python", "-m", "accelerate.commands.launch", "--multi_gpu"]
    assert {"--num_processes=2", "--main_process_port=0"} <= set(two)
    sharded = launcher(
        {"num_processes": 8, "fsdp": {"fsdp_version": 2, "fsdp_offload_params": True}}
    )
    assert {"--use_fsdp", "--fsdp_version=2", "--fsdp_offload_params=true"} <= set(sharded.split())


def test_modules_know_nothing_of_snakemake():
    for module in (SCRIPTS / "arte").rglob("*.py"):
        assert not re.search(r"^\s*(import|from) snakemake", module.read_text(), re.MULTILINE)


@pytest.mark.parametrize(("name", "block"), RULES, ids=[name for name, _ in RULES])
def test_no_param_holds_a_pathvar(name, block):
    """Pathvars in params stay as they are: a job would write to a folder `<results>`."""
    _, _, params = block.partition("params:")
    assert "<" not in params.split("shell:")[0], name
