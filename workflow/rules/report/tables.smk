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


def several_teachers():
    """How many teachers a table pools, and the arms that none of them wrote; nothing for one."""
    if not OTHER_TEACHERS:
        return {}
    fixed = [arm for arm in config["arms"] if is_instructions(arm)]
    return {"teachers": 1 + len(OTHER_TEACHERS), "fixed": ["vanilla", *fixed]}


def of_every_teacher(paths):
    """These results of this run, then the same of each run with another teacher."""
    return [
        path.replace("<results>", results)
        for results in ["<results>", *OTHER_TEACHERS]
        for path in paths
    ]


def students_of(table, unseen=None):
    """The students of a table of accuracies: the main one, or the unseen ones with their notes."""
    if SPECS[table].role == "student":
        return {"student": config["roles"]["student"]}
    names = config["roles"]["unseen"] if unseen is None else unseen
    return {"students": [{"name": name, "note": note(name)} for name in names]}


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
