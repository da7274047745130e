"""What reruns when a module, a prompt file or a config leaf changes. Dry runs; prints figures."""

import functools
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from modulefinder import ModuleFinder
from pathlib import Path

import pytest
import yaml
from checkout import PARTS, edited
from dryrun import DryRuns

from arte.core import identity

pytestmark = pytest.mark.pipeline
SMOKE = "config/presets/smoke.yaml"
SCRIPTS = Path("workflow/scripts")
UNREAD = {
    "data.folder": "data.source is embedded",
    "data.allow_modified": "data.source is embedded",
    "data.bigbench": "data.validation is held_out",
    "engine.vllm": "engine.backend is transformers",
    "engine.openai": "engine.backend is transformers",
    "finetune.dtype": "finetune.mode is full",
    "finetune.lora": "finetune.mode is full",
    "gates": "they stop a job and shape nothing that one writes",
    "jobs.score": "there are no more jobs than subtasks, and it is 2 already",
    "licenses.acknowledged": "no license forbids what the run does",
    "plan.device": "no job reads it",
}
"""Leaves whose change means nothing to the smoke preset, and why."""
UNCOUNTED = {"all", "plot_figure1", "write_page"}
"""The target, and the rules that show the whole config and would hide silent leaves."""


@pytest.fixture(scope="module")
def dry_runs() -> Iterator[DryRuns]:
    """The process that serves dry runs."""
    with DryRuns() as server:
        yield server


@pytest.fixture(scope="module")
def modules(finished) -> dict[str, str]:
    """The module that each rule runs, by the rule's name without the number of its shard."""
    text = "".join(file.read_text() for file in (finished / "workflow/rules").rglob("*.smk"))
    blocks = re.split(r"^ *rule(?= \w+:|:$)", text, flags=re.MULTILINE)[1:]
    # the others are targets
    blocks = [block for block in blocks if "-m arte." in block and "localrule:" not in block]
    named = [(re.match(r" (\w+):|:.*?f\"(\w+)_\{\w+", b, re.DOTALL), b) for b in blocks]
    return {
        match.group(1) or match.group(2): re.search(r"-m (arte\.[\w.]+)", block).group(1)
        for match, block in named
    }


@pytest.fixture(scope="module")
def followers(finished) -> dict[str, set[str]]:
    """The rules of the run, each with the rules of all jobs that work on what its jobs make.

    It takes the graph of jobs: in that of rules, a second round's jobs lead back to the first's.
    """
    command = [sys.executable, "-m", "snakemake", "--nolock", "--forceall", "--dag"]
    done = subprocess.run(
        [*command, "--configfile", SMOKE], cwd=finished, text=True, capture_output=True, check=True
    )
    node = r'(\d+)\[label = "(\w+?)(?:_\d+)?(?:\\n[^"]*)?"'
    names = dict(re.findall(node, done.stdout))
    after: dict[str, set[str]] = {job: set() for job in names}
    for one, other in re.findall(r"(\d+) -> (\d+)", done.stdout):
        after[one].add(other)

    @functools.cache
    def reached(job: str) -> frozenset[str]:
        return frozenset({names[job]}).union(*map(reached, after[job]))

    found: dict[str, set[str]] = {}
    for job, name in names.items():
        found.setdefault(name, set()).update(reached(job) - UNCOUNTED)
    return {name: rules for name, rules in found.items() if name not in UNCOUNTED}


def rerun(output: str) -> set[str]:
    """The rules of which a dry run would run jobs, without the numbers of shards."""
    return set(re.findall(r"^(?:local)?rule (\w+?)(?:_\d+)?:$", output, re.MULTILINE)) - UNCOUNTED


def module_of(rule: str, modules: dict[str, str]) -> str:
    """The module of a rule, which may be one of several that a loop names after their parts."""
    parts = rule.split("_")
    names = ["_".join(parts[:n]) for n in range(len(parts), 0, -1)]
    return next(modules[name] for name in names if name in modules)


