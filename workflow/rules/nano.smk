"""Models that the pipeline trains itself on the CPU, and the gates they must pass.

REQUIRED INPUTS: <results>/data/<subtask>/*.parquet, the prompt files.
OUTPUTS: <results>/models/<name>/fingerprint.json, <results>/models/gates.csv
"""

STUDENT = config["roles"]["student"]
PANEL = list(config["nano"]["panel"])
TRAINING = block(
    "nano",
    *("corpus", "vocab_size", "hidden_size", "layers", "heads", "context"),
    *("learning_rate", "batch_tokens"),
)


rule train_nano_student:
    """Train tokenizer and student from scratch; early checkpoints are the IRT panel."""
    input:
        code=code("arte/nano.py"),
        prompts=prompts(config["data"]["subtasks"]),
        test=per_subtask("<results>/data/{subtask}/items.parquet"),
        validation=per_subtask("<results>/data/{subtask}/validation.parquet"),
        exemplars=per_subtask("<results>/data/{subtask}/exemplars.parquet"),
    output:
        student=model(STUDENT),
        panel=[model(name) for name in PANEL],
        metrics="<results>/models/nano_student.metrics.json",
    log:
        "<logs>/train_nano_student.log",
    benchmark:
        "<benchmarks>/train_nano_student.tsv"
    conda:
        "../envs/train.yaml"
    threads: 2
    resources:
        runtime=120,
    params:
        cfg=canonical(
            subtasks=config["data"]["subtasks"],
            seed=config["seed"],
            **TRAINING,
            **block("data", "difficulty"),
            **block("nano", "student_tokens", "panel"),
        ),
        prompts=prompt_folder,
        student=subpath(output.student, parent=True),
        panel=lambda w, output: [os.path.dirname(path) for path in output.panel],
    shell:
        r"""
        python -m arte.nano student --cfg {params.cfg:q} --prompts {params.prompts:q} \
            --items {input.test:q} --validation {input.validation:q} \
            --exemplars {input.exemplars:q} --output {params.student:q} \
            --panel {params.panel:q} --metrics {output.metrics:q} 2>{log:q}
        """


rule train_nano_teacher:
    """Train the student's weights on to write questions and to answer in each technique."""
    input:
        code=code("arte/nano.py"),
        prompts=prompts(config["data"]["subtasks"]),
        test=per_subtask("<results>/data/{subtask}/items.parquet"),
        validation=per_subtask("<results>/data/{subtask}/validation.parquet"),
        exemplars=per_subtask("<results>/data/{subtask}/exemplars.parquet"),
        student=model(STUDENT),
    output:
        teacher=teacher("original"),
        metrics="<results>/models/nano_teacher.metrics.json",
    log:
        "<logs>/train_nano_teacher.log",
    benchmark:
        "<benchmarks>/train_nano_teacher.tsv"
    conda:
        "../envs/train.yaml"
    threads: 2
    resources:
        runtime=120,
    params:
        cfg=canonical(
            subtasks=config["data"]["subtasks"],
            seed=config["seed"],
            **TRAINING,
            **block("data", "difficulty"),
            **block("nano", "teacher_tokens"),
        ),
        prompts=prompt_folder,
        student=subpath(input.student, parent=True),
        teacher=subpath(output.teacher, parent=True),
    shell:
        r"""
        python -m arte.nano teacher --cfg {params.cfg:q} --prompts {params.prompts:q} \
            --items {input.test:q} --validation {input.validation:q} \
            --exemplars {input.exemplars:q} --student {params.student:q} \
            --output {params.teacher:q} --metrics {output.metrics:q} 2>{log:q}
        """


rule check_gates:
    """Measure the nano models; stop before anything is built on one that did not learn."""
    input:
        code=code("arte/gates.py"),
        prompts=prompts(config["data"]["subtasks"]),
        test=per_subtask("<results>/data/{subtask}/items.parquet"),
        validation=per_subtask("<results>/data/{subtask}/validation.parquet"),
        exemplars=per_subtask("<results>/data/{subtask}/exemplars.parquet"),
        teacher=teacher("original"),
        student=model(STUDENT),
    output:
        "<results>/models/gates.csv",
    log:
        "<logs>/check_gates.log",
    benchmark:
        "<benchmarks>/check_gates.tsv"
    conda:
        inference_env()
    container:
        inference_image()
    threads: 2
    params:
        cfg=canonical(
            subtasks=config["data"]["subtasks"],
            seed=config["seed"],
            engine=engine(STUDENT),
            elicit=block(
                "elicit",
                *("questions_per_call", "question_max_tokens", "temperature"),
                "rationale_max_tokens",
            ),
            max_tokens=config["prefer"]["max_tokens"],
            **block("data", "difficulty"),
            **block("nano", "corpus", "gates"),
        ),
        prompts=prompt_folder,
        teacher=subpath(input.teacher, parent=True),
        student=subpath(input.student, parent=True),
        journal=f"{RESULTS}/journal",
    shell:
        r"""
        python -m arte.gates --cfg {params.cfg:q} --prompts {params.prompts:q} \
            --items {input.test:q} --validation {input.validation:q} \
            --exemplars {input.exemplars:q} --teacher {params.teacher:q} \
            --student {params.student:q} --journal {params.journal:q} \
            --output {output:q} 2>{log:q}
        """
