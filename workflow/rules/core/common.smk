"""Helper functions of the rules: what a job depends on, and how work is spread over jobs.

REQUIRED INPUTS: the checked config. OUTPUTS: none.
"""

import json
import os
from pathlib import Path


def generating_code(name, *modules):
    """The identity of a command that asks a model by its backend, and of no other backend."""
    return code(*modules, BACKENDS[backend(name)].partition(":")[0])


def canonical(**cfg):
    """A job's config as sorted JSON: any change, and only a change, of a value reruns it."""
    return json.dumps(cfg, sort_keys=True, separators=(",", ":"))


def block(name, *keys):
    """Some keys of a config block, so that a job doesn't rerun for keys that it never reads."""
    return {key: config[name][key] for key in keys}


def one_of(names):
    """A regular expression that matches exactly these names, and nothing where there are none."""
    return "|".join(sorted(names)) or r"(?!)"


def declared(subtask):
    """What the `task.yaml` of a subtask says, but for its description, which prompts alone have."""
    kind = TASKS[subtask]
    return {
        "subtask": subtask,
        "declared": {
            "task": kind.task,
            "category": kind.category,
            "answer": declaration(kind.answer_type),
        },
    }


def shards(stage):
    """(number, subtasks) of each job of a stage: config `jobs`, at most one job per subtask."""
    n = min(config["jobs"][stage], len(SUBTASKS))
    return [(i, SUBTASKS[i::n]) for i in range(n)]


def per_subtask(pattern):
    """`pattern` for every subtask, in the order of the config."""
    return collect(pattern, subtask=SUBTASKS)


def score_outputs():
    """The student's answers behind the scores; none where the scorer asks for none."""
    return (
        per_subtask("<results>/prefer/outputs/{subtask}.parquet")
        if SCORERS[config["prefer"]["scorer"]].items
        else []
    )


def generation(subtasks, use):
    """What every job that asks the teacher for `questions` or `rationales` has in its config."""
    key = "tag_stated_answers"
    tagging = use == "rationales" and config["elicit"][key]
    return {
        "subtasks": subtasks,
        "seed": config["seeds"]["teacher"],
        "engine": engine_cfg(config["roles"]["teacher"], use),
        **({key: True} if tagging else {}),
    }


def engine_cfg(name, use="answers"):
    """How a model generates: the keys of its backend, and the GPUs that vLLM spreads over.

    And how it is asked for questions, rationales or answers, where that may be by a chat template.
    """
    return {
        **{key: engine_of(config, name)[key] for key in KEYS[backend(name)]},
        **chat(config["models"][name], use),
        **({"gpus": gpus(name)} if backend(name) == "vllm" else {}),
    }


def backend(name):
    """The backend by which a model generates."""
    return engine_of(config, name)["backend"]


def inference_env(name):
    """The environment in which a model generates, as a path from a rule file."""
    build = "gpu" if any(gpus(each) for each in config["models"]) else "cpu"
    envs = {"transformers": "inference", "vllm": f"vllm-{build}"}
    envs |= dict.fromkeys(("openai", "endpoint"), "openai")
    return f"../../envs/{envs[backend(name)]}.yaml"


def inference_image(*names):
    """The image in which these models generate; that of vLLM has all that other backends need.

    docs/environments.md says how to build it from the Containerfile.
    """
    vllm = any(backend(name) == "vllm" for name in names)
    return "arte-vllm-gpu.sif" if vllm else "arte-cpu.sif"


def question_keys():
    """The keys of `elicit` that shape both draft and tailored questions."""
    return block(
        "elicit",
        "questions_per_call",
        "seed_questions",
        "max_calls",
        "question_max_tokens",
    )


def of_source(source):
    """Names of the models that come from there: nano, hub, folder, gguf or endpoint."""
    return [name for name, each in config["models"].items() if each["source"] == source]


def is_nano(name):
    """Whether the pipeline trains this model."""
    return name in of_source("nano")


def gpus(name):
    """GPUs that a job with this model asks for; nano models and servers' ask for none."""
    return config["models"][name].get("gpus", 0)


def note(name):
    """What Table 5 says of a student: its name where it comes from, or its shape."""
    model = config["models"][name]
    if model["source"] == "hub":
        return model["id"]
    if model["source"] in ("folder", "gguf"):
        return expanded(model["path"]).name
    shape = config["nano"]["unseen"][name]
    return "{architecture}, width {hidden_size}, {num_hidden_layers} layers".format(
        **shape
    )
