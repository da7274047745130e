"""What makes a run's results checkable without Snakemake: their hashes, jobs and origins.

REQUIRED INPUTS: the results of the whole run. OUTPUTS: none declared, so that these always run:
<results>/manifest.json, <results>/rescored/<rule>/{tables,figures}/
"""

from arte.provenance.rules import PRIMARY, RULES as EXTRACTIONS


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


for extraction in EXTRACTIONS:

    rule:
        """Make every table and figure again from the kept outputs, without a model, and compare."""
        name:
            "rescore" if extraction == PRIMARY else f"rescore_{extraction}"
        log:
            f"<logs>/rescore/{extraction}.log",
        localrule: True
        conda:
            "../../envs/analysis.yaml"
        params:
            code=code("arte/provenance/rescore.py"),
            rule=extraction,
            run=RESULTS,
            home=source(""),
        shell:
            # What goes wrong is for the terminal too.
            r"""
            python -m arte.provenance.rescore --run {params.run:q} --home {params.home:q} \
                --rule {params.rule:q} 2> >(tee {log:q} >&2)
            """
