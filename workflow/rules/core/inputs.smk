"""Functions by which rules find their inputs and configs: a file of rules may have none of its own.

REQUIRED INPUTS: the checked config. OUTPUTS: none.
"""


def bbh_files(wildcards):
    """One subtask's published files where they lie on disk; none when they are downloaded."""
    data, name = config["data"], wildcards.subtask
    if data["source"] != "folder":
        return []
    names = f"{name}.json", f"cot-prompts/{name}.txt"
    return [str(local(data["folder"], each)) for each in names]


def origin_files():
    """What each subtask's validation items are, where they come from BIG-bench."""
    path = "<results>/data/{subtask}/origin.json"
    return collect(path, subtask=PUBLISHED) if FROM_BIGBENCH else []


def own_file(split):
    """The file of a task's `items`, `validation` or `exemplars`, as a list; none if it has none."""
    return lambda w: [
        str(path)
        for name, path in own_files(
            Path(OWN[w.subtask]), task_yaml.read_source(own_yaml(w.subtask))
        ).items()
        if name == split
    ]


def own_yaml(subtask):
    """The declaration of the user's own task."""
    return f"{OWN[subtask]}/{task_yaml.FILE}"


def pair_chats():
    """How the prompts of each kind of pair are put, where that may be by a chat template."""
    teacher = config["models"][config["roles"]["teacher"]]
    uses = {"question": "questions", "rationale": "rationales"}
    found = {kind: chat(teacher, use).get("chat") for kind, use in uses.items()}
    kept = {kind: each for kind, each in found.items() if each}
    return {"chat": kept} if kept else {}


def several_teachers():
    """How many teachers a table pools, and the arms that none of them wrote; nothing for one."""
    if not OTHER_TEACHERS:
        return {}
    fixed = [arm for arm in config["arms"] if arm not in WRITTEN]
    return {"teachers": 1 + len(OTHER_TEACHERS), "fixed": ["vanilla", *fixed]}


def of_every_teacher(paths):
    """These results of this run, then the same of each run with another teacher."""
    return [
        path.replace("<results>", results)
        for results in ["<results>", *OTHER_TEACHERS]
        for path in paths
    ]


def students_of(table, unseen=None):
    """The students of a table of accuracies: the main one, or the unseen ones with their notes."""
    if SPECS[table].role == "student":
        return {"student": config["roles"]["student"]}
    names = config["roles"]["unseen"] if unseen is None else unseen
    return {"students": [{"name": name, "note": note(name)} for name in names]}


def previewed(use):
    """The name of the model whose use is shown."""
    return config["roles"]["student" if use == "answers" else "teacher"]


def claims_cfg(*names):
    """The claims to judge, each with why this run cannot test it, and the hub ids of students."""
    students = [config["roles"]["student"], *config["roles"]["unseen"]]
    return canonical(
        claims={name: lacking(CLAIMS[name], config) for name in names},
        students={name: hub_id(name, config) for name in students},
    )


def claim_predictions(wildcards):
    """Tables of predictions that a claim needs, and no others."""
    return of_every_teacher(
        [
            path
            for each in needed(CLAIMS[wildcards.claim], config)
            for path in prediction_files(each.students, each.arms, each.subtasks)
        ]
    )


def claim_students(wildcards):
    """The students that a claim is about, as the job that makes its table wants them."""
    names = [
        name
        for each in needed(CLAIMS[wildcards.claim], config)
        for name in each.students
    ]
    students = students_of(wildcards.table, list(dict.fromkeys(names)))
    return canonical(**students, **several_teachers())


def claim_needs():
    """What each claim needs that this run can test: files, and tables of predictions."""
    found = {}
    for name, claim in CLAIMS.items():
        if claim.untested or lacking(claim, config):
            continue
        asked = needed(claim, config) if claim.table in SPECS else []
        found[name] = {
            "files": [] if asked else [f"{RESULTS}/{file_of(claim.table)}"],
            "evaluations": [
                [each.students, each.arms, each.subtasks] for each in asked
            ],
        }
    return canonical(**found)


def claim_tables(name):
    """The table of a claim, made of what the claim needs; none where this run cannot test it."""
    claim = CLAIMS[name]
    if claim.untested or lacking(claim, config):
        return []
    if claim.table not in SPECS:
        return [f"<results>/{file_of(claim.table)}"]
    return [f"<results>/claims/{name}/{claim.table}_differences.csv"]


def alike(name):
    """The GGUF model whose file may be that of this one, for it is as large; none for the first.

    The job compares the content. The order is that of names, models with a role first.
    """
    size, used = model_path(name).stat().st_size, used_models(config)
    same = [
        each for each in of_source("gguf") if model_path(each).stat().st_size == size
    ]
    first = min(same, key=lambda each: (each not in used, each))
    return [] if first == name else [first]
