"""Every preset's whole graph of jobs, built offline: complete, and of the size that it asks for."""

import functools
import os
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import tiny_gguf
import yaml
from checkout import copy_checkout
from configs import PRESETS, ROOT, preset
from dry_jobs import PLUGINS, nothing_known

from arte.plan.commands import plan
from arte.plan.jobs import read_jobs

HUB = ("paper", "single-gpu")
MODEL_RULES = "^(train|check_gates|collect|draft|score|align|tailor|transfer|finetune|evaluate)"
"""Rules whose jobs load a model begin so."""


def used(roles: dict) -> list[str]:
    """Every model with a role."""
    return [roles["teacher"], roles["student"], *roles["panel"], *roles["unseen"]]


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """A copy of the checkout, with files that bbh-local and pretrained look for.

    The tree is the home directory, too. Of the files only a header is read.
    """
    tree = copy_checkout(tmp_path_factory.mktemp("presets") / "arte")
    for name in preset("bbh-local")["data"]["subtasks"]:
        for path in (f"{name}.json", f"cot-prompts/{name}.txt"):
            file = tree / "resources/bbh" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
    weights = tree / preset("pretrained")["models"]["smollm2"]["path"].replace("~/", "")
    weights.parent.mkdir(parents=True)
    tiny_gguf.save(weights)
    return tree


