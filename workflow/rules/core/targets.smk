"""One table or figure by its name, `snakemake table2`, and one stage by its: `--until draft_questions`.

REQUIRED INPUTS: those of the rules that make them. OUTPUTS: none of its own.
"""

TABLES = [1, 2, 6, 7]
TABLES += [3] if config["ood"]["benchmarks"] else []
TABLES += [4] if config["ood"]["transfer"] else []
TABLES += [5] if config["roles"]["unseen"] else []
APPENDIX = ["aa"] if len(config["finetune"]["seeds"]) > 1 else []
APPENDIX += ["consistency"] if config["report"]["consistency_questions"] else []
ALIGNMENT = ["technique_shift"] if aligns(config) else []
RESULTS_BY_NAME = {
    **{name: f"<results>/tables/{name}.md" for name in APPENDIX},
    **{f"table{k}": f"<results>/tables/table{k}.md" for k in sorted(TABLES)},
    "figure1": "<results>/figures/figure1.pdf",
    "figure2": "<results>/figures/figure2.pdf",
    **{name: f"<results>/tables/{name}.md" for name in ALIGNMENT},
    "contamination": "<results>/tables/contamination.md",
    "claims": "<results>/tables/claims.md",
    "report": "<results>/report/index.html",
}

WHOLE_RUN = [*RESULTS_BY_NAME.values(), "<results>/data/report.json"]
"""What a finished run has."""


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


# The jobs of a stage that asks a model are rules of their own (draft_questions_0, …), for each makes
# the outputs of several subtasks. These targets have the stage's own name.
WRITTEN = arms_with("questions")
ROUNDS = [
    round_prefix(k)
    for k in range(1, 1 + max(config["arms"][arm].get("round", 1) for arm in WRITTEN))
]
STAGES = {
    "collect_responses": "<results>/prefer/responses/{model}/{subtask}.parquet",
    "draft_questions": "<results>/{round}elicit/questions/{subtask}.parquet",
    "draft_rationales": "<results>/{round}elicit/rationales/{subtask}.parquet",
    "score_rationales": "<results>/{round}prefer/scores/{subtask}.parquet",
}
STAGE_FILES = {
    name: collect(path, round=ROUNDS, model=config["roles"]["panel"], subtask=SUBTASKS)
    for name, path in STAGES.items()
}
STAGE_FILES["tailor_questions"] = [
    path
    for arm in WRITTEN
    if config["arms"][arm]["questions"] == "aligned"
    for path in per_subtask(questions_of("aligned", arm_round(arm)))
]
STAGE_FILES["tailor_rationales"] = [
    path
    for arm in WRITTEN
    if config["arms"][arm]["rationales"] != "drafts"
    for path in per_subtask(arm_rationales(arm))
]
STAGE_FILES["evaluate_student"] = [
    path for table in SPECS for path in predictions_of(table)
]
if config["report"]["consistency_questions"]:
    STAGE_FILES["collect_consistency_outputs"] = per_subtask(
        "<results>/prefer/consistency_outputs/{subtask}.parquet"
    )

for name, paths in STAGE_FILES.items():

    rule:
        """All jobs of a stage whose jobs are numbered."""
        name:
            name
        input:
            paths,
        localrule: True
