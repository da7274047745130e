"""What the profile says, and which jobs it says it to; no Slurm needed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
import yte

ROOT = Path(__file__).parents[2]
RULES = "\n".join(file.read_text() for file in (ROOT / "workflow/rules").rglob("*.smk"))
BLOCKS = re.split(r"^ *rule(?= \w+:|:$)", RULES, flags=re.MULTILINE)
# a local rule's jobs are never submitted
SUBMITTED = [block for block in BLOCKS if "localrule: True" not in block]
NAMED = {found[1] for block in SUBMITTED if (found := re.match(r" (\w+):", block))}
NUMBERED = set(re.findall(r'f"(\w+)_\{number\}"', RULES))
SITE = yaml.safe_load((ROOT / "slurm/site.example.yaml").read_text())


@pytest.fixture
def profile(monkeypatch, tmp_path):
    """A function from changes of the example site to the profile as Snakemake gets it."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PATH", os.environ["PATH"])  # put back what accounting: false prepends

    def read(**changes) -> dict:
        site = tmp_path / "site.yaml"
        site.write_text(yaml.safe_dump(SITE | changes))
        monkeypatch.setenv("ARTE_SITE", str(site))
        return yte.process_yaml((ROOT / "slurm/config.yaml").read_text(), require_use_yte=True)

    return read


def test_every_rule_that_is_not_numbered_has_its_resources(profile):
    assert set(profile()["set-resources"]) == NAMED
    assert NUMBERED
    assert set(profile()["default-resources"]) == {"mem_mb", "runtime"}


def test_what_endangers_outputs_or_hangs_is_off(profile):
    settings = profile()
    assert settings["slurm-status-command"] == "squeue"
    assert settings["slurm-requeue"]
    assert settings["rerun-incomplete"]
    assert settings["retries"] > 0
    assert not [key for key in settings if "array" in key or "keep-incomplete" in key]
    assert "service(" not in RULES


def test_inputs_are_compared_by_content_as_without_the_profile(profile):
    default = yaml.safe_load((ROOT / "workflow/profiles/default/config.yaml").read_text())
    shared = set(default) & set(profile())
    assert "max-checksum-file-size" in shared
    assert {key: default[key] for key in shared} == {key: profile()[key] for key in shared}


def test_groups_hold_short_jobs_without_gpus_only(profile):
    settings = profile(max_runtime=10_000)
    for rule in settings["groups"]:
        assert eval_size(settings["set-resources"][rule]["runtime"]) <= 60
    assert set(settings["group-components"]) <= set(settings["groups"].values())
    with_gpus = re.findall(
        r"^ *rule (\w+):(?:(?!\n *rule\b).)*?gpu=(?:lambda w: )?gpus", RULES, re.DOTALL | re.M
    )
    assert {"align_teacher", "finetune_student"} <= set(with_gpus)
    assert not set(with_gpus) & set(settings["groups"])


def eval_size(expression: str) -> int:
    """The time limit of a first attempt, from min(MINUTES * attempt, LIMIT)."""
    return int(re.fullmatch(r"min\((\d+) \* attempt, \d+\)", expression).group(1))


def test_no_time_limit_exceeds_that_of_the_partitions(profile):
    assert profile(max_runtime=90)["default-resources"]["runtime"] == "min(240 * attempt, 90)"


def test_the_site_has_the_last_word(profile):
    rules = {"align_teacher": {"mem_mb": 256000}, "score_rationales_0": {"qos": "long"}}
    settings = profile(rules=rules, generation={"mem_mb": 64000}, slurm_account="1234")
    assert settings["set-resources"]["align_teacher"]["mem_mb"] == 256000
    assert "runtime" in settings["set-resources"]["align_teacher"]
    assert settings["set-resources"]["score_rationales_0"] == {"qos": "long"}
    assert settings["default-resources"]["mem_mb"] == 64000
    assert settings["default-resources"]["slurm_account"] == "'1234'"


def test_a_misspelt_key_of_the_site_is_told(profile):
    with pytest.raises(Exception, match="gpu_modle"):
        profile(gpu_modle="a100")


def test_sacct_is_stood_in_for_only_where_accounting_is_off(profile):
    profile(accounting=True)
    assert "no-accounting" not in os.environ["PATH"]
    profile(accounting=False)
    folder = Path(os.environ["PATH"].split(os.pathsep)[0])
    assert os.access(folder / "sacct", os.X_OK)


def resources(*args: str) -> dict[str, set[str]]:
    """Of each rule of the smoke preset, what a dry run says its jobs ask for, made or not."""
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--forceall", "--nolock"]
    command += ["--configfile", "config/presets/smoke.yaml"]
    done = subprocess.run([*command, *args], cwd=ROOT, text=True, capture_output=True, check=True)
    found: dict[str, set[str]] = {}
    for rule, asked in re.findall(
        r"^(?:local)?rule (\w+):.*?^ +resources: ([^\n]*)", done.stdout + done.stderr, re.M | re.S
    ):
        found.setdefault(rule, set()).update(asked.split(", "))
    return found


@pytest.mark.pipeline
def test_gpu_model_and_partition_reach_only_jobs_that_ask_for_gpus():
    names = ["slurm_partition='cpu'", "gpu_partition='gpu'", "gpu_model='fake'"]
    asked = resources("--default-resources", *names, "--set-resources", "align_teacher:gpu=2")
    assert {"gpu=2", "gpu_model=fake", "slurm_partition=gpu"} <= asked.pop("align_teacher")
    assert {"draft_questions_0", "finetune_student", "fit_irt", "generate_bbh"} <= set(asked)
    for rule, found in asked.items():
        assert "slurm_partition=cpu" in found, rule
        assert not {"gpu_model=fake", "slurm_partition=gpu"} & found, rule


@pytest.mark.pipeline
def test_without_a_profile_no_rule_asks_for_a_partition():
    asked = resources()
    assert "align_teacher" in asked
    assert not {name for found in asked.values() for name in found if "partition" in name}
