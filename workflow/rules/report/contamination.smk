"""Whether generated questions are test items, or nearer to them than test items to each other.

REQUIRED INPUTS: <results>/data/<subtask>/items.parquet, all generated questions and rationales,
<results>/tailor/arms/*.parquet. OUTPUTS: <results>/tables/contamination.{csv,md}
"""


rule measure_contamination:
    """Overlap of generated questions with test items, and the benchmark's canary in any text."""
    input:
        test=per_subtask("<results>/data/{subtask}/items.parquet"),
        drafts=lambda w: STAGE_FILES["draft_questions"],
        tailored=lambda w: list(dict.fromkeys(STAGE_FILES["tailor_questions"])),
        rationales=lambda w: list(
            dict.fromkeys(
                STAGE_FILES["draft_rationales"] + STAGE_FILES["tailor_rationales"]
            )
        ),
        training=collect("<results>/tailor/arms/{arm}.parquet", arm=config["arms"]),
        prompts=prompt_files(SUBTASKS, *FILLED_BY),
    output:
        in_report(
            "<results>/tables/contamination",
            ".csv .md",
            "contamination",
            "Checks",
            "Contamination",
        ),
    log:
        "<logs>/measure_contamination.log",
    benchmark:
        "<benchmarks>/measure_contamination.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/report/contamination.py"),
    shell:
        r"""
        python -m arte.report.contamination --items {input.test:q} --drafts {input.drafts:q} \
            --tailored {input.tailored:q} --rationales {input.rationales:q} \
            --training {input.training:q} --prompts {input.prompts:q} --output {output:q} 2>{log:q}
        """
