"""Tailored questions and rationales, and the training set of every arm (App. F, §4.1).

REQUIRED INPUTS: both teachers, <results>/data/<subtask>/*.parquet, <results>/elicit/**,
<results>/prefer/scores/<subtask>.parquet.
OUTPUTS: <results>/tailor/questions/<subtask>.parquet,
<results>/tailor/rationales/<questions>-<teacher>/<subtask>.parquet,
<results>/tailor/arms/<arm>.parquet
"""

for number, subtasks in shards("tailor"):

    rule:
        """Ask the aligned teacher for new questions."""
        name:
            f"tailor_questions_{number}"
        input:
            prompts=prompt_files(subtasks, "question"),
            exemplars=collect(
                "<results>/data/{subtask}/exemplars.parquet", subtask=subtasks
            ),
            avoid=benchmark_items(subtasks),
            model=lambda w: teacher_file("aligned", w.round),
        output:
            tables=collect(
                "<results>/{{round}}tailor/questions/{subtask}.parquet",
                subtask=subtasks,
            ),
            stats=f"<results>/{{round}}tailor/questions/stats-{number}.json",
        log:
            f"<logs>/{{round}}tailor_questions/{number}.log",
        benchmark:
            f"<benchmarks>/{{round}}tailor_questions/{number}.tsv"
        priority: 5  # what trains on its data is last
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
                **generation(subtasks, "questions"),
                **question_keys(),
                **block("tailor", "questions", "question_temperature"),
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

    rule:
        """Ask a teacher the naive prompt for one rationale per question (Table 8)."""
        name:
            f"tailor_rationales_{number}"
        input:
            prompts=prompt_files(subtasks, "naive"),
            questions=lambda w, subtasks=subtasks: collect(
                questions_of(w.questions, w.round), subtask=subtasks
            ),
            model=lambda w: teacher_file(w.teacher, w.round),
        output:
            tables=collect(
                "<results>/{{round}}tailor/rationales/{{questions}}-{{teacher}}/{subtask}.parquet",
                subtask=subtasks,
            ),
            stats=f"<results>/{{round}}tailor/rationales/{{questions}}-{{teacher}}/stats-{number}.json",
        log:
            f"<logs>/{{round}}tailor_rationales/{{questions}}-{{teacher}}-{number}.log",
        benchmark:
            f"<benchmarks>/{{round}}tailor_rationales/{{questions}}-{{teacher}}-{number}.tsv"
        priority: 5  # what trains on its data is last
        conda:
            inference_env(config["roles"]["teacher"])
        container:
            inference_image(config["roles"]["teacher"])
        resources:
            gpu=gpus(config["roles"]["teacher"]),
        params:
            python=on_gpus,
            code=generating_code(
                config["roles"]["teacher"], "arte/elicit/rationales.py"
            ),
            cfg=canonical(
                **generation(subtasks, "rationales"),
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
                --stage naive-{wildcards.questions:q} --questions {input.questions:q} \
                --output {output.tables:q} --output-stats {output.stats:q} 2>{log:q}
            """


rule assemble_training_set:
    """One question and one rationale per row, as an arm of Table 2 or 6 has them."""
    input:
        prompts=prompt_files(SUBTASKS, "student"),
        questions=lambda w: per_subtask(
            questions_of(config["arms"][w.arm]["questions"], arm_round(w.arm))
        ),
        rationales=lambda w: per_subtask(arm_rationales(w.arm)),
        scores=lambda w: arm_scores(w.arm),
    output:
        table="<results>/tailor/arms/{arm}.parquet",
        report="<results>/tailor/arms/{arm}.json",
    log:
        "<logs>/assemble_training_set/{arm}.log",
    benchmark:
        "<benchmarks>/assemble_training_set/{arm}.tsv"
    wildcard_constraints:
        arm=one_of(arms_with("questions")),
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/tailor/training_set.py"),
        cfg=lambda w: canonical(
            subtasks=SUBTASKS,
            seed=config["seeds"]["teacher"],
            **block("elicit", "keep_cut_off"),
            **{k: v for k, v in config["arms"][w.arm].items() if k != "round"},
        ),
        prompts=prompt_folder,
    shell:
        r"""
        python -m arte.tailor.training_set --cfg {params.cfg:q} --prompts {params.prompts:q} \
            --questions {input.questions:q} --rationales {input.rationales:q} \
            --scores {input.scores:q} \
            --output {output.table:q} --output-report {output.report:q} 2>{log:q}
        """
