"""How far to trust the comparisons: two trainings on one training set, called different or not.

REQUIRED INPUTS: <results>/evaluate/**, at least two training seeds.
OUTPUTS: <results>/tables/aa.{csv,md}
"""


rule check_aa:
    """How often two trainings on the same data are called different: false alarms."""
    input:
        predictions=predictions_of("table2"),
    output:
        in_report("<results>/tables/aa", ".csv .md", "aa", "Checks", "False alarms"),
    log:
        "<logs>/check_aa.log",
    benchmark:
        "<benchmarks>/check_aa.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/report/aa.py"),
        cfg=canonical(
            seed=config["seeds"]["data"],
            student=config["roles"]["student"],
            resamples=2000,
        ),
    shell:
        r"""
        python -m arte.report.aa --cfg {params.cfg:q} --predictions {input.predictions:q} \
            --output {output:q} 2>{log:q}
        """
