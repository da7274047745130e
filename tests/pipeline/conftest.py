"""A copy of the checkout in which the smoke preset has run once, for all pipeline tests."""

from pathlib import Path

import pytest
from checkout import RECORDER, copy_checkout, snakemake


@pytest.fixture(scope="session")
def opened(tmp_path_factory) -> Path:
    """A folder with a file per rule of the finished run: the prompt files that its jobs opened."""
    return tmp_path_factory.mktemp("opened")


@pytest.fixture(scope="session")
def finished(tmp_path_factory, opened) -> Path:
    """The root of the copy; a test that changes it must change it back."""
    tree = copy_checkout(tmp_path_factory.mktemp("checkout") / "arte")
    recorder = tree / "workflow/scripts/sitecustomize.py"
    recorder.write_text(RECORDER.format(folder=str(opened)))
    snakemake(tree, "--cores", "2")
    recorder.unlink()
    return tree
