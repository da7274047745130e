"""How well the preference set stands for all validation items (App. E).

REQUIRED INPUTS: <results>/prefer/{consistency_outputs,set}/<subtask>.parquet, config/published.yaml.
OUTPUTS: <results>/tables/consistency.{csv,md,tex}
"""


rule check_consistency:
    """How often the preference set and all validation items agree on best and worst rationales."""
    input:
        outputs=per_subtask("<results>/prefer/consistency_outputs/{subtask}.parquet"),
        preference=per_subtask("<results>/prefer/set/{subtask}.parquet"),
        published="config/published.yaml",
    output:
        multiext("<results>/tables/consistency", ".csv", ".md", ".tex"),
    log:
        "<logs>/check_consistency.log",
    benchmark:
        "<benchmarks>/check_consistency.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/report/consistency.py"),
        cfg=canonical(seed=config["seed"]),
    shell:
        r"""
        python -m arte.report.consistency --cfg {params.cfg:q} --answers {input.outputs:q} \
            --preference {input.preference:q} --published {input.published:q} \
            --output {output:q} 2>{log:q}
        """
