"""Prompts as the models are shown them, answers, and the shares of these that a run can use.

REQUIRED INPUTS: teacher and student, <results>/data/<subtask>/*.parquet, the prompt files.
OUTPUTS: <results>/preview/{questions,rationales,answers}.{txt,json}
"""

PREVIEWED = ("questions", "rationales", "answers")


def previewed(use):
    """The name of the model whose use is shown."""
    return config["roles"]["student" if use == "answers" else "teacher"]


rule preview_show:
    """Ask one use of a model a few prompts of every subtask, as the run would."""
    input:
        prompts=prompt_files(SUBTASKS, "question", "rationale", "naive", "student"),
        validation=per_subtask("<results>/data/{subtask}/validation.parquet"),
        exemplars=per_subtask("<results>/data/{subtask}/exemplars.parquet"),
        drafts=lambda w: (
            ["<results>/preview/rationales.json"] if w.use == "answers" else []
        ),
        model=lambda w: model_file(previewed(w.use)),
    output:
        text="<results>/preview/{use}.txt",
        rates="<results>/preview/{use}.json",
    log:
        "<logs>/preview_show/{use}.log",
    benchmark:
        "<benchmarks>/preview_show/{use}.tsv"
    wildcard_constraints:
        use="|".join(PREVIEWED),
    conda:
        inference_env()
    container:
        inference_image()
    resources:
        gpu=lambda w: gpus(previewed(w.use)),
    params:
        code=generating_code("arte/preview/show.py"),
        cfg=lambda w: canonical(
            subtasks=SUBTASKS,
            seed=config["seeds"]["teacher"],
            engine=engine_cfg(previewed(w.use), w.use),
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
    shell:
        r"""
        python -m arte.preview.show {wildcards.use:q} --cfg {params.cfg:q} --prompts {params.prompts:q} \
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
