"""The preset pretrained, made small: real weights, real files, every stage."""

import json
from pathlib import Path

import pytest
import yaml
from checkout import ROOT, copy_checkout, snakemake, tables

pytestmark = pytest.mark.pipeline
DATA = ROOT.parent / "shared/data"
PRESET = ROOT / "config/presets/pretrained.yaml"
WEIGHTS = Path(yaml.safe_load(PRESET.read_text())["models"]["smollm2"]["path"]).expanduser()
SUBTASKS = ("multistep_arithmetic_two", "navigate")
ITEMS, DRAFTS, TECHNIQUES = 2, 2, 4
ARMS = ("original_teacher", "arte")
SMALL = {
    "data": {
        "source": "folder",
        "folder": str(DATA / "bbh"),
        "bigbench": {"source": "folder", "folder": str(DATA / "bigbench")},
        "subtasks": list(SUBTASKS),
        "test_items": ITEMS,
        "validation_items": 4,
    },
    "elicit": {"questions": DRAFTS, "question_max_tokens": 150, "rationale_max_tokens": 48},
    "prefer": {"preference_items": ITEMS, "max_tokens": 48, "irt": {"steps": 20}},
    "gates": {"calls": 0},  # what so few calls yield depends on how a processor rounds
    "pairs": {"question_pairs": 1},
    "tailor": {"questions": DRAFTS},
    "arms": dict.fromkeys(("rationale_only", "question_only", "random", "task_consistent")),
    "finetune": {"sft": {"num_train_epochs": 1}},
    "evaluate": {"max_tokens": 48},
}


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    """The results of a finished run."""
    if not DATA.is_dir():
        pytest.skip("the public files of BBH and BIG-bench are not in ../shared/data")
    if not WEIGHTS.is_file():
        pytest.skip(f"{WEIGHTS} is absent: make weights")
    tree = copy_checkout(tmp_path_factory.mktemp("pretrained") / "arte")
    (tree / "small.yaml").write_text(yaml.safe_dump(SMALL))
    snakemake(tree, "small.yaml", "--cores", "2", preset="pretrained")
    return tree / "results/pretrained"


def test_every_question_has_all_rationales_and_every_rationale_its_answers(results):
    questions, rationales = (
        tables(results / "elicit" / each) for each in ("questions", "rationales")
    )
    assert set(questions["subtask"]) == set(SUBTASKS)
    assert rationales.height == questions.height * TECHNIQUES
    assert tables(results / "prefer/outputs").height == rationales.height * ITEMS


def test_students_of_all_arms_answer_all_items_in_both_modes(results):
    for arm in ("vanilla", *ARMS):
        answers = tables(results / f"evaluate/smollm2/{arm}/0")
        assert answers.group_by("subtask", "shots").len()["len"].to_list() == [ITEMS] * 4
        assert set(answers["finish_reason"]) <= {"stop", "eos", "length"}


def test_students_are_adapters_that_know_their_model(results):
    for arm in ARMS:
        folder = results / f"students/smollm2/{arm}/0"
        base = folder / json.loads((folder / "base.json").read_text())["base"]
        assert base.resolve() == results / "models/smollm2"
        assert (folder / "adapter_model.safetensors").stat().st_size < WEIGHTS.stat().st_size / 5


def test_validation_items_are_of_big_bench_or_our_programs_and_no_test_items(results):
    report = json.loads((results / "data/report.json").read_text())
    assert report["overlap"] == 0
    origin = json.loads((results / "data/navigate/origin.json").read_text())
    assert origin["from"] == {"BIG-bench": 4, "generated": 0, "held out": 0}
    origin = json.loads((results / "data/multistep_arithmetic_two/origin.json").read_text())
    assert origin["from"] == {"BIG-bench": 0, "generated": 4, "held out": 0}


def test_nothing_is_stale(results):
    output = snakemake(results.parents[1], "small.yaml", "--dry-run", preset="pretrained")
    assert "Nothing to be done" in output
