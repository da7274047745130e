"""arte.config.check: what is accepted, and that every refusal names key, value, rule and remedy."""

import pytest
import yaml
from configs import DEFAULT, PRESETS, ROOT, SCHEMA, merged

from arte.config.check import MINIATURES, check, check_files
from arte.core.errors import ArteError

HUB = {"source": "hub", "id": "a/b", "revision": "0" * 40, "licence": "mit", "gpus": 1}
ARM = {"questions": "original", "rationales": "aligned"}


def refusal(changes: dict) -> ArteError:
    """The error that the default config with `changes` raises."""
    with pytest.raises(ArteError) as caught:
        check(merged(DEFAULT, changes), SCHEMA)
    return caught.value


def test_the_default_is_accepted():
    check(DEFAULT, SCHEMA)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
def test_every_preset_is_accepted(preset):
    check(merged(DEFAULT, yaml.safe_load(preset.read_text())), SCHEMA)


FOLDER = {"source": "folder", "path": "~/models/m", "licence": "mit", "gpus": 1}


@pytest.mark.parametrize("model", [HUB, FOLDER], ids=["hub", "folder"])
def test_pretrained_models_are_accepted(model):
    roles = {"teacher": "t", "student": "s", "panel": ["s", "p"]}
    check(merged(DEFAULT, {"models": dict.fromkeys("tsp", model), "roles": roles}), SCHEMA)


def test_a_training_takes_one_process_per_gpu():
    models = dict.fromkeys("tsp", HUB | {"gpus": 2})
    changes = {"models": models, "roles": {"teacher": "t", "student": "s", "panel": ["s", "p"]}}
    error = refusal(changes)
    assert error.where == "config key align.launch.num_processes"
    both = {"launch": {"num_processes": 2, "fsdp": {"fsdp_version": 2}}}
    check(merged(DEFAULT, changes | {"align": both, "finetune": both}), SCHEMA)


