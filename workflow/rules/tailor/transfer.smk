"""Training data that both teachers write for benchmarks they were not aligned on (§5.2, Table 4).

REQUIRED INPUTS: both teachers, <results>/data/<benchmark>/*.parquet.
OUTPUTS: <results>/transfer/{questions,rationales}/<teacher>/<benchmark>.parquet,
<results>/tailor/arms/transfer_<teacher>-<benchmark>.parquet
"""

BENCHMARKS = config["ood"]["transfer"]


rule transfer_questions:
    """Ask a teacher for new questions of every unseen benchmark."""
    input:
        prompts=prompt_files(BENCHMARKS, "question"),
        exemplars=collect(
            "<results>/data/{subtask}/exemplars.parquet", subtask=BENCHMARKS
        ),
        avoid=benchmark_items(BENCHMARKS),
        model=lambda w: teacher_file(w.teacher),
    output:
        tables=collect(
            "<results>/transfer/questions/{{teacher}}/{subtask}.parquet",
            subtask=BENCHMARKS,
        ),
        stats="<results>/transfer/questions/{teacher}/stats.json",
    log:
        "<logs>/transfer_questions/{teacher}.log",
    benchmark:
        "<benchmarks>/transfer_questions/{teacher}.tsv"
    conda:
        inference_env(config["roles"]["teacher"])
    container:
        inference_image(config["roles"]["teacher"])
    resources:
        gpu=gpus(config["roles"]["teacher"]),
    params:
        python=on_gpus,
        code=generating_code(config["roles"]["teacher"], "arte/elicit/questions.py"),
        cfg=canonical(
            **generation(BENCHMARKS, "questions"),
            **question_keys(),
            **block("ood", "questions"),
            **block("tailor", "question_temperature"),
        ),
        prompts=prompt_folder,
        model=subpath(input.model, parent=True),
        journal=f"{RESULTS}/journal",
    shell:
        r"""
        {params.python} -m arte.elicit.questions --cfg {params.cfg:q} --prompts {params.prompts:q} \
            --model {params.model:q} --journal {params.journal:q} \
            --exemplars {input.exemplars:q} --avoid {input.avoid:q} \
            --output {output.tables:q} --output-stats {output.stats:q} 2>{log:q}
        """


rule transfer_rationales:
    """Ask the same teacher the naive prompt for one rationale per question."""
    input:
        prompts=prompt_files(BENCHMARKS, "naive"),
        questions=collect(
            "<results>/transfer/questions/{{teacher}}/{subtask}.parquet",
            subtask=BENCHMARKS,
        ),
        model=lambda w: teacher_file(w.teacher),
    output:
        tables=collect(
            "<results>/transfer/rationales/{{teacher}}/{subtask}.parquet",
            subtask=BENCHMARKS,
        ),
        stats="<results>/transfer/rationales/{teacher}/stats.json",
    log:
        "<logs>/transfer_rationales/{teacher}.log",
    benchmark:
        "<benchmarks>/transfer_rationales/{teacher}.tsv"
    conda:
        inference_env(config["roles"]["teacher"])
    container:
        inference_image(config["roles"]["teacher"])
    resources:
        gpu=gpus(config["roles"]["teacher"]),
    params:
        python=on_gpus,
        code=generating_code(config["roles"]["teacher"], "arte/elicit/rationales.py"),
        cfg=canonical(
            **generation(BENCHMARKS, "rationales"),
            **block("elicit", "rationale_max_tokens"),
            techniques=["naive"],
            **block("tailor", "rationale_temperature"),
        ),
        prompts=prompt_folder,
        model=subpath(input.model, parent=True),
        journal=f"{RESULTS}/journal",
    shell:
        r"""
        {params.python} -m arte.elicit.rationales --cfg {params.cfg:q} --prompts {params.prompts:q} \
            --model {params.model:q} --journal {params.journal:q} \
            --stage transfer --questions {input.questions:q} \
            --output {output.tables:q} --output-stats {output.stats:q} 2>{log:q}
        """


rule assemble_transfer_training_set:
    """One question and one rationale per row, of one benchmark and one teacher."""
    input:
        prompts=prompt_files(BENCHMARKS, "student"),
        questions="<results>/transfer/questions/{teacher}/{benchmark}.parquet",
        rationales="<results>/transfer/rationales/{teacher}/{benchmark}.parquet",
    output:
        table="<results>/tailor/arms/transfer_{teacher}-{benchmark}.parquet",
        report="<results>/tailor/arms/transfer_{teacher}-{benchmark}.json",
    log:
        "<logs>/assemble_transfer_training_set/{teacher}-{benchmark}.log",
    benchmark:
        "<benchmarks>/assemble_transfer_training_set/{teacher}-{benchmark}.tsv"
    wildcard_constraints:
        benchmark=one_of(BENCHMARKS),
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/tailor/training_set.py"),
        cfg=lambda w: canonical(
            subtasks=[w.benchmark],
            seed=config["seeds"]["teacher"],
            **block("elicit", "keep_cut_off"),
        ),
        prompts=prompt_folder,
    shell:
        r"""
        python -m arte.tailor.training_set --cfg {params.cfg:q} --prompts {params.prompts:q} \
            --questions {input.questions:q} --rationales {input.rationales:q} --scores \
            --output {output.table:q} --output-report {output.report:q} 2>{log:q}
        """
