"""Draft questions and rationales of the original teacher, or of the one that a round before
aligned (§3.1, Tables 11 and 12).

REQUIRED INPUTS: <results>/data/<subtask>/*.parquet, the teacher, the prompt files.
OUTPUTS: <results>/elicit/{questions,rationales}/<subtask>.parquet
"""

for number, subtasks in shards("elicit"):

    rule:
        """Ask the teacher for new questions until each subtask has enough."""
        name:
            f"draft_questions_{number}"
        input:
            prompts=prompt_files(subtasks, "question"),
            exemplars=collect(
                "<results>/data/{subtask}/exemplars.parquet", subtask=subtasks
            ),
            avoid=benchmark_items(subtasks),
            model=lambda w: teacher_file("original", w.round),
            gates=gate_files("teacher"),
        output:
            tables=collect(
                "<results>/{{round}}elicit/questions/{subtask}.parquet",
                subtask=subtasks,
            ),
            stats=f"<results>/{{round}}elicit/questions/stats-{number}.json",
        log:
            f"<logs>/{{round}}draft_questions/{number}.log",
        benchmark:
            f"<benchmarks>/{{round}}draft_questions/{number}.tsv"
        priority: 5  # alignment waits for it
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
                **block("elicit", "questions", "question_temperature"),
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
        """Ask the teacher for one rationale per draft question and technique."""
        name:
            f"draft_rationales_{number}"
        input:
            prompts=prompt_files(subtasks, "rationale"),
            questions=collect(
                "<results>/{{round}}elicit/questions/{subtask}.parquet",
                subtask=subtasks,
            ),
            model=lambda w: teacher_file("original", w.round),
        output:
            tables=collect(
                "<results>/{{round}}elicit/rationales/{subtask}.parquet",
                subtask=subtasks,
            ),
            stats=f"<results>/{{round}}elicit/rationales/stats-{number}.json",
        log:
            f"<logs>/{{round}}draft_rationales/{number}.log",
        benchmark:
            f"<benchmarks>/{{round}}draft_rationales/{number}.tsv"
        priority: 5  # alignment waits for it
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
                **block(
                    "elicit",
                    *("techniques", "rationale_max_tokens", "rationale_temperature"),
                ),
            ),
            prompts=prompt_folder,
            model=subpath(input.model, parent=True),
            journal=f"{RESULTS}/journal",
        shell:
            r"""
            {params.python} -m arte.elicit.rationales --cfg {params.cfg:q} --prompts {params.prompts:q} \
                --model {params.model:q} --journal {params.journal:q} --stage drafts \
                --stage rationales --questions {input.questions:q} \
                --output {output.tables:q} --output-stats {output.stats:q} 2>{log:q}
            """
