"""Which tests share a process when there are several: a file's, and those of one finished run."""

import pytest


def pytest_collection_modifyitems(items):
    """Keep together what shares a costly fixture; pytest-xdist reads the marks."""
    for item in items:
        shared = "finished" if "finished" in item.fixturenames else str(item.path)
        item.add_marker(pytest.mark.xdist_group(shared))
