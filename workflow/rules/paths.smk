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


def gates():
    """The table of passed quality gates, where the pipeline trained the models itself."""
    return ["<results>/models/gates.csv"] if is_nano(config["roles"]["teacher"]) else []


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


def student(arm, seed):
    """The fingerprint of an arm's student; arm `vanilla` is the student before any training."""
    if arm == "vanilla":
        return model(config["roles"]["student"])
    return f"<results>/students/{arm}/{seed}/fingerprint.json"


def predictions():
    """All tables of predictions: every arm and seed, and the vanilla student."""
    trained = collect(
        "<results>/evaluate/{arm}/{seed}/{{subtask}}.parquet",
        arm=config["arms"],
        seed=config["finetune"]["seeds"],
    )
    return per_subtask("<results>/evaluate/vanilla/0/{subtask}.parquet") + [
        path for pattern in trained for path in per_subtask(pattern)
    ]
