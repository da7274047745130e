"""Verdicts on the paper's claims: all of a run, or one with only what it needs (`claim_<id>`).

REQUIRED INPUTS: config/claims.yaml, <results>/tables/table<k>_differences.csv,
<results>/tables/{consistency,contamination}.csv, for one claim <results>/evaluate/**.
OUTPUTS: <results>/tables/claims.{csv,md}, <results>/claims/<id>.{csv,md}
"""

from arte.report.claims.listed import file_of, read
from arte.report.claims.needed import hub_id, lacking, needed

try:
    CLAIMS = read(HOME.parent / "config/claims.yaml")
except ConfigError as error:
    raise WorkflowError(str(error)) from None


CLAIM_TABLES = [
    f"<results>/{file_of(table)}"
    for table in sorted({claim.table for claim in CLAIMS.values() if claim.table})
    if table in RESULTS_BY_NAME
]


rule judge_every_claim:
    """Every claim of the paper: printed value, ours, and the verdict."""
    input:
        claims=source("config/claims.yaml"),
        tables=CLAIM_TABLES,
    output:
        in_report("<results>/tables/claims", ".csv .md", "claims", "Answer", "Claims"),
    log:
        "<logs>/judge_every_claim.log",
    benchmark:
        "<benchmarks>/judge_every_claim.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/report/claims/claim.py"),
        cfg=claims_cfg(*CLAIMS),
    shell:
        r"""
        python -m arte.report.claims.claim --cfg {params.cfg:q} --claims {input.claims:q} \
            --tables {input.tables:q} --output {output:q} 2>{log:q}
        """


rule make_claim_table:
    """The differences of one claim, from the predictions of its own arms alone."""
    input:
        predictions=claim_predictions,
        published=source("config/published.yaml"),
    output:
        "<results>/claims/{claim}/{table}_differences.csv",
    log:
        "<logs>/make_claim_table/{claim}-{table}.log",
    benchmark:
        "<benchmarks>/make_claim_table/{claim}-{table}.tsv"
    wildcard_constraints:
        claim=one_of(CLAIMS),
        table=one_of(SPECS),
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/report/tables.py"),
        cfg=claim_students,
    shell:
        r"""
        python -m arte.report.tables {wildcards.table:q} --cfg {params.cfg:q} \
            --predictions {input.predictions:q} --published {input.published:q} \
            --output {output:q} 2>{log:q}
        """


for claim in CLAIMS:

    rule:
        """One claim of the paper, and nothing that it does not need."""
        name:
            f"claim_{claim}"
        input:
            claims=source("config/claims.yaml"),
            tables=claim_tables(claim),
        output:
            multiext(f"<results>/claims/{claim}", ".csv", ".md"),
        log:
            f"<logs>/claim/{claim}.log",
        benchmark:
            f"<benchmarks>/claim/{claim}.tsv"
        localrule: True
        conda:
            "../../envs/analysis.yaml"
        params:
            code=code("arte/report/claims/claim.py"),
            cfg=claims_cfg(claim),
        shell:
            r"""
            python -m arte.report.claims.claim --cfg {params.cfg:q} --claims {input.claims:q} \
                --tables {input.tables:q} --output {output:q} 2>{log:q}
            """
