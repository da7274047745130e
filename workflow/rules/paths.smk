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


def before(round):
    """The prefix of the round before `round`: `` is the first, then `round2/` and so on."""
    number = int(round.removeprefix("round").removesuffix("/")) - 1
    return "" if number == 1 else f"round{number}/"


def teacher(name, round=""):
    """The fingerprint of a round's teacher, `original` (as the round found it) or `aligned`."""
    if name == "aligned":
        return f"<results>/{round}models/aligned_teacher/fingerprint.json"
    return (
        teacher("aligned", before(round))
        if round
        else model(config["roles"]["teacher"])
    )


def learner(round):
    """The fingerprint of the student whose preferences a round collects.

    After the first round it is the student that the round before trained on tailored data.
    """
    name = config["roles"]["student"]
    if not round:
        return model(name)
    arm = "arte" if not before(round) else f"arte_{before(round)[:-1]}"
    return student(name, arm, config["finetune"]["seeds"][0])


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


def questions_of(name, round=""):
    """Where the questions of a round's teacher `original` or `aligned` lie."""
    stage = "elicit" if name == "original" else "tailor"
    return f"<results>/{round}{stage}/questions/{{subtask}}.parquet"


def arm_round(arm):
    """The prefix of the round in which an arm's teacher writes."""
    number = config["arms"][arm].get("round", 1)
    return "" if number == 1 else f"round{number}/"


def is_instructions(arm):
    """Whether an arm is an instruction-tuning set, which no teacher wrote for this student."""
    return "instructions" in config["arms"][arm]


def arm_rationales(name):
    """Where an arm's rationales lie: the scored drafts, or answers to the naive prompt."""
    arm, at = config["arms"][name], arm_round(name)
    if arm["rationales"] == "drafts":
        return f"<results>/{at}elicit/rationales/{{subtask}}.parquet"
    teachers = f"{arm['questions']}-{arm['rationales']}"
    return f"<results>/{at}tailor/rationales/{teachers}/{{subtask}}.parquet"


def arm_scores(name):
    """Where the scores lie by which an arm selects among drafts; nothing for other arms."""
    drafts = config["arms"][name]["rationales"] == "drafts"
    at = arm_round(name)
    return (
        per_subtask(f"<results>/{at}prefer/scores/{{subtask}}.parquet")
        if drafts
        else []
    )


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
