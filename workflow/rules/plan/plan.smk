"""What a run will cost, before it starts, and how the forecast compares with what it cost.

REQUIRED INPUTS: the prompt files, config/throughput.yaml; benchmark files of a run, if there are any.
OUTPUTS: none, so that it always runs: tables on the terminal.
"""

for command, target in (("show", "plan"), ("compare", "plan_compare")):

    rule:
        """Requests, tokens, device time, memory and disk of every rule; nothing is run."""
        name:
            target
        input:
            workflow=workflow_files(),
            prompts=prompt_files(SUBTASKS + config["ood"]["benchmarks"], *FILLED_BY)
            + [f"{PROMPTS}/instruction.md"],
            assumed=source("config/throughput.yaml"),
        log:
            f"<logs>/{target}.log",
        localrule: True
        conda:
            "../../envs/analysis.yaml"
        params:
            code=code("arte/plan/report.py"),
            cfg=canonical(**GIVEN),
            device=config["plan"]["device"],
            plugins=os.path.relpath(HOME / "plugins"),
            prompts=prompt_folder,
            command=command,
            claims=lambda w: claim_needs(),
        shell:
            # WORKFLOW_PYTHON has Snakemake, which a job's conda environment lacks. Two dry runs list
            # the jobs, all of them and those that are left. What goes wrong is for the terminal too.
            r"""
            folder=$(mktemp -d)
            trap 'rm -rf "$folder"' EXIT
            printf '%s\n' {params.cfg:q} >"$folder/config.json"
            set -- "$WORKFLOW_PYTHON" -m snakemake --snakefile {input.workflow[0]:q} \
                --configfile "$folder/config.json" --profile none --dry-run --logger jobs
            (
                export PYTHONPATH={params.plugins:q}:$PYTHONPATH
                "$@" --logger-jobs-path "$folder/left" >"$folder/left.log" 2>&1 &
                "$@" --logger-jobs-path "$folder/all" --forceall >"$folder/all.log" 2>&1 \
                    || (cat "$folder/all.log" >&2 && exit 1)
                wait $! || (cat "$folder/left.log" >&2 && exit 1)
                python -m arte.plan.report {params.command} --cfg {params.claims:q} \
                    --device {params.device:q} --assumed {input.assumed:q} \
                    --prompts {params.prompts:q} --jobs "$folder/all" --left "$folder/left"
            ) 2> >(tee {log:q} >&2)
            """


include: "../preview/preview.smk"
