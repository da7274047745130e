"""Which rules rerun after an edit: the edit matrix, by dry runs on a finished run."""

import os
import random
import re
import shutil
import tempfile
import time
from pathlib import Path

import pytest
import yaml
from checkout import edited, snakemake

pytestmark = pytest.mark.pipeline
ARTE = Path("workflow/scripts/arte")
NOBODY = 65534
OWN_REASON = re.compile("Updated input files|Params have changed|Code has changed|Missing output")


def planned(tree: Path, via: tuple[str, ...] = ()) -> dict[str, str]:
    """Rules that would run, without job numbers, with the reasons of their jobs."""
    found: dict[str, str] = {}
    rule = ""
    for line in snakemake(tree, "--dry-run", via=via).splitlines():
        if match := re.match(r"(?:local)?rule (\w+?)(?:_\d+)?:$", line):
            rule = match.group(1)
        elif line.strip().startswith("reason:") and rule != "all":
            found[rule] = found.get(rule, "") + line
    return found


def stale(tree: Path) -> set[str]:
    """Rules with a job that is out of date by itself. A job that follows another's rerun is not
    looked at further: it gives only that as its reason. Figure 1 shows the workflow itself, so it
    follows every change of the configuration: it has a test of its own."""
    found = {rule for rule, reason in planned(tree).items() if OWN_REASON.search(reason)}
    return found - {"plot_figure1"}


def touch(tree: Path) -> None:
    """Give every source file the present time as its modification time."""
    for part in ("config", "resources", "workflow"):
        for path in (tree / part).rglob("*"):
            os.utime(path)


def reversed_keys(value):
    """The same mapping with its keys in the opposite order, at all levels."""
    if isinstance(value, dict):
        return {key: reversed_keys(value[key]) for key in reversed(value)}
    return value


def test_nothing_is_stale_after_a_run(finished):
    assert stale(finished) == set()


def test_touching_every_source_reruns_nothing(finished):
    touch(finished)
    assert stale(finished) == set()


def test_editing_a_module_that_no_rule_of_the_run_imports_reruns_nothing(finished):
    with edited(finished / ARTE / "models/fetch_model.py"):
        assert stale(finished) == set()


@pytest.mark.parametrize(
    ("module", "rules"),
    [
        ("prefer/pairs", {"select_pairs"}),
        ("training/common", {"align_teacher", "finetune_student"}),
        ("prefer/scorers/icl", {"score_rationales", "collect_consistency_outputs"}),
        ("prefer/scorers/loglik", set()),
        ("prefer/scorers/table", {"plot_figure2", "measure_technique_shift"}),
        ("engine/vllm", set()),
        ("prefer/irt", {"fit_irt"}),
        ("report/bbh", {"make_table", "make_table1", "make_table7"}),
    ],
)
def test_editing_a_module_reruns_exactly_its_importers(finished, module, rules):
    with edited(finished / ARTE / f"{module}.py"):
        assert stale(finished) == rules


def test_undoing_an_edit_reruns_nothing(finished):
    everything = {"generate_bbh", "train_nano_student", "align_teacher", "make_table"}
    with edited(finished / ARTE / "core/io.py"):
        assert everything <= set(planned(finished))
    assert stale(finished) == set()


def test_reordering_the_keys_of_the_config_reruns_nothing(finished):
    for path in (finished / "config/config.yaml", finished / "config/presets/smoke.yaml"):
        turned = reversed_keys(yaml.safe_load(path.read_text()))
        with edited(path, yaml.safe_dump(turned, sort_keys=False)):
            assert stale(finished) == set()


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ("beta: 0.1", "beta: 0.2", {"align_teacher"}),
        (
            "rationale_temperature: 0.0\n\narms",
            "rationale_temperature: 0.1\n\narms",
            {"tailor_rationales", "transfer_rationales"},
        ),
        ("bin_words: 10", "bin_words: 11", {"plot_figure2"}),
        (
            "prior_sd: 0.5",
            "prior_sd: 0.4",
            {"fit_irt"},
        ),
    ],
)
def test_changing_a_value_reruns_exactly_the_rule_that_reads_it(finished, old, new, rules):
    path = finished / "config/config.yaml"
    text = path.read_text()
    assert text.count(old) == 1
    with edited(path, text.replace(old, new)):
        assert stale(finished) == rules


def test_figure_1_follows_the_rules_and_the_configuration(finished):
    assert "plot_figure1" not in planned(finished)
    rule = finished / "workflow/rules/align/teacher.smk"
    with edited(rule, rule.read_text() + "\n# edited\n"):
        assert set(planned(finished)) == {"plot_figure1", "write_page"}  # it shows both
    path = finished / "config/config.yaml"
    with edited(path, path.read_text().replace("bin_words: 10", "bin_words: 11")):
        follow = {"judge_every_claim", "write_page"}
        assert set(planned(finished)) == {"plot_figure1", "plot_figure2", *follow}


def test_swapping_two_values_is_seen(finished):
    path = finished / "config/presets/smoke.yaml"
    text = path.read_text()
    swapped = text.replace("student_tokens: 300000", "student_tokens: 900000").replace(
        "teacher_tokens: 900000", "teacher_tokens: 300000"
    )
    with edited(path, swapped):
        assert stale(finished) == {"train_nano_student"}
        assert "train_nano_teacher" in planned(finished)


def test_a_prompt_of_a_subtask_that_the_run_lacks_reruns_nothing(finished):
    path = finished / "resources/prompts/web_of_lies/task.yaml"
    with edited(path, path.read_text().rstrip() + "."):
        assert stale(finished) == set()


def test_a_prompt_of_the_run_reruns_what_reads_it(finished):
    path = finished / "resources/prompts/hyperbaton/task.yaml"
    with edited(path, path.read_text().rstrip() + "."):
        assert "train_nano_student" in stale(finished)


def shuffle_times(tree: Path) -> None:
    """Give every file and folder a time of its own in the last hour, in random order."""
    rng, now = random.Random(0), time.time()
    for path in tree.rglob("*"):
        at = now - rng.uniform(0, 3600)
        os.utime(path, (at, at))


def test_a_tree_copied_elsewhere_with_times_in_any_order_reruns_nothing(finished, tmp_path):
    copy = tmp_path / "unpacked"
    shutil.copytree(finished, copy, copy_function=shutil.copyfile)
    shuffle_times(copy)
    assert planned(copy) == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run a command as another user")
def test_nothing_is_stale_for_another_user_who_owns_a_copy_elsewhere(finished):
    # setpriv keeps the right to read root's files, for Python itself may be installed in one's home
    reads = [f"--{kind}-caps=+dac_read_search" for kind in ("inh", "ambient")]
    user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *reads]
    with tempfile.TemporaryDirectory() as folder:  # pytest's own are for one user only
        home, copy = Path(folder), Path(folder, "unpacked")
        shutil.copytree(finished, copy, copy_function=shutil.copyfile)
        shuffle_times(copy)
        for path in (home, *home.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
        assert planned(copy, via=(*user, "env", f"HOME={home}")) == {}
