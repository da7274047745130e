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


def imports(path: str) -> tuple[str, ...]:
    """Files below scripts/ that a module may import, as its import statements name them.

    With a module come the `__init__` files of its packages, which run before it.
    """
    return _module(path)[0]


def statements(path: str) -> str:
    """A hash of a module's syntax tree, which has no comments, layout and docstrings."""
    return _module(path)[1]


@functools.cache
def _module(path: str) -> tuple[tuple[str, ...], str]:
    """Imports and statements of a module, which is parsed once: Snakemake asks each time it starts.

    The tree itself is let go: those of all modules take more memory than Snakemake, and as text
    they would be hashed once for every rule.
    """
    tree = ast.parse((SCRIPTS / path).read_text(encoding="utf-8"))
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):  # relative imports are banned by lint
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [each for each in body if not _is_bare_text(each)]
    files = [_path(name) for name in names]
    folders = [parent / "__init__.py" for name in (path, *files) for parent in Path(name).parents]
    known = dict.fromkeys([*files, *map(str, folders)])
    return tuple(name for name in known if (SCRIPTS / name).is_file()), digest(ast.dump(tree), 64)


def _is_bare_text(node: ast.stmt) -> bool:
    """Whether a statement is a docstring, or a string where attributes are described."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _path(module: str) -> str:
    return module.replace(".", "/") + ".py"
