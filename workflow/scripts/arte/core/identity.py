"""What a command's code does, as one hash: by it Snakemake knows whether a job is out of date."""

import ast
import functools
from collections.abc import Sequence
from pathlib import Path

from arte.core.io import digest

SCRIPTS = Path(__file__).parents[2]
"""The folder from which `arte` is imported."""


def code(*modules: str, without: Sequence[str] = ()) -> str:
    """A hash of the statements of these modules and of all that they import from here.

    Comments, docstrings and layout do not count, nor do the paths `without`. Modules are dotted
    names or paths below scripts/; what a module imports by a computed name has to be given, too.
    Raises FileNotFoundError where there is no such module.
    """
    paths = set(closure(*modules)) - set(without)
    return digest({path: statements(path) for path in sorted(paths)})


def closure(*modules: str) -> list[str]:
    """Paths below scripts/ of these modules and of their local imports, transitively, sorted."""
    seen: set[str] = set()
    todo = [module if module.endswith(".py") else _path(module) for module in modules]
    while todo:
        path = todo.pop()
        if path not in seen:
            seen.add(path)
            todo += imports(path)
    return sorted(seen)


@functools.cache
def imports(path: str) -> tuple[str, ...]:
    """Files below scripts/ that a module may import, as its import statements name them.

    With a module come the `__init__` files of its packages, which run before it.
    """
    names: list[str] = []
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ImportFrom):  # relative imports are banned by lint
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    files = [_path(name) for name in names]
    folders = [parent / "__init__.py" for name in (path, *files) for parent in Path(name).parents]
    return tuple(
        name for name in dict.fromkeys([*files, *map(str, folders)]) if (SCRIPTS / name).is_file()
    )


@functools.cache
def statements(path: str) -> str:
    """The syntax tree of a module, as text, without comments, layout and docstrings."""
    tree = _tree(path)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [each for each in body if not _is_bare_text(each)]
    return ast.dump(tree)


def _is_bare_text(node: ast.stmt) -> bool:
    """Whether a statement is a docstring, or a string where attributes are described."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _path(module: str) -> str:
    return module.replace(".", "/") + ".py"


def _tree(path: str) -> ast.Module:
    return ast.parse((SCRIPTS / path).read_text(encoding="utf-8"))
