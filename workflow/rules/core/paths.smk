"""Where things lie: prompt files, models, and the inputs that depend on an arm or a teacher.

REQUIRED INPUTS: the checked config. OUTPUTS: none.
"""


def source(path):
    """A file of this repository: by its path from the working directory, if it lies below that."""
    full = HOME.parent / path
    here = Path.cwd().resolve()
    return str(full.relative_to(here) if full.is_relative_to(here) else full)


PROMPTS = source(prompts_of(config).resolve())
OWN = {name: str(folder) for name, folder in own_folders(config).items()}
"""The folder of each of the user's own tasks."""
PUBLISHED = [name for name in SUBTASKS if name not in OWN]
LEARNED = SUBTASKS + config["ood"]["benchmarks"]
"""What nano teacher and student learn."""


FETCHED = []
"""What the target `fetch` makes: the outputs of every rule that reaches the network."""


def fetched(pattern, **names):
    """The output of a rule that reaches the network, for all `names` that this run needs.

    Nothing else reaches the network. That makes `snakemake fetch` complete.
    """
    FETCHED.extend(collect(pattern, **names))
    return pattern


FILLED_BY = {
    "question": [],
    "rationale": config["elicit"]["techniques"],
    "naive": [],
    "student": [],
}
"""A shared template, and the files of a subtask that fill it, beside its `task.yaml`."""
LEARNED_FROM = FILLED_BY | {"rationale": TAUGHT}
"""The same of what nano models are trained and measured on."""


def prompt_files(subtasks, *templates, filled_by=FILLED_BY):
    """The shared templates that a job reads, and the files of these subtasks that fill them."""
    own = dict.fromkeys(name for each in templates for name in filled_by[each])
    files = [task_yaml.FILE, *(f"{name}.md" for name in own)]
    return [f"{PROMPTS}/{name}.md" for name in templates] + [
        f"{task_folder(subtask)}/{name}" for subtask in subtasks for name in files
    ]


def task_folder(subtask):
    """The folder of a subtask's `task.yaml` and prompts."""
    return OWN.get(subtask, f"{PROMPTS}/{subtask}")


def prompt_folder(wildcards, input):
    """The folder of the shared templates, and those of subtasks that lie elsewhere."""
    folders = dict.fromkeys(map(os.path.dirname, input.prompts))
    return [each for each in folders if each == PROMPTS or each in OWN.values()]


def workflow_files():
    """The Snakefile and the rule files, the Snakefile first."""
    rules = sorted((HOME / "rules").rglob("*.smk"))
    return [
        source(path.relative_to(HOME.parent)) for path in [HOME / "Snakefile", *rules]
    ]


def model_file(name):
    """The declared file of a model directory; it lists and hashes the others."""
    return f"<results>/models/{name}/fingerprint.json"


def model_path(name):
    """The folder of a model that is used where it lies, or its GGUF file."""
    return expanded(config["models"][name]["path"])


def number_of(round):
    """The number of a round by its folder: none is the first, then `round2/` and so on."""
    return int(round.removeprefix("round").removesuffix("/") or 1)


def round_prefix(number):
    """The folder of a round below the run's: none for the first, then `round2/` and so on."""
    return "" if number == 1 else f"round{number}/"


def round_before(round):
    """The folder of the round before the one with folder `round`."""
    return round_prefix(number_of(round) - 1)


def teacher_file(name, round=""):
    """The fingerprint of a round's teacher, `original` (as the round found it) or `aligned`."""
    if name == "aligned":
        return f"<results>/{round}models/aligned_teacher/fingerprint.json"
    return (
        teacher_file("aligned", round_before(round))
        if round
        else model_file(config["roles"]["teacher"])
    )


def learner_file(round):
    """The fingerprint of the student whose preferences a round collects.

    After the first round it is the student that the round before trained on tailored data.
    """
    name = config["roles"]["student"]
    if not round:
        return model_file(name)
    arm = learner(config["arms"], number_of(round) - 1)
    return student_file(name, arm, config["finetune"]["seeds"][0])


def gate_files(role):
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


def nano_data(wildcards, subtasks=LEARNED):
    """The tables from which nano models learn, or which they must not see."""
    names = {"test": "items", "validation": "validation", "exemplars": "exemplars"}
    return {
        key: collect(f"<results>/data/{{subtask}}/{name}.parquet", subtask=subtasks)
        for key, name in names.items()
    }
