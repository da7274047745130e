"""A copy of the checkout in which the smoke preset has run once, for all pipeline tests."""

from pathlib import Path

import pytest
from checkout import copy_checkout, snakemake


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Path:
    """The root of the copy; a test that changes it must change it back."""
    tree = copy_checkout(tmp_path_factory.mktemp("checkout") / "arte")
    snakemake(tree, "--cores", "2")
    return tree
