"""What alignment did to the teacher, and how well the preference set stands for all items (App. E).

REQUIRED INPUTS: <results>/elicit/rationales/**, <results>/prefer/**, <results>/align/metrics.json,
<results>/tailor/rationales/original-{original,aligned}/**, <results>/data/<subtask>/*.parquet.
OUTPUTS: <results>/tables/{appendix_e,technique_shift}.{csv,md,tex},
<results>/figures/technique_shift.{pdf,png,csv}
"""

for number, subtasks in shards("score"):

    rule:
        """Score some questions' drafts on all validation items, not on the preference set alone."""
        name:
            f"score_on_validation_{number}"
        input:
            code=code("arte/validation_outputs.py"),
            prompts=prompts(subtasks),
            rationales=collect(
                "<results>/elicit/rationales/{subtask}.parquet", subtask=subtasks
            ),
            validation=collect(
                "<results>/data/{subtask}/validation.parquet", subtask=subtasks
            ),
            model=model(config["roles"]["student"]),
        output:
            tables=collect(
                "<results>/prefer/validation_outputs/{subtask}.parquet",
                subtask=subtasks,
            ),
            stats=f"<results>/prefer/validation_outputs/stats-{number}.json",
        log:
            f"<logs>/score_on_validation/{number}.log",
        benchmark:
            f"<benchmarks>/score_on_validation/{number}.tsv"
        conda:
            inference_env()
        container:
            inference_image()
        resources:
            gpu=gpus(config["roles"]["student"]),
        params:
            cfg=canonical(
                subtasks=subtasks,
                engine=engine(config["roles"]["student"]),
                questions=config["report"]["consistency_questions"],
                **block("prefer", "max_tokens"),
            ),
            prompts=prompt_folder,
            model=subpath(input.model, parent=True),
            journal=f"{RESULTS}/journal",
        shell:
            r"""
            python -m arte.validation_outputs --cfg {params.cfg:q} --prompts {params.prompts:q} \
                --model {params.model:q} --journal {params.journal:q} \
                --rationales {input.rationales:q} --validation {input.validation:q} \
                --output {output.tables:q} --stats {output.stats:q} 2>{log:q}
            """


rule check_consistency:
    """How often the preference set and all validation items agree on best and worst rationales."""
    input:
        code=code("arte/consistency.py"),
        outputs=per_subtask("<results>/prefer/validation_outputs/{subtask}.parquet"),
        preference=per_subtask("<results>/prefer/set/{subtask}.parquet"),
        published="config/published.yaml",
    output:
        multiext("<results>/tables/appendix_e", ".csv", ".md", ".tex"),
    log:
        "<logs>/check_consistency.log",
    benchmark:
        "<benchmarks>/check_consistency.tsv"
    conda:
        "../envs/analysis.yaml"
    params:
        cfg=canonical(seed=config["seed"]),
    shell:
        r"""
        python -m arte.consistency --cfg {params.cfg:q} --outputs {input.outputs:q} \
            --preference {input.preference:q} --published {input.published:q} \
            --output {output:q} 2>{log:q}
        """


rule measure_shift:
    """Techniques of the teacher's naive answers before and after alignment, beside the scores."""
    input:
        code=code("arte/shift.py"),
        drafts=per_subtask("<results>/elicit/rationales/{subtask}.parquet"),
        scores=per_subtask("<results>/prefer/scores/{subtask}.parquet"),
        before=per_subtask(
            "<results>/tailor/rationales/original-original/{subtask}.parquet"
        ),
        after=per_subtask(
            "<results>/tailor/rationales/original-aligned/{subtask}.parquet"
        ),
        metrics="<results>/align/metrics.json",
    output:
        tables=multiext("<results>/tables/technique_shift", ".csv", ".md", ".tex"),
        figures=multiext("<results>/figures/technique_shift", ".pdf", ".png", ".csv"),
    log:
        "<logs>/measure_shift.log",
    benchmark:
        "<benchmarks>/measure_shift.tsv"
    conda:
        "../envs/analysis.yaml"
    params:
        cfg=canonical(seed=config["seed"]),
    shell:
        r"""
        python -m arte.shift --cfg {params.cfg:q} --drafts {input.drafts:q} \
            --scores {input.scores:q} --before {input.before:q} --after {input.after:q} \
            --metrics {input.metrics:q} --output {output.tables:q} \
            --figure {output.figures:q} 2>{log:q}
        """
