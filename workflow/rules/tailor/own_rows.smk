"""Training sets from files of the user's own, to compare with ARTE's (config arms.<name>.file).

REQUIRED INPUTS: the files, <results>/data/<subtask>/items.parquet.
OUTPUTS: <results>/tailor/arms/<arm>.{parquet,json}
"""


rule read_own_rows:
    """A training set from a file of the user's own, as it is."""
    input:
        prompts=prompt_files(SUBTASKS, "student"),
        rows=lambda w: config["arms"][w.arm]["file"],
        test=collect("<results>/data/{subtask}/items.parquet", subtask=LEARNED),
    output:
        table="<results>/tailor/arms/{arm}.parquet",
        report="<results>/tailor/arms/{arm}.json",
    log:
        "<logs>/read_own_rows/{arm}.log",
    benchmark:
        "<benchmarks>/read_own_rows/{arm}.tsv"
    wildcard_constraints:
        arm=one_of(arms_with("file")),
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/tailor/own_rows.py"),
        cfg=lambda w: canonical(subtasks=SUBTASKS, arm=w.arm),
        prompts=prompt_folder,
    shell:
        r"""
        python -m arte.tailor.own_rows --cfg {params.cfg:q} --prompts {params.prompts:q} \
            --rows {input.rows:q} --items {input.test:q} \
            --output {output.table:q} --output-report {output.report:q} 2>{log:q}
        """
