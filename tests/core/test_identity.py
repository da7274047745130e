import pytest

from arte.core import identity

MODULE = '''"""What it does."""

LIMIT = 3
"""What the limit is."""


def double(x):
    """Twice x."""
    return 2 * x  # no trap
'''


@pytest.fixture
def scripts(tmp_path, monkeypatch):
    """A folder with a package, whose module `a` imports `b`."""
    monkeypatch.setattr(identity, "SCRIPTS", tmp_path)
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack/__init__.py").write_text("")
    (tmp_path / "pack/a.py").write_text("from pack import b\n")
    (tmp_path / "pack/b.py").write_text(MODULE)
    yield tmp_path
    forget()


def forget():
    identity._module.cache_clear()


def code(*modules):
    forget()
    return identity.code(*modules)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# no trap", "# a trap"),
        ("Twice x", "x, twice"),
        ("What it does", "What else"),
        ("What the limit is", "A limit"),
        ("return 2 * x", "return (\n        2 * x\n    )"),
        ("LIMIT = 3", "\n\n\nLIMIT = 3"),
    ],
)
def test_comments_docstrings_and_layout_do_not_count(scripts, old, new):
    before = code("pack.a")
    (scripts / "pack/b.py").write_text(MODULE.replace(old, new))
    assert code("pack.a") == before


@pytest.mark.parametrize(
    ("old", "new"), [("2 * x", "3 * x"), ("LIMIT = 3", "LIMIT = 4"), ("double(x)", "double(x=1)")]
)
def test_a_statement_counts_for_all_that_import_it(scripts, old, new):
    before = code("pack/a.py")
    (scripts / "pack/b.py").write_text(MODULE.replace(old, new))
    assert code("pack/a.py") != before


def test_a_statement_of_a_package_counts(scripts):
    before = code("pack.a")
    (scripts / "pack/__init__.py").write_text("x = 1\n")
    assert code("pack.a") != before


def test_what_is_imported_by_a_computed_name_is_given(scripts):
    (scripts / "pack/c.py").write_text("y = 1\n")
    assert code("pack.a", "pack.c") != code("pack.a")


def test_the_closure_of_a_generating_command_holds_one_backend():
    forget()
    found = identity.closure("arte/prefer/responses.py", "arte.engine.vllm")
    assert "arte/engine/journal.py" in found
    assert not [path for path in found if "transformers" in path or "openai" in path]
    assert "arte/finetune/student.py" not in found
