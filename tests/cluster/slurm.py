"""A real Slurm on this host: munged, slurmctld and three slurmd, two of them with fake GPUs.

    python -m cluster.slurm FOLDER      from tests/, as root; runs until interrupted

Needs Debian's slurm-wlm and munge. Everything lies below FOLDER, which must be short (a socket's
path has at most 107 characters), and every daemon is stopped by its process id.
"""

import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = {"munged": "munge", "slurmctld": "slurm-wlm", "slurmd": "slurm-wlm"}
NODES = {"cpu1": 0, "gpu1": 4, "gpu2": 4}
"""GPUs of each node; each also claims 8 cores and 64 GB, which nothing enforces."""

SETTINGS = """
ClusterName=arte
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmdSpoolDir={folder}/spool-%n
SlurmdParameters=config_overrides
SwitchType=switch/none
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=batch_sched_delay=1,sched_interval=2,bf_interval=2
GresTypes=gpu
ReturnToService=2
KillWait=5
MinJobAge=3600
SlurmdTimeout=300
MessageTimeout=10
RebootProgram=/bin/false
"""


def missing() -> str | None:
    """What this host lacks for a cluster, as a reason to skip; None if nothing."""
    if os.geteuid() != 0:
        return "a Slurm of our own needs root: run as root, or in a container"
    absent = [name for name in PROGRAMS if shutil.which(name) is None]
    if absent:
        packages = " ".join(sorted({PROGRAMS[name] for name in absent}))
        return f"{', '.join(absent)} not found: apt-get install {packages}"
    return None


def free_ports(n: int) -> list[int]:
    """`n` ports that nobody listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def wait_for(what: str, happened: Callable[[], object], *, seconds: float) -> object:
    """The first true value of `happened()`; raise TimeoutError if none comes in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := happened():
            return value
        time.sleep(0.1)
    raise TimeoutError(f"{what}: not within {seconds} s")


@dataclass
class Cluster:
    """The daemons and the environment in which Slurm's commands find them."""

    folder: Path
    environment: dict[str, str]
    daemons: dict[str, subprocess.Popen]

    def ask(self, *command: str) -> str:
        """The output of one of Slurm's commands; raise CalledProcessError if it fails."""
        done = subprocess.run(
            command, env=self.environment, text=True, capture_output=True, check=True
        )
        return done.stdout

    def start(self, name: str, *command: str) -> None:
        """Start a daemon in the foreground, its output to <name>.out."""
        with open(self.folder / f"{name}.out", "ab") as out:
            self.daemons[name] = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    def stop(self, name: str) -> None:
        """End a daemon that `start` started; wait until it has gone."""
        daemon = self.daemons.pop(name)
        daemon.terminate()
        try:
            daemon.wait(20)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()

    def start_controller(self) -> None:
        """Start slurmctld, with the state that an earlier one left."""
        self.start("slurmctld", "/usr/sbin/slurmctld", "-D", "-f", str(self.folder / "slurm.conf"))

    def node_states(self) -> list[str]:
        """The state of each node; empty where the controller doesn't answer."""
        done = subprocess.run(
            ["sinfo", "-h", "-N", "-o", "%T"],
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        return done.stdout.split() if done.returncode == 0 else []

    def cancel_all(self) -> None:
        """Cancel all jobs, and wait until their processes have gone."""
        if "slurmctld" not in self.daemons:  # a test failed while it was away
            self.start_controller()
            wait_for("the controller", self.node_states, seconds=60)
        self.ask("scancel", "--user", "root")
        wait_for("ended jobs", lambda: not self.ask("squeue", "-h"), seconds=60)


def end_leftovers(folder: Path) -> None:
    """End what is left of the jobs of this cluster, which have its slurm.conf in their environment.

    Slurm without cgroups loses a process whose parent has ended.
    """
    mark = f"SLURM_CONF={folder}/slurm.conf".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has just ended, or is not ours
            if mark in (process / "environ").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)


def write_settings(folder: Path) -> None:
    """slurm.conf, gres.conf and the device files of the fake GPUs."""
    controller, *ports = free_ports(1 + len(NODES))
    lines = [SETTINGS.format(host=socket.gethostname(), port=controller, folder=folder)]
    gres = []
    for (node, gpus), port in zip(NODES.items(), ports, strict=True):
        holds = f" Gres=gpu:fake:{gpus}" if gpus else ""
        lines.append(
            f"NodeName={node} NodeHostname={socket.gethostname()} NodeAddr=127.0.0.1 Port={port} "
            f"CPUs=8 RealMemory=64000 State=UNKNOWN{holds}"
        )
        for number in range(gpus):
            device = folder / f"{node}-gpu{number}"
            os.mknod(device, stat.S_IFCHR | 0o600, os.makedev(1, 3))  # slurmd refuses plain files
            gres.append(f"NodeName={node} Name=gpu Type=fake File={device}")
    lines += [
        "PartitionName=cpu Nodes=cpu1 Default=YES MaxTime=1:00:00 State=UP",
        "PartitionName=gpu Nodes=gpu[1-2] MaxTime=1:00:00 State=UP",
    ]
    (folder / "slurm.conf").write_text("\n".join(lines) + "\n")
    (folder / "gres.conf").write_text("\n".join(gres) + "\n")


def write_srun(folder: Path) -> None:
    """An srun that finds slurm.conf: the Snakemake plugin drops SLURM_CONF within jobs."""
    program = folder / "bin/srun"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {shutil.which("srun")} "$@"\n'
    )
    program.chmod(0o755)


def start_munge(cluster: Cluster) -> None:
    """munged with a key and a socket of its own."""
    folder = cluster.folder
    (folder / "munge.key").write_bytes(os.urandom(128))
    (folder / "munge.key").chmod(0o600)
    files = [f"--{name}-file={folder}/munge.{name}" for name in ("key", "pid", "log", "seed")]
    socket_file = f"--socket={folder}/munge.socket"
    cluster.start("munged", "/usr/sbin/munged", "-F", "--force", *files, socket_file)
    wait_for("munge.socket", (folder / "munge.socket").exists, seconds=10)


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    """Bring the cluster up below `folder`; at the end cancel its jobs and take it down."""
    folder.mkdir(mode=0o755, parents=True)  # a new one: old state would be taken up again
    (folder / "state").mkdir()
    write_settings(folder)
    write_srun(folder)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {
        "SLURM_CONF": str(folder / "slurm.conf"),
        "PATH": os.pathsep.join([str(folder / "bin"), os.environ["PATH"]]),
    }
    cluster = Cluster(folder, environment, {})
    try:
        start_munge(cluster)
        cluster.start_controller()
        for node in NODES:
            # by this name: Debian's slurmd-wlm ignores Gres= without a word
            settings = str(folder / "slurm.conf")
            cluster.start(node, "/usr/sbin/slurmd", "-D", "-N", node, "-f", settings)
        idle = ["idle"] * len(NODES)
        wait_for("idle nodes", lambda: cluster.node_states() == idle, seconds=60)
        yield cluster
        cluster.cancel_all()
    finally:
        for name in reversed(list(cluster.daemons)):
            cluster.stop(name)
        end_leftovers(folder)


def main() -> None:
    """Run a cluster until interrupted; say how to use it."""
    if reason := missing():
        sys.exit(reason)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), running(Path(sys.argv[1])) as cluster:
        for name in ("SLURM_CONF", "PATH"):
            print(f"export {name}={cluster.environment[name]}", flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
