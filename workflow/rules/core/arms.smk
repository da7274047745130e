"""Where the training sets, students and predictions of an arm lie, and what they are made from.

REQUIRED INPUTS: the checked config. OUTPUTS: none.
"""


def questions_of(name, round=""):
    """Where the questions of a round's teacher `original` or `aligned` lie."""
    stage = "elicit" if name == "original" else "tailor"
    return f"<results>/{round}{stage}/questions/{{subtask}}.parquet"


def arm_round(arm):
    """The prefix of the round in which an arm's teacher writes."""
    return round_prefix(config["arms"][arm].get("round", 1))


def arms_with(key):
    """The arms that have a key: `questions` where a teacher wrote them, `instructions` or `file`."""
    return [name for name, arm in config["arms"].items() if key in arm]


def has_own_set(arm):
    """Whether an arm's instruction set is a file of the user's own."""
    return config["arms"][arm]["instructions"] not in SETS


def instruction_rows(wildcards):
    """The record of a published instruction set, or the user's own file."""
    name = config["arms"][wildcards.arm]["instructions"]
    published = f"<results>/data/raw/instructions-{name}/record.json"
    return name if has_own_set(wildcards.arm) else published


def arm_rationales(name):
    """Where an arm's rationales lie: the scored drafts, or answers to the naive prompt."""
    arm, at = config["arms"][name], arm_round(name)
    if arm["rationales"] == "drafts":
        return f"<results>/{at}elicit/rationales/{{subtask}}.parquet"
    teachers = f"{arm['questions']}-{arm['rationales']}"
    return f"<results>/{at}tailor/rationales/{teachers}/{{subtask}}.parquet"


def arm_scores(name):
    """Where the scores lie by which an arm selects among drafts; nothing for other arms."""
    scored = config["arms"][name].get("select") in ("random", *BY_SCORE)
    at = arm_round(name)
    return (
        per_subtask(f"<results>/{at}prefer/scores/{{subtask}}.parquet")
        if scored
        else []
    )


def student_file(name, arm, seed):
    """The fingerprint of a student trained on an arm; arm `vanilla` is the student before that."""
    if arm == "vanilla":
        return model_file(name)
    return f"<results>/students/{name}/{arm}/{seed}/fingerprint.json"


def weights_of(fingerprint):
    """The weights of a student that are deleted when all has been asked of it, else nothing.

    A job names them beside its model, so that Snakemake deletes them after the last such job.
    """
    mode, keep = config["finetune"]["mode"], config["finetune"]["keep"]
    kept = keep == "all" or (keep, mode) == ("adapters", "lora")
    if kept or not fingerprint.startswith("<results>/students/"):
        return []
    name = "adapter_model" if mode == "lora" else "model"
    return [f"{os.path.dirname(fingerprint)}/{name}.safetensors"]


def trained(arms):
    """(arm, seed) of every training with one of these arms; vanilla, untrained, has seed 0."""
    seeds = config["finetune"]["seeds"]
    return [
        (arm, seed) for arm in arms for seed in ([0] if arm == "vanilla" else seeds)
    ]


def prediction_files(students, arms, subtasks):
    """Tables of predictions of these students after training on these arms."""
    return [
        f"<results>/evaluate/{name}/{arm}/{seed}/{subtask}.parquet"
        for name in students
        for arm, seed in trained(arms)
        for subtask in subtasks
    ]


def predictions_of(table):
    """Tables of predictions that a table of accuracies is made from."""
    return [
        path
        for each in evaluations(SPECS[table], config)
        for path in prediction_files(each.students, each.arms, each.subtasks)
    ]
