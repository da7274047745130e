"""What the student prefers: its one-shot accuracy with each draft as the example (§3.2).

REQUIRED INPUTS: <results>/elicit/**, <results>/prefer/set/<subtask>.parquet, the student.
OUTPUTS: <results>/prefer/{outputs,scores,question_scores}/<subtask>.parquet
"""

SCORER = SCORERS[config["prefer"]["scorer"]]

for number, subtasks in shards("score"):

    rule:
        """Score every draft by what the student makes of it (Eq. 3, 4)."""
        name:
            f"score_rationales_{number}"
        input:
            prompts=prompt_files(subtasks, "student"),
            rationales=collect(
                "<results>/{{round}}elicit/rationales/{subtask}.parquet",
                subtask=subtasks,
            ),
            preference=collect(
                "<results>/prefer/set/{subtask}.parquet",
                subtask=subtasks if SCORER.items else [],
            ),
            model=lambda w: learner_file(w.round),
            weights=lambda w: weights_of(learner_file(w.round)),
        output:
            outputs=collect(
                "<results>/{{round}}prefer/outputs/{subtask}.parquet",
                subtask=subtasks if SCORER.items else [],
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
            inference_env(config["roles"]["student"])
        container:
            inference_image(config["roles"]["student"])
        resources:
            gpu=gpus(config["roles"]["student"]),
        params:
            python=on_gpus,
            code=generating_code(
                config["roles"]["student"],
                "arte/prefer/score_rationales.py",
                SCORER.module,
            ),
            cfg=canonical(
                subtasks=subtasks,
                engine=engine_cfg(config["roles"]["student"]),
                **block("prefer", "scorer", *SCORER.reads),
            ),
            scorer=SCORER.module,
            prompts=prompt_folder,
            model=subpath(input.model, parent=True),
            journal=f"{RESULTS}/journal",
        shell:
            r"""
            {params.python} -m arte.prefer.score_rationales --cfg {params.cfg:q} --scorer {params.scorer:q} \
                --prompts {params.prompts:q} --model {params.model:q} --journal {params.journal:q} \
                --rationales {input.rationales:q} --preference {input.preference:q} \
                --output-outputs {output.outputs:q} --output-scores {output.scores:q} \
                --output-question-scores {output.question_scores:q} \
                --output-stats {output.stats:q} 2>{log:q}
            """
