"""Processes of a training on CPUs, as accelerate's launcher would start them, forked and so quick.

FSDP2 runs on CPUs, but accelerate does not offer it: that one gate is opened here. Everything else
is as on GPUs: accelerate's plugin, its preparation of the model, its checkpoints.
"""

import importlib
import multiprocessing
import os
import signal
import socket
import sys

from accelerate import PartialState
from accelerate.commands.launch import _validate_launch_command, launch_command_parser
from accelerate.state import AcceleratorState
from accelerate.utils import DistributedType
from accelerate.utils.launch import prepare_multi_gpu_env

from arte.training import common as training

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["cpu_processes", "arte.align.teacher", "arte.finetune.student"])


def run(command, module, arguments, log, sigterm_at=None):
    """Exit codes of the processes that `command` (accelerate's launcher, or python) would start.

    What they say goes to the file `log`. With `sigterm_at`, (rank, step), that one process is told
    to end while it logs that step.
    """
    environment, n = {}, 1
    if "accelerate.commands.launch" in command:
        options = launch_command_parser().parse_args([*command[3:], "-m", "unused"])
        options, *_ = _validate_launch_command(options)
        environment, n = prepare_multi_gpu_env(options), options.num_processes
        environment |= {
            "WORLD_SIZE": str(n),
            "MASTER_ADDR": "localhost",
            "MASTER_PORT": free_port(),
        }
    children = []
    for rank in range(n):
        own = {"RANK": str(rank), "LOCAL_RANK": str(rank)} if n > 1 else {}
        child = (module, list(map(str, arguments)), environment | own, log, sigterm_at)
        children.append(FORKS.Process(target=work, args=child))
        children[-1].start()
    for child in children:
        child.join()
    return [child.exitcode for child in children]


def free_port():
    with socket.socket() as found:
        found.bind(("localhost", 0))
        return str(found.getsockname()[1])


def work(module, arguments, environment, log, sigterm_at):
    """One process: the command of `module`, which is imported already."""
    os.environ.update(environment)
    with open(log, "a") as told:
        os.dup2(told.fileno(), 2)
    if environment.get("ACCELERATE_USE_FSDP") == "true":
        shard_on_cpu()
    if sigterm_at is not None:
        end_at(*sigterm_at)
    sys.argv = [module, *arguments]
    importlib.import_module(f"arte.{module}").main()


def shard_on_cpu():
    """Let accelerate's state turn gloo processes to FSDP, as it does for every other backend."""
    begin = AcceleratorState.__init__

    def patched(self, *args, **kwargs):
        fresh = not AcceleratorState._shared_state
        begin(self, *args, **kwargs)
        if fresh:
            assert self.distributed_type == DistributedType.MULTI_CPU
            self.distributed_type = DistributedType.FSDP
            self.fsdp_plugin = kwargs["fsdp_plugin"]
            PartialState._shared_state["distributed_type"] = DistributedType.FSDP

    AcceleratorState.__init__ = patched


def end_at(rank, step):
    """Send SIGTERM to this process, if it is that one, while that step is logged."""
    log = training.Watch.on_log

    def patched(self, args, state, control, logs, **others):
        log(self, args, state, control, logs, **others)
        if os.environ["RANK"] == str(rank) and state.global_step == step:
            os.kill(os.getpid(), signal.SIGTERM)

    training.Watch.on_log = patched
