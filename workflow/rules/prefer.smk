"""What the student prefers: scores of the drafts, and preference pairs (§3.2, §3.3).

REQUIRED INPUTS: <results>/elicit/**, <results>/prefer/set/<subtask>.parquet, the student,
<results>/data/<subtask>/exemplars.parquet.
OUTPUTS: <results>/prefer/{scores,question_scores}/<subtask>.parquet, <results>/prefer/pairs.parquet,
with prefer.scorer icl <results>/prefer/outputs/<subtask>.parquet
"""

for number, subtasks in shards("score") if scorer_is("icl") else []:

    rule:
        """Measure the student's one-shot accuracy with each draft as its example (Eq. 3, 4)."""
        name:
            f"score_rationales_{number}"
        input:
            code=code("arte/score.py"),
            prompts=prompts(subtasks),
            rationales=collect(
                "<results>/{{round}}elicit/rationales/{subtask}.parquet",
                subtask=subtasks,
            ),
            preference=collect(
                "<results>/prefer/set/{subtask}.parquet", subtask=subtasks
            ),
            model=lambda w: learner(w.round),
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
            python -m arte.score --cfg {params.cfg:q} --prompts {params.prompts:q} \
                --model {params.model:q} --journal {params.journal:q} \
                --rationales {input.rationales:q} --preference {input.preference:q} \
                --output-outputs {output.outputs:q} --output-scores {output.scores:q} \
                --output-question-scores {output.question_scores:q} \
                --stats {output.stats:q} 2>{log:q}
            """


rule pair_preferences:
    """Pair the drafts that the student prefers with those that it does not."""
    input:
        code=code("arte/pairs.py"),
        prompts=prompts(SUBTASKS),
        questions=per_subtask("<results>/{{round}}elicit/questions/{subtask}.parquet"),
        rationales=per_subtask("<results>/{{round}}elicit/rationales/{subtask}.parquet"),
        scores=per_subtask("<results>/{{round}}prefer/scores/{subtask}.parquet"),
        question_scores=per_subtask(
            "<results>/{{round}}prefer/question_scores/{subtask}.parquet"
        ),
        exemplars=per_subtask("<results>/data/{subtask}/exemplars.parquet"),
    output:
        pairs="<results>/{round}prefer/pairs.parquet",
        report="<results>/{round}prefer/pairs.json",
    log:
        "<logs>/{round}pair_preferences.log",
    benchmark:
        "<benchmarks>/{round}pair_preferences.tsv"
    priority: 5  # alignment waits for it
    conda:
        "../envs/analysis.yaml"
    params:
        cfg=canonical(
            subtasks=SUBTASKS,
            seed=config["seed"],
            **config["pairs"],
            **block("elicit", "seed_questions", "questions_per_call"),
        ),
        prompts=prompt_folder,
    shell:
        r"""
        python -m arte.pairs --cfg {params.cfg:q} --prompts {params.prompts:q} \
            --questions {input.questions:q} --rationales {input.rationales:q} \
            --scores {input.scores:q} --question-scores {input.question_scores:q} \
            --exemplars {input.exemplars:q} \
            --output {output.pairs:q} --report {output.report:q} 2>{log:q}
        """
