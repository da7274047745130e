"""Which validation items tell models apart: responses, item parameters, preference set (§3.2).

REQUIRED INPUTS: <results>/data/<subtask>/*.parquet, the panel's models.
OUTPUTS: <results>/prefer/{responses/<model>,set}/<subtask>.parquet, <results>/prefer/irt.parquet
"""

for number, subtasks in shards("respond"):

    rule:
        """Ask one panel model the validation items at every number of shots."""
        name:
            f"collect_responses_{number}"
        input:
            prompts=prompt_files(subtasks, "student"),
            validation=collect(
                "<results>/data/{subtask}/validation.parquet", subtask=subtasks
            ),
            exemplars=collect(
                "<results>/data/{subtask}/exemplars.parquet", subtask=subtasks
            ),
            model="<results>/models/{model}/fingerprint.json",
            gates=gate_files("student"),
        output:
            tables=collect(
                "<results>/prefer/responses/{{model}}/{subtask}.parquet",
                subtask=subtasks,
            ),
            stats=f"<results>/prefer/responses/{{model}}/stats-{number}.json",
        log:
            f"<logs>/collect_responses/{{model}}-{number}.log",
        benchmark:
            f"<benchmarks>/collect_responses/{{model}}-{number}.tsv"
        priority: 5  # alignment waits for it
        conda:
            lambda w: inference_env(w.model)
        container:
            inference_image(*config["roles"]["panel"])
        resources:
            gpu=lambda w: gpus(w.model),
        params:
            python=on_gpus,
            code=lambda w: generating_code(w.model, "arte/prefer/responses.py"),
            cfg=lambda w, subtasks=subtasks: canonical(
                subtasks=subtasks,
                engine=engine_cfg(w.model),
                model=w.model,
                **block("prefer", "shots", "max_tokens"),
            ),
            prompts=prompt_folder,
            model=subpath(input.model, parent=True),
            journal=f"{RESULTS}/journal",
        shell:
            r"""
            {params.python} -m arte.prefer.responses --cfg {params.cfg:q} --prompts {params.prompts:q} \
                --model {params.model:q} --journal {params.journal:q} \
                --validation {input.validation:q} --exemplars {input.exemplars:q} \
                --output {output.tables:q} --output-stats {output.stats:q} 2>{log:q}
            """


rule fit_irt:
    """Fit the two-parameter model to the responses of the whole panel."""
    input:
        responses=[
            path
            for name in config["roles"]["panel"]
            for path in per_subtask(
                f"<results>/prefer/responses/{name}/{{subtask}}.parquet"
            )
        ],
    output:
        "<results>/prefer/irt.parquet",
    log:
        "<logs>/fit_irt.log",
    benchmark:
        "<benchmarks>/fit_irt.tsv"
    priority: 5  # alignment waits for it
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/prefer/irt.py"),
        cfg=canonical(
            subtasks=SUBTASKS,
            seed=config["seeds"]["data"],
            **block("prefer", "irt", "preference_items"),
        ),
    shell:
        r"""
        python -m arte.prefer.irt --cfg {params.cfg:q} --responses {input.responses:q} \
            --output {output:q} 2>{log:q}
        """


rule select_preference_set:
    """Keep the validation items that tell the panel apart best."""
    input:
        irt="<results>/prefer/irt.parquet",
        validation=per_subtask("<results>/data/{subtask}/validation.parquet"),
    output:
        per_subtask("<results>/prefer/set/{subtask}.parquet"),
    log:
        "<logs>/select_preference_set.log",
    benchmark:
        "<benchmarks>/select_preference_set.tsv"
    priority: 5  # alignment waits for it
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/prefer/preference_set.py"),
        cfg=canonical(
            subtasks=SUBTASKS,
            seed=config["seeds"]["data"],
            **block("prefer", "preference_items", "balance"),
        ),
    shell:
        r"""
        python -m arte.prefer.preference_set --cfg {params.cfg:q} --irt {input.irt:q} \
            --validation {input.validation:q} --output {output:q} 2>{log:q}
        """
