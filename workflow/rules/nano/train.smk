"""Models that the pipeline trains itself on the CPU.

REQUIRED INPUTS: <results>/data/<subtask>/*.parquet, the prompt files.
OUTPUTS: <results>/models/<name>/fingerprint.json
"""

BASE = base_model(config)
"""The student, where that is nano; else what the other nano models are trained from."""
PANEL = list(config["nano"]["panel"])
TRAINING = {
    "subtasks": LEARNED,
    "seed": config["seeds"]["data"],
    **block("data", "difficulty"),
    **block(
        "nano",
        *("corpus", "vocab_size", "context", "batch_tokens"),
        *("learning_rate", "muon_learning_rate", "processes"),
    ),
}
SHAPE = ("architecture", "hidden_size", "num_hidden_layers", "num_attention_heads")

# One thread in each process: a thread more in one process gains a third of what a process gains.
LAUNCH = [
    *("-m", "torch.distributed.run", "--standalone"),
    *("--nproc-per-node", str(config["nano"]["processes"])),
]


rule train_nano_student:
    """Train tokenizer and student from scratch; early checkpoints are the IRT panel."""
    input:
        unpack(nano_data),
        prompts=prompt_files(LEARNED, *LEARNED_FROM, filled_by=LEARNED_FROM),
    output:
        student=model_file(BASE),
        panel=[model_file(name) for name in PANEL],
        metrics="<results>/models/nano_student.metrics.json",
    log:
        "<logs>/train_nano_student.log",
    benchmark:
        "<benchmarks>/train_nano_student.tsv"
    priority: 10  # all else waits for it
    conda:
        "../../envs/train.yaml"
    threads: config["nano"]["processes"]
    resources:
        runtime=120,
    params:
        code=code("arte/nano/train_nano.py"),
        cfg=canonical(**TRAINING, **block("nano", *SHAPE, "student_tokens", "panel")),
        launch=LAUNCH,
        prompts=prompt_folder,
        student=subpath(output.student, parent=True),
        panel=lambda w, output: [os.path.dirname(path) for path in output.panel],
        scratch=f"{RESULTS}/scratch/nano/student",
    shell:
        r"""
        python {params.launch} -m arte.nano.train_nano student --cfg {params.cfg:q} --prompts {params.prompts:q} \
            --items {input.test:q} --validation {input.validation:q} \
            --exemplars {input.exemplars:q} --output {params.student:q} \
            --output-panel {params.panel:q} --output-metrics {output.metrics:q} \
            --scratch {params.scratch:q} 2>{log:q}
        """


if is_nano(config["roles"]["teacher"]):

    rule train_nano_teacher:
        """Train the student's weights on to write questions and to answer in each technique."""
        input:
            unpack(nano_data),
            prompts=prompt_files(LEARNED, *LEARNED_FROM, filled_by=LEARNED_FROM),
            student=model_file(BASE),
        output:
            teacher=teacher_file("original"),
            metrics="<results>/models/nano_teacher.metrics.json",
        log:
            "<logs>/train_nano_teacher.log",
        benchmark:
            "<benchmarks>/train_nano_teacher.tsv"
        priority: 10  # all else waits for it
        conda:
            "../../envs/train.yaml"
        threads: config["nano"]["processes"]
        resources:
            runtime=120,
        params:
            code=code("arte/nano/train_nano.py"),
            cfg=canonical(**TRAINING, **block("nano", "teacher_tokens")),
            launch=LAUNCH,
            prompts=prompt_folder,
            student=subpath(input.student, parent=True),
            teacher=subpath(output.teacher, parent=True),
            scratch=f"{RESULTS}/scratch/nano/teacher",
        shell:
            r"""
            python {params.launch} -m arte.nano.train_nano teacher --cfg {params.cfg:q} --prompts {params.prompts:q} \
                --items {input.test:q} --validation {input.validation:q} \
                --exemplars {input.exemplars:q} --student {params.student:q} \
                --output {params.teacher:q} --output-metrics {output.metrics:q} \
                --scratch {params.scratch:q} 2>{log:q}
            """


rule train_nano_unseen:
    """Train a student that gives no preferences, of a shape and an architecture of its own.

    It learns the subtasks of BBH only, on which alone Table 5 tests it.
    """
    input:
        unpack(lambda w: nano_data(w, SUBTASKS)),
        prompts=prompt_files(SUBTASKS, "student"),
        student=model_file(BASE),
    output:
        model="<results>/models/{model}/fingerprint.json",
        metrics="<results>/models/{model}.metrics.json",
    log:
        "<logs>/train_nano_unseen/{model}.log",
    benchmark:
        "<benchmarks>/train_nano_unseen/{model}.tsv"
    wildcard_constraints:
        model=one_of(config["nano"]["unseen"]),
    priority: 1  # the longest jobs that are left: last, one would run alone
    conda:
        "../../envs/train.yaml"
    resources:
        runtime=120,
    params:
        code=code("arte/nano/train_nano.py"),
        cfg=lambda w: canonical(
            **TRAINING | {"subtasks": SUBTASKS, "processes": 1},
            **config["nano"]["unseen"][w.model],
            name=w.model,
        ),
        prompts=prompt_folder,
        student=subpath(input.student, parent=True),
        model=subpath(output.model, parent=True),
        scratch=f"{RESULTS}/scratch/nano/{{model}}",
    shell:
        r"""
        python -m arte.nano.train_nano unseen --cfg {params.cfg:q} --prompts {params.prompts:q} \
            --items {input.test:q} --validation {input.validation:q} \
            --exemplars {input.exemplars:q} --student {params.student:q} \
            --output {params.model:q} --output-metrics {output.metrics:q} \
            --scratch {params.scratch:q} 2>{log:q}
        """
