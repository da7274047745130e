"""Which tests run in one process when there are several, and which are handed out first."""

from typing import Any

import pytest

ALONE = ("test_bbh_local.py", "test_killed.py", "test_pretrained.py")
"""Files of tests/pipeline that have a run of their own; all others share one."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest, so that no process is left alone with them at the end."""
    items.sort(key=lambda item: "tests/pipeline/" not in item.nodeid)


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist, which the environment of vLLM lacks
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out tests by file or by run, for these share fixtures."""
    from xdist.scheduler import LoadScopeScheduling

    class ByRun(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            folder, _, name = nodeid.partition("::")[0].rpartition("/")
            shares = folder.endswith("tests/pipeline") and name not in ALONE
            return folder if shares else f"{folder}/{name}"

    return ByRun(config, log)
