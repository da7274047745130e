"""Test items, validation items and exemplars of the user's own tasks (config data.tasks).

REQUIRED INPUTS: the files of items that the task's folder has.
OUTPUTS: <results>/data/<subtask>/{items,validation,exemplars}.parquet, report.json
"""


rule prepare_own:
    """Hold out validation items, and draw exemplars where the task has none."""
    input:
        rows=own_file("items"),
        validation=own_file("validation"),
        exemplars=own_file("exemplars"),
    output:
        test="<results>/data/{subtask}/items.parquet",
        validation="<results>/data/{subtask}/validation.parquet",
        exemplars="<results>/data/{subtask}/exemplars.parquet",
        report="<results>/data/{subtask}/report.json",
    log:
        "<logs>/prepare_own/{subtask}.log",
    benchmark:
        "<benchmarks>/prepare_own/{subtask}.tsv"
    wildcard_constraints:
        subtask=one_of(name for name in SUBTASKS if name in OWN),
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/data/own.py"),
        cfg=lambda w: canonical(
            **declared(w.subtask),
            seed=config["seeds"]["data"],
            answer_after=task_yaml.read_source(own_yaml(w.subtask)).answer_after,
            **block("data", "test_items", "validation_items"),
        ),
    shell:
        r"""
        python -m arte.data.own --cfg {params.cfg:q} --items {input.rows:q} \
            --validation {input.validation:q} --exemplars {input.exemplars:q} \
            --output-items {output.test:q} --output-validation {output.validation:q} \
            --output-exemplars {output.exemplars:q} --output-report {output.report:q} 2>{log:q}
        """
