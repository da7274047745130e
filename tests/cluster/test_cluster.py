"""Runs on a real Slurm: where jobs land, and that no disturbance changes or repeats anything."""

import hashlib
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from checkout import ROOT
from cluster.conftest import HERE, RESULTS, command, environment, per_subtask
from cluster.disturb import (
    Target,
    alive,
    freeze,
    job_of,
    process,
    steps,
    thaw,
)
from cluster.slurm import Cluster, wait_for

pytestmark = pytest.mark.cluster
PATIENCE = 900  # s; on two free cores nothing takes 100
LOG = "finetune_student/nano_student-original_teacher-0.log"
TARGETS = {
    "cancelled": Target(
        "arte.evaluate.student",
        "journal/nano_student-vanilla-0",
        4,
        folders="nano_student-vanilla-0/*/*",
    ),
    "node down": Target(
        "arte.evaluate.student", "journal/nano_student-arte-0", 4, folders="nano_student-arte-0/*/*"
    ),
    "generation out of time": Target(
        "arte.elicit.rationales", "original-original", 1, folders="*/naive-original"
    ),
    "training out of time": Target(
        "arte.finetune.student", "students/nano_student/original_teacher", 6, log=LOG
    ),
}
STATS = {
    "cancelled": "evaluate/nano_student/vanilla/0/stats-0.json",
    "node down": "evaluate/nano_student/arte/0/stats-0.json",
    "generation out of time": "tailor/rationales/original-original/stats-0.json",
}
AGAIN = [
    *per_subtask("evaluate/nano_student/vanilla/0"),
    *per_subtask("evaluate/nano_student/arte/0"),
    *per_subtask("tailor/rationales/original-original"),
    f"{RESULTS}/students/nano_student/original_teacher/0/fingerprint.json",
    f"{RESULTS}/tailor/arms/original_teacher.parquet",
    *(f"{RESULTS}/tables/table{k}.md" for k in (1, 7)),
    f"{RESULTS}/data/report.json",
]


@dataclass(frozen=True)
class Record:
    """What a disturbed run did."""

    tree: Path
    output: str
    jobs: dict[str, dict[str, str]]
    names: dict[str, str]
    at_kill: dict[str, int]
    first_log: str


def forget(tree: Path) -> None:
    """Delete all that AGAIN names, what lies beside it, and the generations behind it."""
    root = tree / RESULTS
    for folder in (
        *(
            "evaluate/nano_student/vanilla",
            "evaluate/nano_student/arte",
            "tailor/rationales/original-original",
        ),
        *(
            "students/nano_student/original_teacher",
            "tables",
            "journal/nano_student-vanilla-0",
            "journal/nano_student-arte-0",
        ),
    ):
        shutil.rmtree(root / folder)
    for journal in root.glob("journal/*/naive-original"):
        shutil.rmtree(journal)
    for file in root.glob("tailor/arms/original_teacher.*"):
        file.unlink()
    (root / "data/report.json").unlink()


@contextmanager
def submitting(tree: Path, cluster: Cluster, *targets: str) -> Iterator[subprocess.Popen]:
    """Snakemake on the cluster in the background, output to run.out; it is killed at the end."""
    arguments = ["--profile", "slurm", "--slurm-init-seconds-before-status-checks", "3"]
    with open(tree / "run.out", "a") as out:
        running = subprocess.Popen(
            command(*arguments, "--", *targets),
            cwd=tree,
            env=environment(cluster.environment),
            stdout=out,
            stderr=out,
        )
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def shown_jobs(cluster: Cluster) -> dict[str, dict[str, str]]:
    """All jobs that the controller remembers, as `scontrol show job` tells of them, by id."""
    lines = cluster.ask("scontrol", "--oneliner", "--details", "show", "job").splitlines()
    jobs = [dict(re.findall(r"(\S+?)=(\S*)", line)) for line in lines]
    return {job["JobId"]: job for job in jobs if "JobId" in job}


