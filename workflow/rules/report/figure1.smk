"""Figure 1: the rules of this workflow, in the stages of the paper's framework (§3).

REQUIRED INPUTS: the Snakefile and all rule files.
OUTPUTS: <results>/figures/figure1.{pdf,png,csv,svg}, <results>/figures/figure1.config.json
"""


rule plot_figure1:
    """Ask Snakemake for the rule graph of this configuration, and draw it."""
    input:
        workflow=workflow_files(),
    output:
        figure=in_report(
            "<results>/figures/figure1",
            ".pdf .png .csv .svg",
            "figure1",
            "Figures",
            "Figure 1",
        ),
        config="<results>/figures/figure1.config.json",
    log:
        "<logs>/plot_figure1.log",
    benchmark:
        "<benchmarks>/plot_figure1.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/report/figure1.py"),
        cfg=canonical(**GIVEN),
    shell:
        # WORKFLOW_PYTHON has Snakemake, which a job's conda environment lacks. It reads the whole
        # configuration from a file, takes no lock and runs nothing.
        r"""
        (
            printf '%s\n' {params.cfg:q} >{output.config:q}
            "$WORKFLOW_PYTHON" -m snakemake --snakefile {input.workflow[0]:q} \
                --configfile {output.config:q} --profile none --workflow-profile none \
                --rulegraph dot \
                | python -m arte.report.figure1 --rules {input.workflow:q} --output {output.figure:q}
        ) 2>{log:q}
        """
