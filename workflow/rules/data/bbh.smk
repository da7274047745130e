"""Test items, validation items and exemplars of every subtask, and a report on them (§4.1).

REQUIRED INPUTS: none for data.source embedded; <folder>/<subtask>.json and
<folder>/cot-prompts/<subtask>.txt for folder; the network for github.
OUTPUTS: <results>/data/<subtask>/{items,validation,exemplars}.parquet, <results>/data/report.json
"""

SOURCE = config["data"]["source"]

if SOURCE == "embedded":

    rule generate_bbh:
        """Draw a miniature subtask from its generator."""
        output:
            test="<results>/data/{subtask}/items.parquet",
            validation="<results>/data/{subtask}/validation.parquet",
            exemplars="<results>/data/{subtask}/exemplars.parquet",
        log:
            "<logs>/generate_bbh/{subtask}.log",
        benchmark:
            "<benchmarks>/generate_bbh/{subtask}.tsv"
        wildcard_constraints:
            subtask=one_of(PUBLISHED),
        conda:
            "../../envs/analysis.yaml"
        params:
            code=code("arte/mini/bbh.py"),
            cfg=lambda w: canonical(
                **declared(w.subtask),
                seed=config["seeds"]["data"],
                **block("data", "difficulty", "test_items", "validation_items"),
            ),
        shell:
            r"""
            python -m arte.mini.bbh --cfg {params.cfg:q} --output-items {output.test:q} \
                --output-validation {output.validation:q} --output-exemplars {output.exemplars:q} 2>{log:q}
            """

else:

    rule fetch_bbh:
        """Copy or download one subtask's published files and check their pinned hashes."""
        input:
            hashes=source("resources/bbh.sha256.json"),
            published=bbh_files,
        output:
            raw=fetched("<results>/data/raw/{subtask}.json", subtask=PUBLISHED),
            cot="<results>/data/raw/cot-prompts/{subtask}.txt",
        log:
            "<logs>/fetch_bbh/{subtask}.log",
        benchmark:
            "<benchmarks>/fetch_bbh/{subtask}.tsv"
        wildcard_constraints:
            subtask=one_of(PUBLISHED),
        retries: 2
        conda:
            "../../envs/analysis.yaml"
        params:
            code=code("arte/data/bbh.py"),
            cfg=lambda w: canonical(
                subtask=w.subtask, **block("data", "allow_modified")
            ),
            folder=[config["data"]["folder"]] if SOURCE == "folder" else [],
        shell:
            r"""
            python -m arte.data.bbh fetch --cfg {params.cfg:q} --folder {params.folder:q} \
                --hashes {input.hashes:q} --output-raw {output.raw:q} --output-cot {output.cot:q} 2>{log:q}
            """

    rule split_bbh:
        """Hold validation items out of the published test items; read the exemplars."""
        input:
            raw="<results>/data/raw/{subtask}.json",
            cot="<results>/data/raw/cot-prompts/{subtask}.txt",
        output:
            test="<results>/data/{subtask}/items.parquet",
            validation="<results>/data/{subtask}/validation.parquet",
            exemplars="<results>/data/{subtask}/exemplars.parquet",
        log:
            "<logs>/split_bbh/{subtask}.log",
        benchmark:
            "<benchmarks>/split_bbh/{subtask}.tsv"
        wildcard_constraints:
            subtask=one_of(PUBLISHED),
        conda:
            "../../envs/analysis.yaml"
        params:
            code=code("arte/data/bbh.py"),
            cfg=lambda w: canonical(
                **declared(w.subtask),
                seed=config["seeds"]["data"],
                **block("data", "test_items", "validation_items"),
            ),
        shell:
            r"""
            python -m arte.data.bbh split --cfg {params.cfg:q} --raw {input.raw:q} \
                --cot {input.cot:q} --output-items {output.test:q} \
                --output-validation {output.validation:q} --output-exemplars {output.exemplars:q} 2>{log:q}
            """


rule make_data_report:
    """Count duplicates, contradictory labels and golds in an odd form."""
    input:
        test=per_subtask("<results>/data/{subtask}/items.parquet"),
        validation=per_subtask("<results>/data/{subtask}/validation.parquet"),
    output:
        "<results>/data/report.json",
    log:
        "<logs>/make_data_report.log",
    benchmark:
        "<benchmarks>/make_data_report.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/data/data_report.py"),
        cfg=canonical(
            answers={name: declared(name)["declared"]["answer"] for name in TASKS}
        ),
    shell:
        r"""
        python -m arte.data.data_report --cfg {params.cfg:q} --items {input.test:q} \
            --validation {input.validation:q} --output {output:q} 2>{log:q}
        """


include: "bigbench.smk"
