"""Figure 2: the length of a rationale against the one-shot accuracy that it gives.

REQUIRED INPUTS: <results>/elicit/rationales/<subtask>.parquet, <results>/prefer/scores/<subtask>.parquet,
with scorer icl <results>/prefer/outputs/<subtask>.parquet, config/published.yaml. OUTPUTS: <results>/figures/figure2.{pdf,png,csv,svg},
<results>/figures/figure2_correlations.csv
"""


rule plot_figure2:
    """Length of a rationale against the one-shot accuracy that it gives."""
    input:
        rationales=per_subtask("<results>/elicit/rationales/{subtask}.parquet"),
        scores=per_subtask("<results>/prefer/scores/{subtask}.parquet"),
        outputs=score_outputs(),
        published=source("config/published.yaml"),
    output:
        in_report(
            "<results>/figures/figure2",
            ".pdf .png .csv .svg",
            "figure2",
            "Figures",
            "Figure 2",
        ),
        "<results>/figures/figure2_correlations.csv",
    log:
        "<logs>/plot_figure2.log",
    benchmark:
        "<benchmarks>/plot_figure2.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/report/figure2.py"),
        cfg=canonical(
            **block("report", "bin_words"),
            **block("prefer", "scorer"),
        ),
    shell:
        r"""
        python -m arte.report.figure2 --cfg {params.cfg:q} \
            --rationales {input.rationales:q} --scores {input.scores:q} \
            --answers {input.outputs:q} --published {input.published:q} \
            --output {output:q} 2>{log:q}
        """
