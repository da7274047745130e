"""Tables 1, 2, 6 and 7 and Figure 2, with the paper's numbers beside ours.

REQUIRED INPUTS: <results>/data/<subtask>/items.parquet, config/published.yaml,
<results>/prefer/{set,scores}/<subtask>.parquet, <results>/elicit/rationales/<subtask>.parquet,
<results>/evaluate/**.
OUTPUTS: <results>/tables/table<k>.{csv,md,tex}, <results>/figures/figure2.{pdf,png,csv}
"""


rule make_table1:
    """Categories, tasks and sizes."""
    input:
        code=code("arte/tables.py"),
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
        "../envs/analysis.yaml"
    shell:
        r"""
        python -m arte.tables table1 --items {input.test:q} \
            --preference {input.preference:q} --published {input.published:q} \
            --output {output:q} 2>{log:q}
        """


rule make_table7:
    """Which task belongs to which category."""
    input:
        code=code("arte/tables.py"),
        test=per_subtask("<results>/data/{subtask}/items.parquet"),
        published="config/published.yaml",
    output:
        multiext("<results>/tables/table7", ".csv", ".md", ".tex"),
    log:
        "<logs>/make_table7.log",
    benchmark:
        "<benchmarks>/make_table7.tsv"
    conda:
        "../envs/analysis.yaml"
    shell:
        r"""
        python -m arte.tables table7 --items {input.test:q} \
            --published {input.published:q} --output {output:q} 2>{log:q}
        """


rule compare_arms:
    """Accuracy of every arm (Table 2) or rationale strategy (Table 6), and paired differences."""
    input:
        code=code("arte/tables.py"),
        predictions=predictions(
            [config["roles"]["student"]],
            ["vanilla", *config["arms"]],
            config["data"]["subtasks"],
        ),
        published="config/published.yaml",
    output:
        multiext("<results>/tables/{table}", ".csv", ".md", ".tex"),
    log:
        "<logs>/compare_arms/{table}.log",
    benchmark:
        "<benchmarks>/compare_arms/{table}.tsv"
    wildcard_constraints:
        table="table[26]",
    conda:
        "../envs/analysis.yaml"
    params:
        cfg=canonical(seed=config["seed"]),
    shell:
        r"""
        python -m arte.tables {wildcards.table:q} --cfg {params.cfg:q} \
            --predictions {input.predictions:q} --published {input.published:q} \
            --output {output:q} 2>{log:q}
        """


rule plot_figure2:
    """Length of a rationale against the one-shot accuracy that it gives."""
    input:
        code=code("arte/figures.py"),
        rationales=per_subtask("<results>/elicit/rationales/{subtask}.parquet"),
        scores=per_subtask("<results>/prefer/scores/{subtask}.parquet"),
    output:
        multiext("<results>/figures/figure2", ".pdf", ".png", ".csv"),
    log:
        "<logs>/plot_figure2.log",
    benchmark:
        "<benchmarks>/plot_figure2.tsv"
    conda:
        "../envs/analysis.yaml"
    params:
        cfg=canonical(seed=config["seed"], **block("report", "bin_words")),
    shell:
        r"""
        python -m arte.figures figure2 --cfg {params.cfg:q} \
            --rationales {input.rationales:q} --scores {input.scores:q} \
            --output {output:q} 2>{log:q}
        """
