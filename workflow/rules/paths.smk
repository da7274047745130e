"""Where things lie: prompt files, models, and the inputs that depend on an arm or a teacher.

REQUIRED INPUTS: the checked config. OUTPUTS: none.
"""

PROMPTS = "resources/prompts"


def prompts(subtasks):
    """The shared templates, and these subtasks' own files."""
    shared = collect(
        f"{PROMPTS}/{{name}}.md", name=["question", "rationale", "naive", "student"]
    )
    files = ["description", *config["elicit"]["techniques"]]
    return shared + collect(
        f"{PROMPTS}/{{subtask}}/{{name}}.md", subtask=subtasks, name=files
    )


def prompt_folder(wildcards, input):
    """The folder of the shared templates."""
    return os.path.dirname(input.prompts[0])


def bbh_files(wildcards):
    """One subtask's published files where they lie on disk; none when they are downloaded."""
    data, name = config["data"], wildcards.subtask
    if data["source"] != "folder":
        return []
    return [f"{data['folder']}/{name}.json", f"{data['folder']}/cot-prompts/{name}.txt"]


def model(name):
    """The declared file of a model directory; it lists and hashes the others."""
    return f"<results>/models/{name}/fingerprint.json"


def teacher(name):
    """The fingerprint of the teacher `original` or `aligned`."""
    return model(
        config["roles"]["teacher"] if name == "original" else "aligned_teacher"
    )


def gates(role):
    """The table of passed quality gates of the teacher or the student, where we trained them."""
    return (
        [f"<results>/models/gates-{role}.csv"] if is_nano(config["roles"][role]) else []
    )


def benchmark_items(subtasks):
    """Test and validation items, which no generated question may repeat."""
    return collect(
        "<results>/data/{subtask}/{split}.parquet",
        subtask=subtasks,
        split=["items", "validation"],
    )


def questions_of(name):
    """Where the questions of the teacher `original` or `aligned` lie."""
    return (
        "<results>/elicit/questions/{subtask}.parquet"
        if name == "original"
        else "<results>/tailor/questions/{subtask}.parquet"
    )


def is_instructions(arm):
    """Whether an arm is an instruction-tuning set, which no teacher wrote for this student."""
    return "instructions" in config["arms"][arm]


def arm_rationales(name):
    """Where an arm's rationales lie: the scored drafts, or answers to the naive prompt."""
    arm = config["arms"][name]
    if arm["rationales"] == "drafts":
        return "<results>/elicit/rationales/{subtask}.parquet"
    return f"<results>/tailor/rationales/{arm['questions']}-{arm['rationales']}/{{subtask}}.parquet"


def arm_scores(name):
    """Where the scores lie by which an arm selects among drafts; nothing for other arms."""
    drafts = config["arms"][name]["rationales"] == "drafts"
    return per_subtask("<results>/prefer/scores/{subtask}.parquet") if drafts else []


def student(name, arm, seed):
    """The fingerprint of a student trained on an arm; arm `vanilla` is the student before that."""
    if arm == "vanilla":
        return model(name)
    return f"<results>/students/{name}/{arm}/{seed}/fingerprint.json"


def trained(arms):
    """(arm, seed) of every training with one of these arms; vanilla, untrained, has seed 0."""
    seeds = config["finetune"]["seeds"]
    return [
        (arm, seed) for arm in arms for seed in ([0] if arm == "vanilla" else seeds)
    ]


def predictions(students, arms, subtasks):
    """Tables of predictions of these students after training on these arms."""
    return [
        f"<results>/evaluate/{name}/{arm}/{seed}/{subtask}.parquet"
        for name in students
        for arm, seed in trained(arms)
        for subtask in subtasks
    ]


def transfer_predictions():
    """Tables of predictions of students trained for one unseen benchmark each (Table 4)."""
    return [
        path
        for benchmark in config["ood"]["transfer"]
        for origin in ("original", "aligned")
        for path in predictions(
            [config["roles"]["student"]],
            [f"transfer_{origin}-{benchmark}"],
            [benchmark],
        )
    ]
