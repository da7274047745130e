"""How well the preference set stands for all validation items (App. E).

REQUIRED INPUTS: <results>/prefer/{consistency_outputs,set}/<subtask>.parquet, config/published.yaml.
OUTPUTS: <results>/tables/consistency.{csv,md,tex}
"""


rule check_consistency:
    """How often the preference set and all validation items agree on best and worst rationales."""
    input:
        outputs=per_subtask("<results>/prefer/consistency_outputs/{subtask}.parquet"),
        preference=per_subtask("<results>/prefer/set/{subtask}.parquet"),
        published=source("config/published.yaml"),
    output:
        in_report(
            "<results>/tables/consistency",
            ".csv .md .tex",
            "consistency",
            "Checks",
            "Appendix E",
        ),
    log:
        "<logs>/check_consistency.log",
    benchmark:
        "<benchmarks>/check_consistency.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/report/consistency.py"),
        cfg=canonical(seed=config["seeds"]["data"]),
    shell:
        r"""
        python -m arte.report.consistency --cfg {params.cfg:q} --answers {input.outputs:q} \
            --preference {input.preference:q} --published {input.published:q} \
            --output {output:q} 2>{log:q}
        """