BY_NAME = {
    "arte.prefer.score_rationales": ["arte.prefer.scorers.icl"],
    "arte.engine.backends": ["arte.engine.transformers.engine"],
}
"""Modules that import others by a computed name, and what the smoke preset makes of it."""


@functools.cache
def imported(tree: Path, module: str) -> frozenset[str]:
    """Modules of arte that a command may load, found in its byte code by the standard library."""
    finder = ModuleFinder(path=[str(tree / SCRIPTS)])
    finder.run_script(str(tree / SCRIPTS / (module.replace(".", "/") + ".py")))
    loaded = {name for name in finder.modules if name.startswith("arte")} | {module}
    parts = [name.split(".") for name in loaded]
    loaded |= {".".join(part[:n]) for part in parts for n in range(1, len(part))}  # packages
    late = [each for name, each in BY_NAME.items() if name in loaded - {"arte"}]
    return frozenset(loaded).union(*(imported(tree, other) for each in late for other in each))


def sources(tree: Path) -> dict[str, Path]:
    """Every module of arte with its file; a package is its `__init__`."""
    files = sorted((tree / SCRIPTS / "arte").rglob("*.py"))
    names = [".".join(file.relative_to(tree / SCRIPTS).with_suffix("").parts) for file in files]
    return {name.removesuffix(".__init__"): file for name, file in zip(names, files, strict=True)}


def test_what_a_command_may_load_is_what_its_identity_counts(finished, modules):
    files, count = sources(finished), 0
    for module in sorted(set(modules.values())):
        loaded = imported(finished, module)
        by_name = [other for name in loaded for other in BY_NAME.get(name, [])]
        counted = {finished / SCRIPTS / path for path in identity.closure(module, *by_name)}
        assert counted == {files[name] for name in loaded}, module
        count += len(counted)
    print(f"modules that a command loads: {count}, all counted")


def test_a_changed_statement_reruns_the_importers_of_its_module_and_what_follows(
    finished, dry_runs, modules, followers
):
    """Tries one module of all that the same rules import, and every module that a rule runs."""
    uses = {rule: imported(finished, module_of(rule, modules)) for rule in followers}
    files = sources(finished)
    users = {name: frozenset(rule for rule in uses if name in uses[rule]) for name in files}
    first = {rules: name for name, rules in reversed(users.items())}
    tried = {*first.values(), *(module_of(rule, modules) for rule in followers)}
    missed, extra = {}, {}
    for name in sorted(tried):
        expected = set().union(*(followers[rule] for rule in users[name]))
        with edited(files[name]):
            status, output = dry_runs(finished, SMOKE)
        assert status == 0, output[-3000:]
        if expected - rerun(output):
            missed[name] = expected - rerun(output)
        if rerun(output) - expected:
            extra[name] = rerun(output) - expected
    print(f"modules: missed {len(missed)} / {len(tried)}, reran too much {len(extra)}")
    assert len(tried) > 60
    assert not missed
    assert not extra


def test_comments_docstrings_and_layout_rerun_nothing(finished, dry_runs):
    with ExitStack() as stack:
        for file in sources(finished).values():
            text = (
                file.read_text().replace('"""', '"""As was said: ', 1).replace("\n\n\n", "\n\n\n\n")
            )
            stack.enter_context(edited(file, f"{text}\n# a comment\n"))
        status, output = dry_runs(finished, SMOKE)
    assert status == 0
    assert rerun(output) == set()


@pytest.fixture(scope="module")
def readers(opened, finished) -> dict[Path, set[str]]:
    """Every prompt file that a job of the finished run opened, with the rules of these jobs.

    Figure 1's job parses the whole workflow, and a parse reads every task's declaration.
    """
    found: dict[Path, set[str]] = {}
    records = [record for record in opened.iterdir() if record.name not in UNCOUNTED]
    for record in records:
        for path in set(record.read_text().split("\n")) - {""}:
            found.setdefault(Path(path), set()).add(record.name)
    return found