def interrupt(cluster: Cluster, frozen: dict[str, int]) -> dict[str, str]:
    """Cancel, down a node and let time run out; return the job of each. No GPU job runs then."""
    ids = {name: job_of(pid) for name, pid in frozen.items()}
    cluster.ask("scontrol", "update", "PartitionName=gpu", "State=DOWN")  # retries wait
    node = shown_jobs(cluster)[ids["node down"]]["NodeList"]
    cluster.ask("scancel", ids["cancelled"])
    for name in ("generation out of time", "training out of time"):
        cluster.ask("scontrol", "update", f"JobId={ids[name]}", "TimeLimit=0:01")
    cluster.ask("scontrol", "update", f"NodeName={node}", "State=DOWN", "Reason=test")
    wait_for("killed jobs", lambda: not any(map(alive, frozen.values())), seconds=180)
    if "DOWN" in cluster.ask("scontrol", "show", "node", node):  # else it came back by itself
        cluster.ask("scontrol", "update", f"NodeName={node}", "State=RESUME")
    # Slurm holds a job that lost its node back for two minutes
    cluster.ask("scontrol", "update", f"JobId={ids['node down']}", "StartTime=now")
    return ids


def stop_controller_meanwhile(cluster: Cluster, pids: dict[str, int]) -> None:
    """Take the controller away for a minute; one job ends in that time."""
    cluster.stop("slurmctld")
    thaw(pids["cancelled"])
    wait_for("the job's end", lambda: not alive(pids["cancelled"]), seconds=PATIENCE)
    time.sleep(60)
    cluster.start_controller()


@pytest.fixture(scope="module")
def disturbed(cluster, finished, tmp_path_factory) -> Record:
    """A run of which four jobs were killed midway, and then the controller went away."""
    tree = tmp_path_factory.mktemp("disturbed") / "arte"
    shutil.copytree(finished, tree)
    forget(tree)
    with submitting(tree, cluster, *AGAIN) as running:
        frozen = freeze(TARGETS, tree, seconds=PATIENCE)
        jobs = shown_jobs(cluster)
        names = interrupt(cluster, frozen)
        at_kill = {name: target.progress(tree) for name, target in TARGETS.items()}
        first_log = (tree / RESULTS / "logs" / LOG).read_text()
        cluster.ask("scontrol", "update", "PartitionName=gpu", "State=UP")
        again = freeze(TARGETS, tree, seconds=PATIENCE)
        stop_controller_meanwhile(cluster, again)
        for name in set(again) - {"cancelled"}:
            thaw(again[name])
        status = running.wait(PATIENCE)
    output = (tree / "run.out").read_text()
    assert status == 0, output[-6000:]
    return Record(tree, output, jobs, names, at_kill, first_log)


def others(record: Record) -> dict[str, dict[str, str]]:
    """The jobs of the run that were not disturbed, by the group that their comment names."""
    found = {id_: job for id_, job in record.jobs.items() if id_ not in record.names.values()}
    groups = ("report", "assemble_training_set")
    return {
        next(name for name in groups if job["Comment"].startswith(f"rule_{name}_")): job
        for job in found.values()
    }


