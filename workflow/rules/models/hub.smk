"""Every model is a directory with a fingerprint; here those that come from the hub.

REQUIRED INPUTS: the network.
OUTPUTS: <results>/models/<name>/fingerprint.json
"""


rule fetch_model:
    """Download a hub model at its pinned revision: safetensors, JSON and tokenizer files only."""
    output:
        "<results>/models/{model}/fingerprint.json",
    log:
        "<logs>/fetch_model/{model}.log",
    benchmark:
        "<benchmarks>/fetch_model/{model}.tsv"
    wildcard_constraints:
        model=one_of([name for name in config["models"] if not is_nano(name)]),
    retries: 2
    conda:
        "../../envs/inference.yaml"
    resources:
        runtime=240,
    params:
        code=code("arte/models/fetch_model.py"),
        cfg=lambda w: canonical(
            **{
                key: config["models"][w.model][key]
                for key in ("id", "revision", "license")
            }
        ),
        directory=subpath(output[0], parent=True),
    shell:
        r"""
        python -m arte.models.fetch_model --cfg {params.cfg:q} --output {params.directory:q} 2>{log:q}
        """
