"""Figure 2: the length of a rationale against the one-shot accuracy that it gives.

REQUIRED INPUTS: <results>/elicit/rationales/<subtask>.parquet, <results>/prefer/scores/<subtask>.parquet,
config/published.yaml. OUTPUTS: <results>/figures/figure2.{pdf,png,csv}
"""


rule plot_figure2:
    """Length of a rationale against the one-shot accuracy that it gives."""
    input:
        rationales=per_subtask("<results>/elicit/rationales/{subtask}.parquet"),
        scores=per_subtask("<results>/prefer/scores/{subtask}.parquet"),
        published="config/published.yaml",
    output:
        multiext("<results>/figures/figure2", ".pdf", ".png", ".csv"),
    log:
        "<logs>/plot_figure2.log",
    benchmark:
        "<benchmarks>/plot_figure2.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/report/figure2.py"),
        cfg=canonical(
            seed=config["seed"],
            **block("report", "bin_words"),
            **block("prefer", "scorer"),
        ),
    shell:
        r"""
        python -m arte.report.figure2 --cfg {params.cfg:q} \
            --rationales {input.rationales:q} --scores {input.scores:q} \
            --published {input.published:q} --output {output:q} 2>{log:q}
        """
