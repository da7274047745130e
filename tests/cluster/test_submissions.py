"""How many submissions a cluster sees, by dry runs; prints figures."""

import importlib.util
import re
import shutil
import subprocess
import sys

import pytest
from checkout import ROOT, copy_checkout

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(
        importlib.util.find_spec("snakemake_executor_plugin_slurm") is None,
        reason="the Slurm plugin is not installed: make test-cluster",
    ),
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A checkout with the profile and nothing made yet."""
    copy = copy_checkout(tmp_path_factory.mktemp("plan") / "arte")
    shutil.copytree(ROOT / "slurm", copy / "slurm", ignore=shutil.ignore_patterns("site.yaml"))
    (copy / "fetched.yaml").write_text("data: { source: github }\n")
    return copy


def submissions(tree, *args: str) -> int:
    """Groups, and jobs outside of groups, that a dry run names; `all` is not submitted."""
    command = [sys.executable, "-m", "snakemake", "--profile", "slurm", "--dry-run", *args]
    done = subprocess.run(
        command, cwd=tree, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert done.returncode == 0, done.stdout[-3000:]
    alone = re.findall(r"^rule (?!all:)\w+:$", done.stdout, re.MULTILINE)
    return len(alone) + done.stdout.count("Group job ")


@pytest.mark.parametrize(
    ("files", "jobs", "most"),
    [(["smoke.yaml"], 108, 85), (["bbh-local.yaml", "../../fetched.yaml"], 119, 51)],
    ids=["smoke", "27 files"],
)
def test_groups_keep_submissions_few_however_many_subtasks(tree, files, jobs, most):
    args = ["--configfile", *(f"config/presets/{file}" for file in files)]
    alone, grouped = submissions(tree, *args, "--groups", "none=none"), submissions(tree, *args)
    print(f"{files[0]}: {alone} submissions without groups, {grouped} with")
    assert alone >= jobs
    assert grouped <= most
