"""What tables are made from, as the workflow and the plan read it."""

import subprocess
import sys

import pytest
import yaml
from configs import DEFAULT, PRESETS, ROOT, merged
from declared import OOD, SUBTASKS
from predicted import PUBLISHED

from arte.report.specs import SPECS, Evaluation, evaluations, shown

CONFIG = {
    "roles": {"student": "small", "unseen": ["large", "other"]},
    "data": {"subtasks": ["snarks", "navigate"]},
    "ood": {"benchmarks": ["piqa", "gsm8k", "arc_easy"], "transfer": ["piqa", "gsm8k"]},
    "arms": {
        "original_teacher": {},
        "random": {},
        "arte": {},
        "arte_round2": {},
        "tulu_v2": {"instructions": "tulu_v2"},
        "mine": {"instructions": "mine"},
    },
}


def test_a_table_is_made_from_its_own_students_arms_and_subtasks():
    found = {name: evaluations(spec, CONFIG) for name, spec in SPECS.items()}
    everything = Evaluation(["small"], ["vanilla", *CONFIG["arms"]], ["snarks", "navigate"])
    assert found == {
        "table2": [everything],
        "table3": [
            Evaluation(
                ["small"],
                ["vanilla", "original_teacher", "arte", "tulu_v2", "mine"],
                ["piqa", "gsm8k", "arc_easy"],
            )
        ],
        "table4": [
            Evaluation(["small"], ["transfer_original-piqa", "transfer_aligned-piqa"], ["piqa"]),
            Evaluation(["small"], ["transfer_original-gsm8k", "transfer_aligned-gsm8k"], ["gsm8k"]),
        ],
        "table5": [
            Evaluation(["large", "other"], ["original_teacher", "arte"], ["snarks", "navigate"])
        ],
        "table6": [everything],
    }


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
def test_every_arm_that_a_preset_trains_is_in_a_table(preset):
    config = merged(DEFAULT, yaml.safe_load(preset.read_text()) or {})
    arms = set(config["arms"])
    rows = [shown(SPECS[name], arms) for name in ("table2", "table6")]
    assert arms == {arm for table in rows for arm in table}


def test_the_workflow_can_read_what_tables_need_without_loading_what_makes_them():
    code = "import sys, arte.report.specs; print(*{'numpy', 'polars'} & sys.modules.keys())"
    path = {"PYTHONPATH": str(ROOT / "workflow/scripts")}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("spec", SPECS.values(), ids=lambda spec: spec.printed)
def test_a_specification_agrees_with_itself_and_with_what_is_printed(spec):
    assert len(set(spec.arms)) == len(spec.arms)
    compared = {spec.reference, *spec.best_of, *(arm for pair in spec.claims for arm in pair)}
    assert compared <= set(spec.arms)
    for column in spec.columns:
        known = {task.category for task in SUBTASKS.values()}
        assert set(column.values) <= (known if column.field == "category" else set(OOD))
    numbers = PUBLISHED[spec.printed]
    for shots, name in {0: "zero_shot", 3: "three_shot"}.items():
        if spec.printed_shots is None or shots in spec.printed_shots:
            rows = set(numbers.get(name, numbers)) - {"columns", spec.printed_delta}
            assert rows == {row.printed for row in spec.rows if row.printed}
