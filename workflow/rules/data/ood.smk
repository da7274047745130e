"""Benchmarks outside BIG-Bench Hard: PIQA, CommonsenseQA, ARC-Easy, ARC-Challenge, GSM8K (§5).

REQUIRED INPUTS: none for ood.source embedded; else the network.
OUTPUTS: <results>/data/<benchmark>/{items,validation,exemplars}.parquet, report.json
"""

if config["ood"]["source"] == "embedded":

    rule generate_ood:
        """Draw a miniature benchmark, in the published one's own columns."""
        output:
            "<results>/data/raw/{subtask}/record.json",
        log:
            "<logs>/generate_ood/{subtask}.log",
        benchmark:
            "<benchmarks>/generate_ood/{subtask}.tsv"
        wildcard_constraints:
            subtask=one_of(config["ood"]["benchmarks"]),
        conda:
            "../../envs/analysis.yaml"
        params:
            code=code("arte/mini/ood.py"),
            cfg=lambda w: canonical(
                subtask=w.subtask,
                seed=config["seeds"]["data"],
                **block("data", "difficulty"),
                **block("ood", "test_items", "validation_items"),
            ),
            raw=subpath(output[0], parent=True),
        shell:
            r"""
            python -m arte.mini.ood --cfg {params.cfg:q} --output-raw {params.raw:q} 2>{log:q}
            """

else:

    rule fetch_ood:
        """Download a benchmark's files at a pinned commit and check their hashes."""
        input:
            pins=source("resources/hub_files.json"),
        output:
            fetched(
                "<results>/data/raw/{subtask}/record.json",
                subtask=config["ood"]["benchmarks"],
            ),
        log:
            "<logs>/fetch_ood/{subtask}.log",
        benchmark:
            "<benchmarks>/fetch_ood/{subtask}.tsv"
        wildcard_constraints:
            subtask=one_of(config["ood"]["benchmarks"]),
        retries: 2
        conda:
            "../../envs/inference.yaml"
        params:
            code=code("arte/data/ood.py"),
            cfg=lambda w: canonical(subtask=w.subtask),
            raw=subpath(output[0], parent=True),
        shell:
            r"""
            python -m arte.data.ood fetch --cfg {params.cfg:q} --pins {input.pins:q} \
                --output-raw {params.raw:q} 2>{log:q}
            """


rule prepare_ood:
    """Draw test items, validation items and exemplars, in the form of BBH's questions."""
    input:
        raw="<results>/data/raw/{subtask}/record.json",
    output:
        test="<results>/data/{subtask}/items.parquet",
        validation="<results>/data/{subtask}/validation.parquet",
        exemplars="<results>/data/{subtask}/exemplars.parquet",
        report="<results>/data/{subtask}/report.json",
    log:
        "<logs>/prepare_ood/{subtask}.log",
    benchmark:
        "<benchmarks>/prepare_ood/{subtask}.tsv"
    wildcard_constraints:
        subtask=one_of(config["ood"]["benchmarks"]),
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/data/ood.py"),
        cfg=lambda w: canonical(
            **declared(w.subtask),
            seed=config["seeds"]["data"],
            **block("ood", "test_items", "validation_items"),
        ),
        raw=subpath(input.raw, parent=True),
    shell:
        r"""
        python -m arte.data.ood prepare --cfg {params.cfg:q} --raw {params.raw:q} \
            --output-items {output.test:q} --output-validation {output.validation:q} \
            --output-exemplars {output.exemplars:q} --output-report {output.report:q} 2>{log:q}
        """
