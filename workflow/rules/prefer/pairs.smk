"""Preference pairs of questions and rationales for DPO (§3.3).

REQUIRED INPUTS: <results>/elicit/**, <results>/prefer/{scores,question_scores}/<subtask>.parquet,
<results>/data/<subtask>/exemplars.parquet. OUTPUTS: <results>/prefer/pairs.{parquet,json}
"""


rule select_pairs:
    """Pair the drafts that the student prefers with those that it does not."""
    input:
        prompts=prompt_files(SUBTASKS, "question", "naive"),
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
        "<logs>/{round}select_pairs.log",
    benchmark:
        "<benchmarks>/{round}select_pairs.tsv"
    priority: 5  # alignment waits for it
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/prefer/pairs.py"),
        cfg=canonical(
            subtasks=SUBTASKS,
            seed=config["seed"],
            **config["pairs"],
            **block("elicit", "seed_questions", "questions_per_call", "keep_cut_off"),
        ),
        prompts=prompt_folder,
    shell:
        r"""
        python -m arte.prefer.pairs --cfg {params.cfg:q} --prompts {params.prompts:q} \
            --questions {input.questions:q} --rationales {input.rationales:q} \
            --scores {input.scores:q} --question-scores {input.question_scores:q} \
            --exemplars {input.exemplars:q} \
            --output {output.pairs:q} --output-report {output.report:q} 2>{log:q}
        """
