"""What makes a run's results checkable without Snakemake: their hashes, jobs and origins.

REQUIRED INPUTS: the results of the whole run. OUTPUTS: none declared, so that it always runs:
<results>/manifest.json
"""


rule manifest:
    """Hash every file of the finished run, and keep what Snakemake knows of its jobs beside it."""
    input:
        list(RESULTS_BY_NAME.values()),
        "<results>/data/report.json",
    log:
        "<logs>/manifest.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/provenance/manifest.py"),
        cfg=canonical(**config),
        run=RESULTS,
        home=source(""),
    shell:
        r"""
        python -m arte.provenance.manifest --cfg {params.cfg:q} --run {params.run:q} \
            --home {params.home:q} 2>{log:q}
        """
