"""Teach the teacher what the student prefers, by DPO (§3.3, App. G).

REQUIRED INPUTS: <results>/prefer/pairs.parquet, the teacher.
OUTPUTS: <results>/models/aligned_teacher/fingerprint.json, <results>/align/metrics.json
"""


rule align_teacher:
    """DPO on the preference pairs of all subtasks, by default of a LoRA adapter."""
    input:
        pairs="<results>/{round}prefer/pairs.parquet",
        teacher=lambda w: teacher_file("original", w.round),
    output:
        adapter="<results>/{round}models/aligned_teacher/fingerprint.json",
        metrics="<results>/{round}align/metrics.json",
    log:
        "<logs>/{round}align_teacher.log",
    benchmark:
        "<benchmarks>/{round}align_teacher.tsv"
    priority: 5  # what trains on its data is last
    conda:
        "../../envs/train.yaml"
    threads: config["align"]["launch"]["num_processes"]
    resources:
        gpu=gpus(config["roles"]["teacher"]),
    params:
        code=code("arte/align/teacher.py"),
        launch=lambda w, resources: launcher(
            config["align"]["launch"], on_gpus(w, resources)
        ),
        cfg=canonical(
            seed=config["seeds"]["teacher"],
            engine={
                key: engine_of(config, config["roles"]["teacher"])[key]
                for key in ("backend", "dtype")
            },
            **pair_chats(),
            **config["align"],
        ),
        teacher=subpath(input.teacher, parent=True),
        adapter=subpath(output.adapter, parent=True),
        scratch=f"{RESULTS}/scratch/{{round}}align",
    shell:
        r"""
        {params.launch} -m arte.align.teacher --cfg {params.cfg:q} --pairs {input.pairs:q} \
            --model {params.teacher:q} --output {params.adapter:q} \
            --output-metrics {output.metrics:q} --scratch {params.scratch:q} 2>{log:q}
        """