@pytest.mark.parametrize(
    ("changes", "key", "found"),
    [
        ({"run": "../x"}, "run", "../x"),
        ({"sed": 1}, "(top level)", "sed"),
        ({"seed": 0}, "seed", "0"),
        ({"seeds": {"data": "0"}}, "seeds.data", "'0'"),
        ({"seeds": {"teacher": -1}}, "seeds.teacher", "-1"),
        ({"seeds": {"student": 1}}, "seeds", "student"),
        ({"elicit": {"question": 3}}, "elicit", "question"),
        ({"prefer": {"shots": [0, 4]}}, "prefer.shots.1", "4"),
        ({"data": {"subtasks": ["snark"]}}, "data.subtasks", "snark"),
        ({"data": {"subtasks": ["snarks"]}}, "data.subtasks", "snarks"),
        ({"data": {"source": "folder"}}, "data.folder", "''"),
        ({"data": {"test_items": 0}}, "data.test_items", "0"),
        ({"data": {"validation_items": 10}}, "prefer.preference_set", "20"),
        ({"evaluate": {"max_tokens": 2048}}, "evaluate.max_tokens", "2048"),
        ({"prefer": {"max_tokens": 4096}}, "prefer.max_tokens", "4096"),
        ({"elicit": {"rationale_max_tokens": 2048}}, "elicit.rationale_max_tokens", "2048"),
        ({"engine": {"max_model_len": 700}}, "elicit.question_max_tokens", "700"),
        ({"roles": {"teacher": "nobody"}}, "roles.teacher", "nobody"),
        ({"roles": {"panel": ["nano_student", "nobody"]}}, "roles.panel", "nobody"),
        ({"roles": {"teacher": "nano_student"}}, "roles.teacher", "nano_student"),
        ({"models": {"aligned_teacher": HUB}}, "models.aligned_teacher", "hub"),
        ({"models": {"t": {**HUB, "revision": "main"}}}, "models.t.revision", "main"),
        ({"models": {"t": {"source": "hub", "id": "a/b"}}}, "models.t", "gpus"),
        ({"models": {"t": {"source": "folder", "path": "/m", "gpus": 1}}}, "models.t", "licence"),
        ({"models": {"t": {**FOLDER, "revision": "0" * 40}}}, "models.t", "revision"),
        ({"models": {"t": {**FOLDER, "path": ""}}}, "models.t.path", "''"),
        ({"licences": {"acknowledged": ["all"]}}, "licences.acknowledged.0", "'all'"),
        ({"models": {"t": HUB, "s": HUB}, "roles": {"teacher": "t", "student": "s", "panel":
          ["s", "nano_panel_1"]}}, "models", "['nano_student', 'nano_teacher']"),
        ({"models": {"nano_panel_9": {"source": "nano"}}, "roles": {"panel":
          ["nano_student", "nano_panel_9"]}}, "nano.panel", "nano_panel_1"),
        ({"arms": {"vanilla": ARM}}, "arms.vanilla", "aligned"),
        ({"arms": {"a": {**ARM, "rationales": "drafts"}}}, "arms.a.select", "None"),
        ({"arms": {"arte": {"select": "random"}}}, "arms.arte.select", "random"),
        ({"arms": {"random": {"questions": "aligned"}}}, "arms.random.questions", "aligned"),
        ({"nano": {"panel": {"other": 0.5}}}, "nano.panel", "other"),
        ({"nano": {"heads": 3}}, "nano.heads", "3"),
        ({"nano": {"context": 10000}}, "nano.context", "10000"),
        ({"data": {"source": "github"}}, "nano.corpus", "generators"),
        ({"jobs": {"score": 0}}, "jobs.score", "0"),
        ({"finetune": {"seeds": []}}, "finetune.seeds", "[]"),
        ({"align": {"mode": "qlora"}}, "align.mode", "qlora"),
        ({"align": {"launch": {"fsdp": {"fsdp_version": 2}}}}, "align.launch.fsdp", "2"),
        ({"align": {"launch": {"fsdp": {"version": 2}}}}, "align.launch.fsdp", "version"),
        ({"finetune": {"launch": {"num_processes": 0}}}, "finetune.launch.num_processes", "0"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_refusal_names_key_and_value(changes, key, found):
    error = refusal(changes)
    assert error.where == f"config key {key}"
    assert found in error.found
    assert error.expected
    assert error.remedy


def test_the_miniatures_are_those_that_have_generators():
    from arte.mini.bbh_tasks import GENERATORS

    assert set(MINIATURES) == set(GENERATORS)


def leaves(schema: dict, path: str = "") -> list[str]:
    """Dotted names of every leaf of the schema; a pattern's keys stand as <name>."""
    branches = {}
    for part in (schema.get("else", {}).get("then", {}), schema.get("then", {}), schema):
        branches |= part.get("properties", {})
    patterns = list(schema.get("patternProperties", {}).values())
    branches |= {"<name>": patterns[0]} if patterns else {}
    below = [(name, part) for name, part in branches.items() if isinstance(part, dict)]
    if not below:
        return [path]
    return [leaf for name, part in below for leaf in leaves(part, f"{path}.{name}".lstrip("."))]


def test_the_readme_explains_every_key():
    text = (ROOT / "config/README.md").read_text()
    documented = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")}
    keys = {leaf.removesuffix(".<name>") if "panel" in leaf else leaf for leaf in leaves(SCHEMA)}
    assert keys <= documented
    assert documented - keys <= {path.stem for path in PRESETS}


def test_missing_bbh_files_are_counted_and_the_first_is_named(tmp_path):
    (tmp_path / "snarks.json").touch()
    data = {"source": "folder", "folder": str(tmp_path), "subtasks": ["snarks"]}
    with pytest.raises(ArteError, match=r"(?s)1 of them missing.*snarks\.txt.*data\.folder"):
        check_files({"data": data, "models": {}})
    check_files({"data": {**data, "source": "github"}, "models": {}})
