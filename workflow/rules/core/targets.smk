"""One table or figure by its name: `snakemake table2`.

REQUIRED INPUTS: those of the rules that make them. OUTPUTS: none of its own.
"""

TABLES = [1, 2, 6, 7]
TABLES += [3] if config["ood"]["benchmarks"] else []
TABLES += [4] if config["ood"]["transfer"] else []
TABLES += [5] if config["roles"]["unseen"] else []
APPENDIX = ["aa"] if len(config["finetune"]["seeds"]) > 1 else []
APPENDIX += ["consistency"] if config["report"]["consistency_questions"] else []
RESULTS_BY_NAME = {
    **{name: f"<results>/tables/{name}.md" for name in APPENDIX},
    **{f"table{k}": f"<results>/tables/table{k}.md" for k in sorted(TABLES)},
    "figure1": "<results>/figures/figure1.pdf",
    "figure2": "<results>/figures/figure2.pdf",
    "technique_shift": "<results>/tables/technique_shift.md",
}


rule:
    """All that the run takes from the network, and nothing else: for a node that has one."""
    name:
        "fetch"
    input:
        FETCHED,
    localrule: True


for name, path in RESULTS_BY_NAME.items():

    rule:
        """One table or figure of the paper."""
        name:
            name
        input:
            path,
        localrule: True
