"""Ask every student the test items, zero-shot and few-shot (§4.2, §5).

REQUIRED INPUTS: <results>/students/<student>/<arm>/<seed>/fingerprint.json, the untrained
students, <results>/data/<subtask>/{items,exemplars}.parquet.
OUTPUTS: <results>/evaluate/<student>/<arm>/<seed>/<subtask>.parquet
"""

# Part and its subtasks. Every arm meets the subtasks of BBH (Table 2) and the unseen benchmarks
# (Table 3); an arm made for one benchmark (Table 4) meets that benchmark.
PARTS = [(str(number), subtasks) for number, subtasks in shards("evaluate")]
PARTS += [("ood", config["ood"]["benchmarks"])] if config["ood"]["benchmarks"] else []
PARTS += [(f"transfer_{name}", [name]) for name in config["ood"]["transfer"]]

STUDENTS = [config["roles"]["student"], *config["roles"]["unseen"]]

for part, subtasks in PARTS:

    rule:
        """Keep every raw answer of one student with its strict and its lenient reading."""
        name:
            f"evaluate_student_{part}"
        input:
            prompts=prompt_files(subtasks, "student"),
            test=collect("<results>/data/{subtask}/items.parquet", subtask=subtasks),
            exemplars=collect(
                "<results>/data/{subtask}/exemplars.parquet", subtask=subtasks
            ),
            model=lambda w: student_file(w.student, w.arm, w.seed),
            weights=lambda w: weights_of(student_file(w.student, w.arm, w.seed)),
            gates=gate_files("student"),
        output:
            tables=collect(
                "<results>/evaluate/{{student}}/{{arm}}/{{seed}}/{subtask}.parquet",
                subtask=subtasks,
            ),
            stats=f"<results>/evaluate/{{student}}/{{arm}}/{{seed}}/stats-{part}.json",
        log:
            f"<logs>/evaluate_student_{part}/{{student}}-{{arm}}-{{seed}}.log",
        benchmark:
            f"<benchmarks>/evaluate_student_{part}/{{student}}-{{arm}}-{{seed}}.tsv"
        wildcard_constraints:
            arm=(
                f"transfer_(original|aligned)-{subtasks[0]}"
                if part.startswith("transfer")
                else one_of(["vanilla", *config["arms"]])
            ),
        conda:
            lambda w: inference_env(w.student)
        container:
            inference_image(*STUDENTS)
        resources:
            gpu=lambda w: gpus(w.student),
        params:
            python=on_gpus,
            code=lambda w: generating_code(w.student, "arte/evaluate/student.py"),
            cfg=lambda w, subtasks=subtasks: canonical(
                subtasks=subtasks,
                engine=engine_cfg(w.student),
                student=w.student,
                arm=w.arm.partition("-")[0],
                seed=int(w.seed),
                **config["evaluate"],
            ),
            prompts=prompt_folder,
            model=subpath(input.model, parent=True),
            # One per student: two arms that chose the same data have one fingerprint, and a
            # journal file has one writer.
            journal=f"{RESULTS}/journal/{{student}}-{{arm}}-{{seed}}",
        shell:
            r"""
            {params.python} -m arte.evaluate.student --cfg {params.cfg:q} --prompts {params.prompts:q} \
                --model {params.model:q} --journal {params.journal:q} \
                --items {input.test:q} --exemplars {input.exemplars:q} \
                --output {output.tables:q} --output-stats {output.stats:q} 2>{log:q}
            """
