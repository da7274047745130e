"""Tables 1 to 7, with the paper's numbers beside ours.

REQUIRED INPUTS: <results>/data/<subtask>/items.parquet, <results>/prefer/set/<subtask>.parquet,
<results>/evaluate/**, config/published.yaml. OUTPUTS: <results>/tables/table<k>.{csv,md,tex}
"""


rule make_table1:
    """Categories, tasks and sizes."""
    input:
        test=per_subtask("<results>/data/{subtask}/items.parquet"),
        preference=per_subtask("<results>/prefer/set/{subtask}.parquet"),
        origins=origin_files(),
        published=source("config/published.yaml"),
    output:
        in_report(
            "<results>/tables/table1", ".csv .md .tex", "table1", "Tables", "Table 1"
        ),
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
            --preference {input.preference:q} --origins {input.origins:q} \
            --published {input.published:q} --output {output:q} 2>{log:q}
        """


rule make_table7:
    """Which task belongs to which category."""
    input:
        test=per_subtask("<results>/data/{subtask}/items.parquet"),
        published=source("config/published.yaml"),
    output:
        in_report(
            "<results>/tables/table7", ".csv .md .tex", "table7", "Tables", "Table 7"
        ),
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


OTHER_TEACHERS = [f"results/{run}" for run in config["report"]["teachers"]]


rule make_table:
    """Accuracy of every student and arm that a table is about, and paired differences."""
    input:
        predictions=lambda w: of_every_teacher(predictions_of(w.table)),
        published=source("config/published.yaml"),
    output:
        in_report(
            "<results>/tables/{table}",
            ".csv .md .tex _differences.csv",
            "accuracies",
            "Tables",
            "{table}",
        ),
    log:
        "<logs>/make_table/{table}.log",
    benchmark:
        "<benchmarks>/make_table/{table}.tsv"
    wildcard_constraints:
        table=one_of(SPECS),
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/report/tables.py"),
        cfg=lambda w: canonical(**students_of(w.table), **several_teachers()),
    shell:
        r"""
        python -m arte.report.tables {wildcards.table:q} --cfg {params.cfg:q} \
            --predictions {input.predictions:q} --published {input.published:q} \
            --output {output:q} 2>{log:q}
        """
