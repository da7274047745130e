"""Some questions' drafts scored on all validation items, not on the preference set alone (App. E).

REQUIRED INPUTS: <results>/elicit/rationales/**, <results>/data/<subtask>/validation.parquet, the
student. OUTPUTS: <results>/prefer/consistency_outputs/<subtask>.parquet
"""

for number, subtasks in shards("score"):

    rule:
        """Score some questions' drafts on all validation items, not on the preference set alone."""
        name:
            f"collect_consistency_outputs_{number}"
        input:
            prompts=prompt_files(subtasks, "student"),
            rationales=collect(
                "<results>/elicit/rationales/{subtask}.parquet", subtask=subtasks
            ),
            validation=collect(
                "<results>/data/{subtask}/validation.parquet", subtask=subtasks
            ),
            model=model_file(config["roles"]["student"]),
        output:
            tables=collect(
                "<results>/prefer/consistency_outputs/{subtask}.parquet",
                subtask=subtasks,
            ),
            stats=f"<results>/prefer/consistency_outputs/stats-{number}.json",
        log:
            f"<logs>/collect_consistency_outputs/{number}.log",
        benchmark:
            f"<benchmarks>/collect_consistency_outputs/{number}.tsv"
        conda:
            inference_env(config["roles"]["student"])
        container:
            inference_image(config["roles"]["student"])
        resources:
            gpu=gpus(config["roles"]["student"]),
        params:
            python=on_gpus,
            code=generating_code(
                config["roles"]["student"], "arte/prefer/consistency_outputs.py"
            ),
            cfg=canonical(
                subtasks=subtasks,
                engine=engine_cfg(config["roles"]["student"]),
                **block("report", "consistency_questions"),
                **block("prefer", "max_tokens"),
            ),
            prompts=prompt_folder,
            model=subpath(input.model, parent=True),
            journal=f"{RESULTS}/journal",
        shell:
            r"""
            {params.python} -m arte.prefer.consistency_outputs --cfg {params.cfg:q} --prompts {params.prompts:q} \
                --model {params.model:q} --journal {params.journal:q} \
                --rationales {input.rationales:q} --validation {input.validation:q} \
                --output {output.tables:q} --output-stats {output.stats:q} 2>{log:q}
            """