def artefacts(tree: Path) -> dict[str, str]:
    """SHA-256 of all artefacts that AGAIN names, and of what lies beside them, but statistics."""
    folders = {(tree / path).parent for path in AGAIN}
    files = [path for folder in folders for path in folder.iterdir() if path.is_file()]
    return {
        str(path.relative_to(tree)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if not path.name.startswith("stats-")
    }


def test_a_local_run_is_up_to_date_on_the_cluster(finished, cluster):
    done = subprocess.run(
        command("--profile", "slurm", "--dry-run", "--", *AGAIN),
        cwd=finished,
        env=environment(cluster.environment),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert "Nothing to be done" in done.stdout, done.stdout[-3000:]


def test_jobs_with_gpus_run_on_gpu_nodes_with_just_those(disturbed):
    for name, gpus in zip(TARGETS, (1, 4, 1, 1), strict=True):
        job = disturbed.jobs[disturbed.names[name]]
        assert job["TresPerJob"] == f"gres:gpu:fake:{gpus}"
        assert job["GRES"].startswith(f"gpu:fake:{gpus}(IDX:")  # allocated
        assert job["Partition"] == "gpu"
        assert job["NodeList"].startswith("gpu")


def test_jobs_without_gpus_run_on_the_cpu_node_and_ask_for_none(disturbed):
    for job in others(disturbed).values():
        assert "TresPerJob" not in job
        assert "gpu" not in job["GRES"]
        assert (job["Partition"], job["NodeList"]) == ("cpu", "cpu1")


def test_short_jobs_share_a_submission(disturbed):
    assert set(others(disturbed)) == {"report", "assemble_training_set"}
    assert len(disturbed.jobs) == len(TARGETS) + 2
    assert others(disturbed)["report"]["NumCPUs"] == "3"


def test_disturbed_jobs_end_in_the_artefacts_of_an_undisturbed_run(disturbed, finished):
    expected = artefacts(finished)
    assert len(expected) > 20
    assert artefacts(disturbed.tree) == expected


@pytest.mark.parametrize("name", STATS)
def test_no_finished_generation_is_asked_for_again(disturbed, name):
    stats = json.loads((disturbed.tree / RESULTS / STATS[name]).read_text())
    kept, total = disturbed.at_kill[name], len(keys(disturbed.tree, name))
    repeated = kept + stats["generated"] - total
    print(f"{name}: {kept} of {total} generations before the kill, {repeated} of them repeated")
    assert 0 < kept < total
    assert repeated == 0


def keys(tree: Path, name: str) -> set[str]:
    """The distinct requests in the journals of a disturbed job."""
    return {
        json.loads(line)["key"]
        for file in TARGETS[name].journals(tree)
        for line in file.read_text().splitlines()
    }


def test_training_repeats_at_most_one_save_interval(disturbed):
    log = (disturbed.tree / RESULTS / "logs" / LOG).read_text()
    total = int(re.search(r" step \d+ of (\d+)", log).group(1))
    config = yaml.safe_load((HERE / "config.yaml").read_text())
    interval = config["finetune"]["sft"]["save_steps"]
    killed_at, resumed_at = max(steps(disturbed.first_log)), min(steps(log))
    print(f"training: killed after step {killed_at} of {total}, went on with step {resumed_at}")
    assert resumed_at > 1
    assert 0 <= killed_at + 1 - resumed_at <= interval


def test_a_second_snakemake_on_the_same_folder_is_refused_and_the_first_can_be_taken_over(
    cluster, finished, tmp_path
):
    tree, targets = tmp_path / "arte", per_subtask("evaluate/nano_student/vanilla/0")
    shutil.copytree(finished, tree)
    shutil.rmtree(tree / RESULTS / "evaluate/nano_student/vanilla")
    shutil.rmtree(tree / RESULTS / "journal/nano_student-vanilla-0")
    target = TARGETS["cancelled"]
    with submitting(tree, cluster, *targets) as first:
        pid = freeze({"only": target}, tree, seconds=PATIENCE)["only"]
        refused = call(tree, cluster, "--profile", "slurm", "--", *targets)
        assert refused.returncode != 0
        assert "cannot be locked" in refused.stdout
        assert "--unlock" in refused.stdout
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert alive(pid)
    subprocess.run(
        ["bash", "-euo", "pipefail", "-c", remedy()], env=cluster.environment, check=True
    )
    wait_for("the cancelled job's end", lambda: not alive(pid), seconds=60)
    assert process(target, tree) is None
    kept = target.progress(tree)
    assert call(tree, cluster, "--unlock").returncode == 0
    with submitting(tree, cluster, *targets) as second:
        assert second.wait(PATIENCE) == 0
    stats = json.loads((tree / RESULTS / STATS["cancelled"]).read_text())
    assert kept + stats["generated"] == len(keys(tree, "cancelled"))
    assert artefacts(tree) == artefacts(finished)


def call(tree: Path, cluster: Cluster, *args: str) -> subprocess.CompletedProcess:
    """Snakemake in the foreground, with all that it says."""
    return subprocess.run(
        command(*args),
        cwd=tree,
        env=environment(cluster.environment),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def remedy() -> str:
    """The command of docs/cluster.md that cancels the jobs of a run whose Snakemake died."""
    text = (Path(__file__).parents[2] / "docs/cluster.md").read_text()
    return next(line.strip() for line in text.splitlines() if "xargs -r scancel" in line)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ({"slurm_partition": "cpu", "gpu_partition": "gpu", "gpu_model": "fake"}, None),
        ({"slurm_partition": "nosuch"}, "partition"),
        ({"gpu_partition": "gpu", "gpu_model": "a100"}, "configuration"),
    ],
)
def test_slurm_says_in_words_which_names_it_refuses(cluster, tmp_path, names, reason):
    site = tmp_path / "site.yaml"
    site.write_text(yaml.safe_dump({"max_runtime": 30, **names}))
    done = subprocess.run(
        [sys.executable, ROOT / "slurm/check.py", site],
        env=cluster.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == (0 if reason is None else 1), done.stdout + done.stderr
    assert reason is None or reason in done.stdout
