"""Packages, rules and tests are sorted alike, and each package says what is in it."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "workflow/scripts"
ARTE = SCRIPTS / "arte"
PACKAGES = sorted(path.parent for path in ARTE.rglob("__init__.py"))
MAPPED = re.compile(r"^(\w+): \S.*[.]$", re.MULTILINE)


def name(path: Path) -> str:
    """A package or module as it is imported."""
    return ".".join(path.relative_to(SCRIPTS).with_suffix("").parts)


@pytest.mark.parametrize("package", PACKAGES, ids=name)
def test_a_package_is_a_docstring_that_maps_its_modules_a_line_each(package):
    tree = ast.parse((package / "__init__.py").read_text())
    assert [type(node) for node in tree.body] == [ast.Expr]
    listed = MAPPED.findall(ast.get_docstring(tree))
    found = {path.stem for path in package.glob("[!_]*.py")}
    found |= {path.parent.name for path in package.glob("*/__init__.py")}
    assert sorted(listed) == sorted(found)


def imported(module: Path) -> set[str]:
    """The packages of arte from which a module imports, late imports too."""
    packages = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("arte."):
            here = SCRIPTS / node.module.replace(".", "/")
            packages.add(name(here if here.is_dir() else here.parent))
    return packages


def test_packages_import_each_other_in_one_direction():
    graph = {
        name(package): set().union(*map(imported, package.glob("*.py"))) - {name(package)}
        for package in PACKAGES
    }
    assert len(list(TopologicalSorter(graph).static_order())) == len(PACKAGES)


def test_rules_and_tests_lie_in_folders_named_like_the_packages():
    rooms = {package.name for package in ARTE.iterdir() if package.is_dir()} - {"__pycache__"}
    rules = {path.parent.name for path in (ROOT / "workflow/rules").rglob("*.smk")}
    assert rules <= rooms
    assert not list((ROOT / "workflow/rules").glob("*.smk"))
    tested = {path.name for path in (ROOT / "tests").iterdir() if any(path.glob("test_*.py"))}
    assert tested - {"workflow", "pipeline", "cluster"} <= rooms


@pytest.mark.parametrize("module", sorted(ARTE.rglob("*.py")), ids=lambda path: path.stem)
def test_a_module_and_its_functions_keep_their_budgets(module):
    """The limits of CONTRIBUTING.md."""
    text = module.read_text()
    assert text.count("\n") <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < 40, node.name
