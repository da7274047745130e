"""Every model is a directory with a fingerprint: of links, to the hub's cache or a folder, or made
of a GGUF file.

REQUIRED INPUTS: the network, or the model in the hub's cache (HF_HOME), or the folder or file.
OUTPUTS: <results>/models/<name>/fingerprint.json
"""


rule fetch_model:
    """Get a hub model at its pinned revision into the hub's cache, check it and link it."""
    output:
        fetched(
            "<results>/models/{model}/fingerprint.json",
            model=[name for name in used_models(config) if name in of_source("hub")],
        ),
    log:
        "<logs>/fetch_model/{model}.log",
    benchmark:
        "<benchmarks>/fetch_model/{model}.tsv"
    wildcard_constraints:
        model=one_of(of_source("hub")),
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


rule link_model:
    """Hash a model that lies on disk, once, and link it; its folder is only read."""
    input:
        lambda w: folder_files(model_path(w.model)),
    output:
        "<results>/models/{model}/fingerprint.json",
    log:
        "<logs>/link_model/{model}.log",
    benchmark:
        "<benchmarks>/link_model/{model}.tsv"
    wildcard_constraints:
        model=one_of(of_source("folder")),
    conda:
        "../../envs/analysis.yaml"
    resources:
        runtime=60,
    params:
        code=code("arte/models/link_model.py"),
        cfg=lambda w: canonical(
            path=str(model_path(w.model)),
            content=glance(folder_files(model_path(w.model))),
        ),
        directory=subpath(output[0], parent=True),
    shell:
        r"""
        python -m arte.models.link_model --cfg {params.cfg:q} --output {params.directory:q} 2>{log:q}
        """


rule dequantize_model:
    """Make a model folder of a GGUF file, once: its weights in float32, its tokenizer."""
    input:
        file=lambda w: model_path(w.model),
        like=lambda w: [model_file(name) for name in alike(w.model)],
    output:
        "<results>/models/{model}/fingerprint.json",
    log:
        "<logs>/dequantize_model/{model}.log",
    benchmark:
        "<benchmarks>/dequantize_model/{model}.tsv"
    wildcard_constraints:
        model=one_of(of_source("gguf")),
    conda:
        "../../envs/inference.yaml"
    resources:
        runtime=120,
    params:
        code=code("arte/models/dequantize_model.py"),
        cfg=lambda w: canonical(
            path=str(model_path(w.model)), content=glance([model_path(w.model)])
        ),
        like=lambda w: [
            path
            for name in alike(w.model)
            for path in (f"{RESULTS}/models/{name}", model_path(name))
        ],
        directory=subpath(output[0], parent=True),
    shell:
        r"""
        python -m arte.models.dequantize_model --cfg {params.cfg:q} --like {params.like:q} \
            --output {params.directory:q} 2>{log:q}
        """