def dry_run(tree: Path, *configs: str, target: str = "all") -> subprocess.CompletedProcess:
    """A dry run that cannot reach the network; its stdout holds everything that it said.

    Its jobs are in a file of the tree that has the name of the last config file and the target's.
    """
    jobs = tree / f"{Path(configs[-1]).stem}-{target}.jobs"
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
    environment = {key: value for key, value in os.environ.items() if key != "HF_TOKEN"} | nowhere
    environment["HOME"] = str(tree)
    command = [sys.executable, "-m", "snakemake", target, "--dry-run", "--cores", "1"]
    return subprocess.run(
        [*command, "--logger", "jobs", "--logger-jobs-path", str(jobs), "--configfile", *configs],
        cwd=tree,
        env=environment | {"PYTHONPATH": str(PLUGINS)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@functools.cache
def said(tree: Path, name: str, target: str = "all") -> str:
    """What a preset's dry run says."""
    done = dry_run(tree, f"config/presets/{name}.yaml", target=target)
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def jobs_of(tree: Path, name: str) -> dict[str, int]:
    """Jobs by rule of a preset's dry run."""
    stats = said(tree, name).partition("Job stats:")[2].partition("\n\n")[0]
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", stats, re.MULTILINE)}


def outputs_of(text: str) -> dict[str, str]:
    """The rule of each job's outputs in a dry run."""
    blocks = re.findall(r"^(?:local)?rule (\w+):\n((?: +.*\n)+)", text, re.MULTILINE)
    outputs = ((rule, re.search(r"^ +output: (.*)", block, re.MULTILINE)) for rule, block in blocks)
    return {output[1]: rule for rule, output in outputs if output}


@pytest.mark.parametrize("name", [path.stem for path in PRESETS])
def test_fetch_makes_exactly_what_the_run_takes_from_the_network(tree, name):
    whole = outputs_of(said(tree, name))
    wanted = {output: rule for output, rule in whole.items() if rule.startswith("fetch_")}
    assert outputs_of(said(tree, name, "fetch")) == wanted
    counted = sum(n for rule, n in jobs_of(tree, name).items() if rule.startswith("fetch_"))
    assert len(wanted) == counted
    assert bool(wanted) == (name in {*HUB, "bbh-local", "pretrained"})


@pytest.mark.parametrize("name", [path.stem for path in PRESETS])
def test_every_job_of_a_preset_has_its_inputs(tree, name, capsys):
    start = time.monotonic()
    jobs = jobs_of(tree, name)
    with capsys.disabled():
        seconds = time.monotonic() - start
        print(f"\n{name}: {jobs['total']} jobs, dry run of {seconds:.1f} s")
    config = preset(name)
    arms, seeds = len(config["arms"]), len(config["finetune"]["seeds"])
    subtasks, shards = len(config["data"]["subtasks"]), config["jobs"]
    assert jobs["total"] == sum(count for rule, count in jobs.items() if rule != "total")
    unseen, transfer = len(config["roles"]["unseen"]), len(config["ood"]["transfer"])
    assert jobs["finetune_student"] == (arms + 2 * unseen + 2 * transfer) * seeds
    panel, rounds = len(config["roles"]["panel"]), config["rounds"]
    for stage, models in (("respond", panel), ("score", rounds)):
        rule = {"respond": "collect_responses", "score": "score_rationales"}[stage]
        found = sum(count for name, count in jobs.items() if name.startswith(f"{rule}_"))
        assert found == models * min(shards[stage], subtasks)


@pytest.mark.parametrize("name", [path.stem for path in PRESETS])
def test_every_job_of_a_preset_that_loads_a_model_is_planned(tree, name):
    jobs = jobs_of(tree, name)
    found = plan(read_jobs(tree / f"{name}-all.jobs"), nothing_known())
    assert found.unplanned == []
    planned = Counter(one.job.rule for one in found.planned)
    loads = {rule: count for rule, count in jobs.items() if re.search(MODEL_RULES, rule)}
    assert planned == loads


@pytest.mark.parametrize("name", HUB)
def test_exactly_the_models_in_use_are_fetched(tree, name):
    jobs = jobs_of(tree, name)
    roles = preset(name)["roles"]
    assert jobs["fetch_model"] == len(set(used(roles)))


def test_without_its_acknowledgement_the_paper_preset_is_refused(tree):
    (tree / "config/none.yaml").write_text("licenses: { acknowledged: [] }\n")
    done = dry_run(tree, "config/presets/paper.yaml", "config/none.yaml")
    assert done.returncode == 1
    assert "1.b.v" in done.stdout
    assert "licenses.acknowledged" in done.stdout


def test_a_plan_is_printed_each_time_it_is_asked_for_and_starts_nothing(tree):
    command = [sys.executable, "-m", "snakemake", "plan", "--cores", "1", "--quiet", "all"]
    for _ in range(2):
        done = subprocess.run(
            [*command, "--configfile", "config/presets/paper.yaml"],
            cwd=tree,
            text=True,
            capture_output=True,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        assert "WARNING: finetune_student (gemma_7b)" in done.stdout
        assert re.search(r"^\| score_rationales .* 1.1 M ", done.stdout, re.MULTILINE)
    assert [path.name for path in (tree / "results/paper").iterdir()] == ["logs"]


@pytest.mark.parametrize("name", HUB)
def test_a_preset_of_hub_models_makes_every_table_of_the_paper(tree, name):
    config = preset(name)
    several = len(config["finetune"]["seeds"]) > 1
    assert jobs_of(tree, name)["make_table"] == 5  # Tables 2 to 6
    assert jobs_of(tree, name)["check_consistency"] == 1
    assert jobs_of(tree, name).get("check_aa", 0) == several
    assert (config["ood"]["test_items"], config["ood"]["questions"]) == (500, 2500)
    trained = config["tailor"]["questions"] * len(config["data"]["subtasks"])
    assert config["instructions"]["rows"] == trained  # as many as ARTE has
    calls = config["elicit"]["max_calls"] * config["elicit"]["questions_per_call"]
    assert calls > 2 * config["ood"]["questions"]


@pytest.mark.parametrize("name", HUB)
def test_a_preset_of_hub_models_pins_commits_and_takes_the_public_data(name):
    text = yaml.safe_load((ROOT / f"config/presets/{name}.yaml").read_text())
    assert text["data"]["source"] == "github"
    assert len(text["data"]["subtasks"]) == 27
    for model in text["models"].values():
        assert len(set(model["revision"])) > 8, "a placeholder, not a commit"


def test_the_single_gpu_preset_needs_no_permission():
    config = preset("single-gpu")
    models = [config["models"][name] for name in used(config["roles"])]
    assert {model["license"] for model in models} <= {"apache-2.0", "mit"}
    assert all(model["gpus"] == 1 for model in models)


def test_the_paper_preset_has_the_papers_hyperparameters():
    config = preset("paper")
    assert (config["elicit"]["questions"], config["tailor"]["questions"]) == (250, 250)
    assert len(config["elicit"]["techniques"]) == 4
    assert (config["data"]["validation_items"], config["prefer"]["preference_items"]) == (100, 40)
    assert config["pairs"]["question_pairs"] == 50
    dpo, sft = config["align"]["dpo"], config["finetune"]["sft"]
    processes = config["align"]["launch"]["num_processes"]
    assert processes * dpo["per_device_train_batch_size"] * dpo["gradient_accumulation_steps"] == 16
    assert (dpo["learning_rate"], sft["learning_rate"]) == (1e-7, 2e-5)
    assert (dpo["num_train_epochs"], sft["num_train_epochs"]) == (1, 1)
    assert (dpo["warmup_steps"], sft["warmup_steps"]) == (0.1, 0.03)
