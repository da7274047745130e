"""What the student prefers: its one-shot accuracy with each draft as the example (§3.2).

REQUIRED INPUTS: <results>/elicit/**, <results>/prefer/set/<subtask>.parquet, the student.
OUTPUTS: <results>/prefer/{outputs,scores,question_scores}/<subtask>.parquet
"""

for number, subtasks in shards("score") if scorer_is("icl") else []:

    rule:
        """Measure the student's one-shot accuracy with each draft as its example (Eq. 3, 4)."""
        name:
            f"score_rationales_{number}"
        input:
            prompts=prompts(subtasks, "student"),
            rationales=collect(
                "<results>/{{round}}elicit/rationales/{subtask}.parquet",
                subtask=subtasks,
            ),
            preference=collect(
                "<results>/prefer/set/{subtask}.parquet", subtask=subtasks
            ),
            model=lambda w: preferring(w.round),
        output:
            outputs=collect(
                "<results>/{{round}}prefer/outputs/{subtask}.parquet", subtask=subtasks
            ),
            scores=collect(
                "<results>/{{round}}prefer/scores/{subtask}.parquet", subtask=subtasks
            ),
            question_scores=collect(
                "<results>/{{round}}prefer/question_scores/{subtask}.parquet",
                subtask=subtasks,
            ),
            stats=f"<results>/{{round}}prefer/scores/stats-{number}.json",
        log:
            f"<logs>/{{round}}score_rationales/{number}.log",
        benchmark:
            f"<benchmarks>/{{round}}score_rationales/{number}.tsv"
        priority: 5  # alignment waits for it
        conda:
            inference_env()
        container:
            inference_image()
        resources:
            gpu=gpus(config["roles"]["student"]),
        params:
            code=generating_code("arte/prefer/icl.py"),
            cfg=canonical(
                subtasks=subtasks,
                engine=engine(config["roles"]["student"]),
                **block("prefer", "max_tokens"),
            ),
            prompts=prompt_folder,
            model=subpath(input.model, parent=True),
            journal=f"{RESULTS}/journal",
        shell:
            r"""
            python -m arte.prefer.icl --cfg {params.cfg:q} --prompts {params.prompts:q} \
                --model {params.model:q} --journal {params.journal:q} \
                --rationales {input.rationales:q} --preference {input.preference:q} \
                --output-outputs {output.outputs:q} --output-scores {output.scores:q} \
                --output-question-scores {output.question_scores:q} \
                --stats {output.stats:q} 2>{log:q}
            """
