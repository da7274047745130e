"""Tables 1 to 7, with the paper's numbers beside ours.

REQUIRED INPUTS: <results>/data/<subtask>/items.parquet, <results>/prefer/set/<subtask>.parquet,
<results>/evaluate/**, config/published.yaml. OUTPUTS: <results>/tables/table<k>.{csv,md,tex}
"""


rule make_table1:
    """Categories, tasks and sizes."""
    input:
        test=per_subtask("<results>/data/{subtask}/items.parquet"),
        preference=per_subtask("<results>/prefer/set/{subtask}.parquet"),
        published="config/published.yaml",
    output:
        multiext("<results>/tables/table1", ".csv", ".md", ".tex"),
    log:
        "<logs>/make_table1.log",
    benchmark:
        "<benchmarks>/make_table1.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/report/tables.py"),
    shell:
        r"""
        python -m arte.report.tables table1 --items {input.test:q} \
            --preference {input.preference:q} --published {input.published:q} \
            --output {output:q} 2>{log:q}
        """


rule make_table7:
    """Which task belongs to which category."""
    input:
        test=per_subtask("<results>/data/{subtask}/items.parquet"),
        published="config/published.yaml",
    output:
        multiext("<results>/tables/table7", ".csv", ".md", ".tex"),
    log:
        "<logs>/make_table7.log",
    benchmark:
        "<benchmarks>/make_table7.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/report/tables.py"),
    shell:
        r"""
        python -m arte.report.tables table7 --items {input.test:q} \
            --published {input.published:q} --output {output:q} 2>{log:q}
        """


MAIN = [config["roles"]["student"]]
BEYOND = ["vanilla", "original_teacher", "arte"] + [
    arm for arm in config["arms"] if is_instructions(arm)
]
"""Arms that Table 3 tests outside BBH; the paper leaves original_teacher out."""

PREDICTED = {
    "table2": prediction_files(MAIN, ["vanilla", *config["arms"]], SUBTASKS),
    "table3": prediction_files(MAIN, BEYOND, config["ood"]["benchmarks"]),
    "table4": transfer_predictions(),
    "table5": prediction_files(
        config["roles"]["unseen"], ["original_teacher", "arte"], SUBTASKS
    ),
}
PREDICTED["table6"] = PREDICTED["aa"] = PREDICTED["table2"]


rule make_table:
    """Accuracy of every student and arm that a table is about, and paired differences."""
    input:
        predictions=lambda w: PREDICTED[w.table],
        published="config/published.yaml",
    output:
        multiext("<results>/tables/{table}", ".csv", ".md", ".tex", "_differences.csv"),
    log:
        "<logs>/make_table/{table}.log",
    benchmark:
        "<benchmarks>/make_table/{table}.tsv"
    wildcard_constraints:
        table="table[23456]",
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/report/tables.py"),
        cfg=lambda w: canonical(
            seed=config["seed"],
            **(
                {
                    "students": [
                        {"name": s, "note": note(s)} for s in config["roles"]["unseen"]
                    ]
                }
                if w.table == "table5"
                else {"student": config["roles"]["student"]}
            ),
        ),
    shell:
        r"""
        python -m arte.report.tables {wildcards.table:q} --cfg {params.cfg:q} \
            --predictions {input.predictions:q} --published {input.published:q} \
            --output {output:q} 2>{log:q}
        """
