"""A model that only a server has is a directory with a fingerprint of its names, and no weights.

REQUIRED INPUTS: the server, and its key in the environment.
OUTPUTS: <results>/models/<name>/fingerprint.json
"""


rule name_endpoint:
    """Ask a server once which model answers, and write it down."""
    output:
        "<results>/models/{model}/fingerprint.json",
    log:
        "<logs>/name_endpoint/{model}.log",
    benchmark:
        "<benchmarks>/name_endpoint/{model}.tsv"
    wildcard_constraints:
        model=one_of(of_source("endpoint")),
    conda:
        "../../envs/openai.yaml"
    params:
        code=lambda w: generating_code(w.model, "arte/engine/name_endpoint.py"),
        cfg=lambda w: canonical(model=config["models"][w.model]["model"]),
        directory=subpath(output[0], parent=True),
    shell:
        r"""
        python -m arte.engine.name_endpoint --cfg {params.cfg:q} --output {params.directory:q} 2>{log:q}
        """
