"""Whether the jobs of a run find the packages of their backends; asked when it starts.

Not when it is parsed: plans, dry runs and downloads need no backend. REQUIRED INPUTS: the rules.
OUTPUTS: none.
"""


def generates_by(job):
    """The backend by which a job asks a model; nothing for other jobs."""
    params = dict(job.params.items())
    return (
        json.loads(params["cfg"])["engine"]["backend"]
        if "journal" in params  # of all that a model is asked
        else ""
    )


def check_backends(jobs):
    """Raise WorkflowError where jobs that run in this environment lack a package.

    Jobs of a cluster may have another one, so there it is a warning.
    """
    if workflow.deployment_settings.deployment_method:
        return
    here = not workflow.non_local_exec
    for error in missing_packages(map(generates_by, jobs)):
        if here:
            raise WorkflowError(str(error))
        print(f"warning: jobs may fail{chr(10)}{error}", file=sys.stderr)


onstart:
    check_backends(workflow.dag.needrun_jobs())
