"""Distil: fine-tune the student on every arm's training set (§4.1).

REQUIRED INPUTS: <results>/tailor/arms/<arm>.parquet, the students.
OUTPUTS: <results>/students/<student>/<arm>/<seed>/{fingerprint,metrics}.json
"""

STUDENT = "<results>/students/{student}/{arm}/{seed}/fingerprint.json"
ADAPTER_KEYS = ["lora", "dtype"] if config["finetune"]["mode"] == "lora" else []


rule finetune_student:
    """Fine-tune all weights, or an adapter, on the completions of one training set."""
    input:
        train="<results>/tailor/arms/{arm}.parquet",
        model=lambda w: model_file(w.student),
    output:
        student=STUDENT,
        metrics="<results>/students/{student}/{arm}/{seed}/metrics.json",
        weights=temp(weights_of(STUDENT)),
    log:
        "<logs>/finetune_student/{student}-{arm}-{seed}.log",
    benchmark:
        "<benchmarks>/finetune_student/{student}-{arm}-{seed}.tsv"
    conda:
        "../../envs/train.yaml"
    threads: config["finetune"]["launch"]["num_processes"]
    resources:
        gpu=lambda w: gpus(w.student),
    params:
        code=code("arte/finetune/student.py"),
        launch=lambda w, resources: launcher(
            config["finetune"]["launch"], on_gpus(w, resources)
        ),
        cfg=lambda w: canonical(
            seed=int(w.seed),
            **block("finetune", "launch", "sft", *ADAPTER_KEYS),
            **chat(config["models"][w.student], "answers"),
        ),
        model=subpath(input.model, parent=True),
        student=subpath(output.student, parent=True),
        scratch=f"{RESULTS}/scratch/finetune/{{student}}-{{arm}}-{{seed}}",
    shell:
        r"""
        {params.launch} -m arte.finetune.student --cfg {params.cfg:q} --train {input.train:q} \
            --model {params.model:q} --output {params.student:q} \
            --output-metrics {output.metrics:q} --scratch {params.scratch:q} 2>{log:q}
        """
