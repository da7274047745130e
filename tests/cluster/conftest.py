"""A Slurm of our own, and a finished local run whose artefacts every disturbed run must equal."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from checkout import ROOT, copy_checkout
from cluster import slurm

SUBTASKS = ("boolean_expressions", "hyperbaton")
RESULTS = Path("results/cluster")
HERE = Path(__file__).parent


def command(*args: str) -> list[str]:
    """Snakemake on the test config: more and smaller batches than the smoke preset."""
    files = ["config/presets/smoke.yaml", "config/presets/cluster.yaml"]
    return [sys.executable, "-m", "snakemake", "--configfile", *files, *args]


def per_subtask(folder: str) -> list[str]:
    """The tables of one folder of the results."""
    return [f"{RESULTS}/{folder}/{subtask}.parquet" for subtask in SUBTASKS]


@pytest.fixture(scope="session")
def slurm_here() -> None:
    """Skip where a Slurm of our own can't run."""
    if reason := slurm.missing():
        pytest.skip(reason)
    if importlib.util.find_spec("snakemake_executor_plugin_slurm") is None:
        pytest.skip("the Slurm plugin is not installed: make test-cluster")


@pytest.fixture(scope="session")
def cluster(slurm_here):
    """The running cluster, in a folder whose name is short enough for a socket."""
    with (
        tempfile.TemporaryDirectory(prefix="arte-") as folder,
        slurm.running(Path(folder) / "slurm") as running,
    ):
        yield running


def environment(base: dict[str, str]) -> dict[str, str]:
    """`base` without what would lead jobs astray, with the test site and one thread a process."""
    kept = {key: value for key, value in base.items() if key != "PYTHONPATH"}
    return kept | {"ARTE_SITE": str(HERE / "site.yaml"), "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="session")
def finished(slurm_here, tmp_path_factory) -> Path:
    """A checkout after an undisturbed local run of all that the tests make again."""
    tree = copy_checkout(tmp_path_factory.mktemp("checkout") / "arte")
    shutil.copytree(ROOT / "slurm", tree / "slurm", ignore=shutil.ignore_patterns("site.yaml"))
    shutil.copy(HERE / "config.yaml", tree / "config/presets/cluster.yaml")
    targets = [
        *per_subtask("evaluate/nano_student/vanilla/0"),
        *per_subtask("evaluate/nano_student/arte/0"),
        *per_subtask("tailor/rationales/original-original"),
        f"{RESULTS}/students/nano_student/original_teacher/0/fingerprint.json",
        *(f"{RESULTS}/tables/table{k}.md" for k in (1, 7)),
        f"{RESULTS}/data/report.json",
    ]
    done = subprocess.run(
        command("--cores", "2", "--", *targets),
        cwd=tree,
        env=environment(dict(os.environ)),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return tree
