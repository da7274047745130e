"""Ask every student the test items, zero-shot and few-shot (§4.2).

REQUIRED INPUTS: <results>/students/<arm>/<seed>/fingerprint.json, the untrained student,
<results>/data/<subtask>/{items,exemplars}.parquet.
OUTPUTS: <results>/evaluate/<arm>/<seed>/<subtask>.parquet
"""

for number, subtasks in shards("evaluate"):

    rule:
        """Keep every raw answer of one student with its strict and its lenient reading."""
        name:
            f"evaluate_student_{number}"
        input:
            code=code("arte/evaluate.py"),
            prompts=prompts(subtasks),
            test=collect("<results>/data/{subtask}/items.parquet", subtask=subtasks),
            exemplars=collect(
                "<results>/data/{subtask}/exemplars.parquet", subtask=subtasks
            ),
            model=lambda w: student(w.arm, w.seed),
            gates=gates(),
        output:
            tables=collect(
                "<results>/evaluate/{{arm}}/{{seed}}/{subtask}.parquet",
                subtask=subtasks,
            ),
            stats=f"<results>/evaluate/{{arm}}/{{seed}}/stats-{number}.json",
        log:
            f"<logs>/evaluate_student/{{arm}}-{{seed}}-{number}.log",
        benchmark:
            f"<benchmarks>/evaluate_student/{{arm}}-{{seed}}-{number}.tsv"
        conda:
            inference_env()
        container:
            inference_image()
        resources:
            gpu=gpus(config["roles"]["student"]),
        params:
            cfg=lambda w, subtasks=subtasks: canonical(
                subtasks=subtasks,
                engine=engine(config["roles"]["student"]),
                arm=w.arm,
                seed=int(w.seed),
                **config["evaluate"],
            ),
            prompts=prompt_folder,
            model=subpath(input.model, parent=True),
            # One per student: two arms that chose the same data have one fingerprint, and a
            # journal file has one writer.
            journal=f"{RESULTS}/journal/{{arm}}-{{seed}}",
        shell:
            r"""
            python -m arte.evaluate --cfg {params.cfg:q} --prompts {params.prompts:q} \
                --model {params.model:q} --journal {params.journal:q} \
                --items {input.test:q} --exemplars {input.exemplars:q} \
                --output {output.tables:q} --stats {output.stats:q} 2>{log:q}
            """
