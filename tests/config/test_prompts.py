"""Prompt sets and techniques that a config names: several live in one checkout."""

import shutil

import pytest
import yaml
from checkout import copy_checkout
from configs import DEFAULT, ROOT, merged, refusals
from dryrun import DryRuns

from arte.config.check import checked
from arte.config.tasks import TAUGHT


@pytest.fixture
def own(tmp_path):
    """A copy of the prompts with one more technique, for the subtasks of preset smoke."""
    folder = tmp_path / "prompts"
    shutil.copytree(ROOT / "resources/prompts", folder)
    for task in ("boolean_expressions", "hyperbaton"):
        (folder / task / "mine.md").write_text("Think twice.\n")
    return folder


def changes(own, *techniques: str) -> dict:
    tasks = ["boolean_expressions", "hyperbaton"]
    return {
        "prompts": str(own),
        "elicit": {"techniques": [*techniques]},
        "data": {"subtasks": tasks},
    }


def test_any_technique_with_files_is_accepted(own):
    config = checked(merged(DEFAULT, changes(own, "mine", "steps")))
    assert config["elicit"]["techniques"] == ["mine", "steps"]


@pytest.mark.parametrize("name", ["hyperbaton/mine.md", "question.md", "hyperbaton/task.yaml"])
def test_a_missing_file_is_named(own, name):
    (own / name).unlink()
    (error,) = refusals(changes(own, "mine", "steps"))
    assert str(own / name) in error.found
    assert "prompts and elicit.techniques" in error.where


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    (error,) = refusals({"prompts": str(tmp_path / "none")})
    assert "missing" in error.found


@pytest.mark.parametrize("name", ["naive"])
def test_a_prompt_that_asks_for_no_technique_is_none(name):
    errors = refusals({"elicit": {"techniques": [name, "steps"]}})
    assert any("elicit.techniques" in error.where for error in errors)


def test_nano_models_learn_from_the_techniques_of_the_miniatures(own):
    (own / "hyperbaton/options.md").unlink()
    (error,) = refusals(changes(own, "mine", "steps"))
    assert "options.md" in error.found
    assert len(TAUGHT) == 4


def test_two_prompt_sets_and_an_own_technique_run_from_one_checkout(own, tmp_path):
    tree = copy_checkout(tmp_path / "arte")
    file = tree / "mine.yaml"
    mine = changes(own, "mine", "steps") | {"ood": {"benchmarks": [], "transfer": []}}
    file.write_text(yaml.safe_dump(mine))
    with DryRuns() as dry_run:
        status, output = dry_run(tree, "config/presets/smoke.yaml", file)
        assert status == 0, output[-3000:]
        assert str(own / "hyperbaton/mine.md") in output
        assert "resources/prompts" not in output.partition("rule plot_figure1")[0]
        status, output = dry_run(tree, "config/presets/smoke.yaml")
        assert status == 0
        assert str(own) not in output
