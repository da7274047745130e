"""Which jobs a cluster profile's GPU names are for.

REQUIRED INPUTS: the rules. OUTPUTS: none.
"""

import functools


def gpu_only(name, otherwise=None):
    """Let a profile's resource `name` reach only jobs with GPUs; the others get `otherwise`.

    The Slurm plugin asks for a GPU for every job that has a `gpu_model`, and knows one partition.
    """
    for each in workflow.rules:
        if name in each.resources:
            own = [each.resources.get(key) for key in ("gpu", name, otherwise)]
            each.resources[otherwise or name] = functools.partial(of_gpu_job, own)


def of_gpu_job(own, wildcards, **known):
    """Of the resources gpu, a and b: a where gpu isn't 0, else b."""
    gpus, with_gpus, without = [
        resource.evaluate(wildcards, **known).value for resource in own
    ]
    return with_gpus if gpus else without


gpu_only("gpu_model")
gpu_only("gpu_partition", otherwise="slurm_partition")


include: "backends.smk"
