"""Figure 1: the rules of this workflow, in the stages of the paper's framework (§3).

REQUIRED INPUTS: the Snakefile and all rule files.
OUTPUTS: <results>/figures/figure1.{pdf,png,csv}, <results>/figures/figure1.config.json
"""


def workflow_files():
    """The Snakefile and the rule files, the Snakefile first."""
    home = Path(workflow.basedir)
    return [
        os.path.relpath(path)
        for path in [home / "Snakefile", *sorted((home / "rules").glob("*.smk"))]
    ]


rule plot_figure1:
    """Ask Snakemake for the rule graph of this configuration, and draw it."""
    input:
        code=code("arte/rulegraph.py"),
        workflow=workflow_files(),
    output:
        figure=multiext("<results>/figures/figure1", ".pdf", ".png", ".csv"),
        config="<results>/figures/figure1.config.json",
    log:
        "<logs>/plot_figure1.log",
    benchmark:
        "<benchmarks>/plot_figure1.tsv"
    conda:
        "../envs/analysis.yaml"
    params:
        cfg=canonical(**config),
    shell:
        # The Snakemake that runs this job, by path: a conda environment has none. It reads the
        # whole configuration from a file, takes no lock and runs nothing.
        r"""
        (
            printf '%s\n' {params.cfg:q} >{output.config:q}
            {sys.executable:q} -m snakemake --snakefile {input.workflow[0]:q} \
                --configfile {output.config:q} --profile none --workflow-profile none \
                --rulegraph dot \
                | python -m arte.rulegraph --rules {input.workflow:q} --output {output.figure:q}
        ) 2>{log:q}
        """
