"""Validation items from BIG-bench (§4.1); with data.validation bigbench alone.

REQUIRED INPUTS: those of bbh.smk; task.json files in data.bigbench.folder, or the network.
OUTPUTS: as of bbh.smk, and <results>/data/<subtask>/origin.json
"""

FROM_BIGBENCH = config["data"]["validation"] == "bigbench"
PINNED = bigbench_pins(files.BIGBENCH) if FROM_BIGBENCH else {}
IN_BIGBENCH = [name for name in PUBLISHED if name in PINNED]
TASK_FOLDERS = (
    [config["data"]["bigbench"]["folder"]]
    if config["data"]["bigbench"]["source"] == "folder"
    else []
)
"""The folder of BIG-bench's task files; none where its distribution is downloaded."""


if IN_BIGBENCH:

    rule fetch_bigbench_files:
        """Copy the task files of all subtasks, or take them from the distribution; check them."""
        input:
            pins=source("resources/bigbench.json"),
            published=[
                str(bigbench_file(folder, PINNED[name]["path"]))
                for folder in TASK_FOLDERS
                for name in IN_BIGBENCH
            ],
        output:
            raw=collect(
                fetched(
                    "<results>/data/raw/bigbench/{subtask}.json", subtask=IN_BIGBENCH
                ),
                subtask=IN_BIGBENCH,
            ),
        log:
            "<logs>/fetch_bigbench_files.log",
        benchmark:
            "<benchmarks>/fetch_bigbench_files.tsv"
        retries: 2
        conda:
            "../../envs/analysis.yaml"
        params:
            code=code("arte/data/bigbench_files.py"),
            cfg=canonical(subtasks=IN_BIGBENCH, **block("data", "allow_modified")),
            folder=TASK_FOLDERS,
        shell:
            r"""
            python -m arte.data.bigbench_files --cfg {params.cfg:q} --folder {params.folder:q} \
                --pins {input.pins:q} --output-raw {output.raw:q} 2>{log:q}
            """


if FROM_BIGBENCH:

    ruleorder: split_bigbench > split_bbh

    rule split_bigbench:
        """Take validation items from BIG-bench, and no test item is given up where it has enough."""
        input:
            raw="<results>/data/raw/{subtask}.json",
            cot="<results>/data/raw/cot-prompts/{subtask}.txt",
            task=lambda w: collect(
                "<results>/data/raw/bigbench/{subtask}.json",
                subtask=[w.subtask] if w.subtask in IN_BIGBENCH else [],
            ),
        output:
            test="<results>/data/{subtask}/items.parquet",
            validation="<results>/data/{subtask}/validation.parquet",
            exemplars="<results>/data/{subtask}/exemplars.parquet",
            origin="<results>/data/{subtask}/origin.json",
        log:
            "<logs>/split_bigbench/{subtask}.log",
        benchmark:
            "<benchmarks>/split_bigbench/{subtask}.tsv"
        wildcard_constraints:
            subtask=one_of(PUBLISHED),
        conda:
            "../../envs/analysis.yaml"
        params:
            code=code("arte/data/bigbench.py"),
            cfg=lambda w: canonical(
                **declared(w.subtask),
                seed=config["seeds"]["data"],
                shortage=config["data"]["bigbench"]["shortage"],
                **block("data", "test_items", "validation_items"),
            ),
        shell:
            r"""
            python -m arte.data.bigbench split --cfg {params.cfg:q} --raw {input.raw:q} \
                --cot {input.cot:q} --task {input.task:q} \
                --output-items {output.test:q} --output-validation {output.validation:q} \
                --output-exemplars {output.exemplars:q} --output-origin {output.origin:q} 2>{log:q}
            """
