"""The scores of scorer loglik: how likely the student finds the drafts (no part of the paper).

REQUIRED INPUTS: <results>/elicit/rationales/<subtask>.parquet, the student.
OUTPUTS: <results>/prefer/{scores,question_scores}/<subtask>.parquet
"""

for number, subtasks in shards("score") if scorer_is("loglik") else []:

    rule:
        """Measure how likely the student finds each draft itself."""
        name:
            f"score_rationales_{number}"
        input:
            prompts=prompts(subtasks, "student"),
            rationales=collect(
                "<results>/{{round}}elicit/rationales/{subtask}.parquet",
                subtask=subtasks,
            ),
            model=lambda w: preferring(w.round),
        output:
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
            code=generating_code("arte/prefer/loglik.py"),
            cfg=canonical(subtasks=subtasks, engine=engine(config["roles"]["student"])),
            prompts=prompt_folder,
            model=subpath(input.model, parent=True),
            journal=f"{RESULTS}/journal",
        shell:
            r"""
            python -m arte.prefer.loglik --cfg {params.cfg:q} --prompts {params.prompts:q} \
                --model {params.model:q} --journal {params.journal:q} \
                --rationales {input.rationales:q} --output-scores {output.scores:q} \
                --output-question-scores {output.question_scores:q} \
                --stats {output.stats:q} 2>{log:q}
            """
