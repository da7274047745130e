"""What makes a run's results checkable without Snakemake: their hashes, jobs and origins.

REQUIRED INPUTS: the results of the whole run. OUTPUTS: none declared, so that these always run:
<results>/manifest.json, <results>/rescored/<rule>/{tables,figures}/,
<results>/bundle/<run>.zip, <results>/bundle/<run>-models.zip
"""

from arte.provenance.rules import PRIMARY, RULES as EXTRACTIONS


rule manifest:
    """Hash every file of the finished run, and keep what Snakemake knows of its jobs beside it."""
    input:
        WHOLE_RUN,
    log:
        "<logs>/manifest.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/provenance/manifest.py"),
        cfg=canonical(**config),
        run=lambda w: RESULTS,
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
            run=lambda w: RESULTS,
            home=source(""),
        shell:
            # What goes wrong is for the terminal too.
            r"""
            python -m arte.provenance.rescore --run {params.run:q} --home {params.home:q} \
                --rule {params.rule:q} 2> >(tee {log:q} >&2)
            """


for with_models, target in (("no", "bundle"), ("yes", "bundle_models")):

    rule:
        """Pack the finished run for others: it verifies, rescores and explains itself."""
        name:
            target
        input:
            WHOLE_RUN,
        log:
            f"<logs>/{target}.log",
        localrule: True
        conda:
            "../../envs/bundle.yaml"
        params:
            code=code("arte/provenance/manifest.py", "arte/provenance/bundle.py"),
            cfg=canonical(**config),
            run=lambda w: RESULTS,
            home=source(""),
            models=with_models,
        shell:
            r"""
            (
                python -m arte.provenance.manifest --cfg {params.cfg:q} --run {params.run:q} \
                    --home {params.home:q}
                python -m arte.provenance.bundle --run {params.run:q} --home {params.home:q} \
                    --models {params.models:q}
            ) 2>{log:q}
            """
