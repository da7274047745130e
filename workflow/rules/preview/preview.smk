"""Prompts as the models are shown them, answers, and the shares of these that a run can use.

REQUIRED INPUTS: teacher and student, <results>/data/<subtask>/*.parquet, the prompt files.
OUTPUTS: <results>/preview/{questions,rationales,answers}.{txt,json}
"""

PREVIEWED = ("questions", "rationales", "answers")


for use in PREVIEWED:

    rule:
        """Ask one use of a model a few prompts of every subtask, as the run would."""
        name:
            f"preview_show_{use}"
        input:
            prompts=prompt_files(SUBTASKS, "question", "rationale", "naive", "student"),
            validation=per_subtask("<results>/data/{subtask}/validation.parquet"),
            exemplars=per_subtask("<results>/data/{subtask}/exemplars.parquet"),
            drafts=["<results>/preview/rationales.json"] if use == "answers" else [],
            model=model_file(previewed(use)),
        output:
            text=f"<results>/preview/{use}.txt",
            rates=f"<results>/preview/{use}.json",
        log:
            f"<logs>/preview_show_{use}.log",
        benchmark:
            f"<benchmarks>/preview_show_{use}.tsv"
        conda:
            inference_env(previewed(use))
        container:
            inference_image(previewed(use))
        resources:
            gpu=gpus(previewed(use)),
        params:
            code=generating_code(previewed(use), "arte/preview/show.py"),
            cfg=canonical(
                subtasks=SUBTASKS,
                seed=config["seeds"]["teacher"],
                engine=engine_cfg(previewed(use), use),
                calls=config["gates"]["calls"] or 4,
                **block(
                    "elicit",
                    *("techniques", "seed_questions", "questions_per_call"),
                    *(
                        "question_temperature",
                        "question_max_tokens",
                        "rationale_max_tokens",
                    ),
                    "tag_stated_answers",
                ),
                **block("prefer", "max_tokens"),
            ),
            prompts=prompt_folder,
            model=subpath(input.model, parent=True),
            journal=f"{RESULTS}/journal",
            use=use,
            python=on_gpus,
        shell:
            r"""
            {params.python} -m arte.preview.show {params.use:q} --cfg {params.cfg:q} --prompts {params.prompts:q} \
                --model {params.model:q} --journal {params.journal:q} \
                --validation {input.validation:q} --exemplars {input.exemplars:q} \
                --drafts {input.drafts:q} --output {output.text:q} \
                --output-rates {output.rates:q} 2>{log:q}
            """


rule preview:
    """Show on the terminal what the models are asked and answer."""
    input:
        collect("<results>/preview/{use}.txt", use=PREVIEWED),
    log:
        "<logs>/preview.log",
    localrule: True
    shell:
        "cat {input:q} 2>{log:q}"