def test_a_byte_more_in_any_prompt_file_reruns_its_readers_and_what_follows(
    finished, dry_runs, followers, readers
):
    mismatches = {}
    for file, rules in readers.items():
        with edited(file, file.read_text().rstrip() + "."):  # of task.yaml, the description
            status, output = dry_runs(finished, SMOKE)
        assert status == 0, output[-3000:]
        expected = set().union(*(followers[rule] for rule in rules))
        if rerun(output) != expected:
            mismatches[file.name] = rerun(output) ^ expected
    print(f"prompt files: mismatches {len(mismatches)} / {len(readers)}")
    assert len(readers) > 15
    assert not mismatches


def test_a_byte_more_in_all_prompt_files_that_no_job_opened_reruns_nothing(
    finished, dry_runs, readers
):
    files = set((finished / "resources/prompts").rglob("*.*")) - set(readers)
    assert len(files) > 100
    with ExitStack() as stack:
        for file in files:
            stack.enter_context(edited(file, file.read_text().rstrip() + "."))
        status, output = dry_runs(finished, SMOKE)
    assert status == 0
    assert rerun(output) == set()


def leaves(block: dict, path: tuple = ()) -> Iterator[tuple[tuple, object]]:
    """The path and value of every leaf of a config; a list is a leaf."""
    for key, value in block.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


def changed(value: object) -> object:
    """Another value of the same type."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case float():
            return value * 0.75 + 0.01  # in no leaf its own fixed point
        case str():
            return f"{value}x"
        case [first, *others]:
            return others or [first, first]


def setting(*changes: tuple[tuple, object]) -> str:
    """A config file that sets the leaves at some paths."""
    whole: dict = {}
    for path, value in changes:
        block = whole
        for key in path[:-1]:
            block = block.setdefault(key, {})
        block[path[-1]] = value
    return yaml.safe_dump(whole)


@pytest.fixture(scope="module")
def config(finished) -> dict[tuple, object]:
    """The leaves of the smoke preset over the default config, by path."""
    found = {}
    for name in ("config/config.yaml", SMOKE):
        found.update(leaves(yaml.safe_load((finished / name).read_text())))
    return found


def is_unread(path: tuple) -> bool:
    """Whether changing a leaf means nothing to the smoke preset."""
    return any(".".join(path).startswith(name) for name in UNREAD)


def test_changing_any_leaf_of_the_config_reruns_something_or_is_refused(
    finished, dry_runs, config, tmp_path
):
    file = tmp_path / "change.yaml"
    silent, refused = set(), 0
    for path, value in config.items():
        file.write_text(setting((path, changed(value))))
        status, output = dry_runs(finished, SMOKE, file)
        refused += status != 0
        if status == 0 and not rerun(output):
            silent.add(path)
    expected = {path for path in config if is_unread(path)}
    print(f"leaves: silent {len(silent - expected)} / {len(config)}, refused {refused}")
    assert len(config) > 80
    assert silent <= expected


def test_swapping_neighboring_leaves_of_a_type_reruns_something_or_is_refused(
    finished, dry_runs, config, tmp_path
):
    file = tmp_path / "change.yaml"
    known = list(config.items())
    pairs = [
        (one, other)
        for one, other in pairwise(known)
        if type(one[1]) is type(other[1]) and one[1] != other[1] and one[0][0] == other[0][0]
    ]
    silent = []
    for (one, a), (other, b) in pairs:
        file.write_text(setting((one, b), (other, a)))
        status, output = dry_runs(finished, SMOKE, file)
        if status == 0 and not rerun(output) and not (is_unread(one) and is_unread(other)):
            silent.append((one, other))
    print(f"swaps: silent {len(silent)} / {len(pairs)}")
    assert len(pairs) > 20
    assert not silent


def test_the_sources_of_the_run_are_as_they_were(finished, dry_runs):
    assert set(PARTS) <= {path.name for path in finished.iterdir()}
    status, output = dry_runs(finished, SMOKE)
    assert status == 0
    assert "Nothing to be done" in output
