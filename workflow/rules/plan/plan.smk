"""What a run will cost, before it starts, and how the forecast compares with what it cost.

REQUIRED INPUTS: the prompt files, config/throughput.yaml; benchmark files of a run, if there are any.
OUTPUTS: none, so that it always runs: a table on the terminal.
"""

for command, target in (("show", "plan"), ("compare", "plan_compare")):

    rule:
        """Requests, tokens, device time, memory and disk of every stage; nothing is run."""
        name:
            target
        input:
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
            cfg=canonical(**config),
            prompts=prompt_folder,
            command=command,
            results=RESULTS,
        shell:
            r"""
            python -m arte.plan.report {params.command} --cfg {params.cfg:q} \
                --assumed {input.assumed:q} --prompts {params.prompts:q} \
                --results {params.results:q} 2>{log:q}
            """
