"""The report of a run as one page that needs nothing but itself.

REQUIRED INPUTS: every table and figure, and what models wrote and were trained on.
OUTPUTS: <results>/report/index.html
"""

PAGE = [
    source(f"workflow/report/page/{name}")
    for name in ("index.html", "style.css", "page.js")
]
SHOWN_TABLES = [
    path for path in RESULTS_BY_NAME.values() if path.startswith("<results>/tables/")
]
SHOWN_TABLES += [
    path.replace(".md", ".csv")
    for name, path in RESULTS_BY_NAME.items()
    if name in SPECS or name == "claims"
]
ALIGNED_IN = ROUNDS if aligns(config) else []
TESTED_STUDENT = config["roles"]["student"]
FIRST_SEEDS = [
    (arm, seed)
    for each in evaluations(SPECS["table2"], config)
    for arm, seed in trained(each.arms)
    if seed == config["finetune"]["seeds"][0] or arm == "vanilla"
]


rule write_page:
    """One page with claims, tables, figures, curves, samples, licenses and cost."""
    input:
        template=PAGE,
        tables=SHOWN_TABLES,
        figures=collect(
            "<results>/figures/{name}.svg",
            name=["figure1", "figure2", *ALIGNMENT],
        ),
        config="<results>/figures/figure1.config.json",
        irt="<results>/prefer/irt.parquet",
        preference=per_subtask("<results>/prefer/set/{subtask}.parquet"),
        scores=per_subtask("<results>/prefer/scores/{subtask}.parquet"),
        drafts=per_subtask("<results>/elicit/rationales/{subtask}.parquet"),
        pairs="<results>/prefer/pairs.parquet",
        alignment=collect("<results>/{round}align/metrics.json", round=ALIGNED_IN),
        students=[
            f"<results>/students/{TESTED_STUDENT}/{arm}/{seed}/metrics.json"
            for arm, seed in FIRST_SEEDS
            if arm != "vanilla"
        ],
        training=collect("<results>/tailor/arms/{arm}.parquet", arm=config["arms"]),
        test=per_subtask("<results>/data/{subtask}/items.parquet"),
        predictions=[
            f"<results>/evaluate/{TESTED_STUDENT}/{arm}/{seed}/{subtask}.parquet"
            for arm, seed in FIRST_SEEDS
            for subtask in SUBTASKS
        ],
        gates=gate_files("teacher") + gate_files("student"),
        data="<results>/data/report.json",
        hub=source("resources/hub_files.json"),
        models=[
            model_file(config["roles"]["teacher"]),
            model_file(TESTED_STUDENT),
            *(teacher_file("aligned", round) for round in ALIGNED_IN),
        ],
    output:
        in_report(
            "<results>/report/index", ".html", "page", "Answer", "The whole report"
        ),
    log:
        "<logs>/write_page.log",
    benchmark:
        "<benchmarks>/write_page.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/report/page/page.py"),
        cfg=canonical(run=config["run"], **block("prefer", "scorer")),
        results=lambda w: RESULTS,
    shell:
        r"""
        python -m arte.report.page.page --cfg {params.cfg:q} --template {input.template:q} \
            --tables {input.tables:q} --figures {input.figures:q} --config {input.config:q} \
            --irt {input.irt:q} --preference {input.preference:q} --scores {input.scores:q} \
            --drafts {input.drafts:q} --pairs {input.pairs:q} --alignment {input.alignment:q} \
            --students {input.students:q} --training {input.training:q} --items {input.test:q} \
            --predictions {input.predictions:q} --gates {input.gates:q} --data {input.data:q} \
            --hub {input.hub:q} --models {input.models:q} --results {params.results:q} \
            --output {output:q} 2>{log:q}
        """
