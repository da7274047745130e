"""How the command of a job starts: on GPUs of its own, in one process or several.

REQUIRED INPUTS: the checked config. OUTPUTS: none.
"""

import shlex


def on_gpus(wildcards, resources):
    """Python, with GPUs of its own for a job that asks for some."""
    if not resources.gpu:
        return "python"
    return f"python -m arte.core.devices {resources.gpu} python"


def launcher(spread, python="python"):
    """The command that starts a training: `python`, or accelerate's launcher of many processes."""
    if spread["num_processes"] == 1:
        return python
    flags = {
        "num_processes": spread["num_processes"],
        "num_machines": 1,
        "main_process_port": 0,  # any free one: other trainings may run on the node
        "mixed_precision": "no",  # as `bf16` in the block of TRL's arguments says
        "dynamo_backend": "no",
        **spread["fsdp"],
    }
    words = [
        f"--{key}={str(value).lower() if isinstance(value, bool) else value}"
        for key, value in flags.items()
    ]
    kind = "--use_fsdp" if spread["fsdp"] else "--multi_gpu"
    command = ["-m", "accelerate.commands.launch", kind, *words]
    return f"{python} {shlex.join(command)}"


include: "inputs.smk"
