"""Distil: fine-tune the student on every arm's training set (§4.1).

REQUIRED INPUTS: <results>/tailor/arms/<arm>.parquet, the student.
OUTPUTS: <results>/students/<arm>/<seed>/{fingerprint,metrics}.json
"""


rule finetune_student:
    """Fine-tune all weights on the completions of one training set."""
    input:
        code=code("arte/finetune.py"),
        train="<results>/tailor/arms/{arm}.parquet",
        model=model(config["roles"]["student"]),
    output:
        student="<results>/students/{arm}/{seed}/fingerprint.json",
        metrics="<results>/students/{arm}/{seed}/metrics.json",
    log:
        "<logs>/finetune_student/{arm}-{seed}.log",
    benchmark:
        "<benchmarks>/finetune_student/{arm}-{seed}.tsv"
    conda:
        "../envs/train.yaml"
    resources:
        gpu=gpus(config["roles"]["student"]),
    params:
        cfg=lambda w: canonical(seed=int(w.seed), **block("finetune", "sft")),
        model=subpath(input.model, parent=True),
        student=subpath(output.student, parent=True),
        scratch=f"{RESULTS}/scratch/finetune/{{arm}}-{{seed}}",
    shell:
        r"""
        python -m arte.finetune --cfg {params.cfg:q} --train {input.train:q} \
            --model {params.model:q} --output {params.student:q} \
            --metrics {output.metrics:q} --scratch {params.scratch:q} 2>{log:q}
        """
