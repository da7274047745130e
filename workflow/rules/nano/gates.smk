"""Quality gates that the nano models must pass before anything is built on them.

REQUIRED INPUTS: the teacher and the student, <results>/data/<subtask>/*.parquet, the prompt files.
OUTPUTS: <results>/models/gates-<role>.csv
"""

GATED = {role: config["roles"][role] for role in ("teacher", "student")}


rule check_gates:
    """Measure the teacher or the student; stop before anything is built on one that did not learn."""
    input:
        unpack(nano_data),
        prompts=prompt_files(LEARNED, *LEARNED_FROM, filled_by=LEARNED_FROM),
        model=lambda w: model_file(config["roles"][w.role]),
    output:
        "<results>/models/gates-{role}.csv",
    log:
        "<logs>/check_gates/{role}.log",
    benchmark:
        "<benchmarks>/check_gates/{role}.tsv"
    wildcard_constraints:
        role="teacher|student",
    priority: 5  # alignment waits for it
    conda:
        lambda w: inference_env(GATED[w.role])
    container:
        inference_image(*GATED.values())
    params:
        code=lambda w: generating_code(GATED[w.role], "arte/nano/gates.py"),
        cfg=lambda w: canonical(
            subtasks=LEARNED,
            gated=SUBTASKS,
            seed=config["seeds"]["data"],
            engine=engine_cfg(GATED[w.role]),
            elicit=block(
                "elicit",
                *("questions_per_call", "question_max_tokens"),
                *("question_temperature", "rationale_max_tokens"),
            ),
            max_tokens=config["prefer"]["max_tokens"],
            **block("data", "difficulty"),
            **block("nano", "corpus", "gates"),
        ),
        prompts=prompt_folder,
        model=subpath(input.model, parent=True),
        journal=f"{RESULTS}/journal",
    shell:
        r"""
        python -m arte.nano.gates {wildcards.role:q} --cfg {params.cfg:q} --prompts {params.prompts:q} \
            --items {input.test:q} --validation {input.validation:q} \
            --exemplars {input.exemplars:q} --model {params.model:q} \
            --journal {params.journal:q} --output {output:q} 2>{log:q}
        """
