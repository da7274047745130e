"""What alignment did to the teacher: the techniques that its naive answers take.

REQUIRED INPUTS: <results>/elicit/rationales/**, <results>/prefer/{scores,outputs}/**,
<results>/align/metrics.json, <results>/tailor/rationales/original-{original,aligned}/**.
OUTPUTS: <results>/{tables,figures}/technique_shift.*
"""


rule measure_technique_shift:
    """Techniques of the teacher's naive answers before and after alignment, beside the scores."""
    input:
        drafts=per_subtask("<results>/elicit/rationales/{subtask}.parquet"),
        scores=per_subtask("<results>/prefer/scores/{subtask}.parquet"),
        outputs=score_outputs(),
        before=per_subtask(
            "<results>/tailor/rationales/original-original/{subtask}.parquet"
        ),
        after=per_subtask(
            "<results>/tailor/rationales/original-aligned/{subtask}.parquet"
        ),
        metrics="<results>/align/metrics.json",
    output:
        tables=in_report(
            "<results>/tables/technique_shift",
            ".csv .md .tex",
            "technique_shift",
            "Figures",
            "Technique shift",
        ),
        figures=in_report(
            "<results>/figures/technique_shift",
            ".pdf .png .csv .svg",
            "technique_shift",
            "Figures",
            "Technique shift",
        ),
    log:
        "<logs>/measure_technique_shift.log",
    benchmark:
        "<benchmarks>/measure_technique_shift.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/report/technique_shift.py"),
        cfg=canonical(**block("prefer", "scorer")),
    shell:
        r"""
        python -m arte.report.technique_shift --cfg {params.cfg:q} --drafts {input.drafts:q} \
            --scores {input.scores:q} --answers {input.outputs:q} \
            --before {input.before:q} --after {input.after:q} --metrics {input.metrics:q} \
            --output {output.tables:q} --output-figure {output.figures:q} 2>{log:q}
        """
