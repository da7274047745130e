"""arte.plan.commands: the work of real dry runs, against numbers worked out by hand."""

import importlib.util
import json
from dataclasses import replace

import pytest
from checkout import copy_checkout
from dry_jobs import list_jobs, nothing_known, preset_jobs, preset_plan, stage

from arte.plan.commands import COMMANDS, plan, stages
from arte.plan.jobs import Job

TEACHER = "llama3_70b_instruct"
LEFT = 6511 - 3 * 100 - 95 - 53
"""Test items of the paper preset: 27 public files, less what BIG-bench lacks for validation."""


def total(name: str, rule: str, count: str = "requests") -> dict[str, int]:
    """Sums over the jobs of a rule, by model."""
    return {
        model: sum(getattr(one.work, count) for one in jobs)
        for model, jobs in stage(name, rule).items()
    }


def jobs(name: str, rule: str) -> dict[str, int]:
    """Jobs of a rule, by model."""
    return {model: len(found) for model, found in stage(name, rule).items()}


@pytest.mark.parametrize("name", ["paper", "smoke"])
def test_every_job_that_uses_a_model_is_planned(name):
    """Downloads cost no device time, and the page of a run asks no model."""
    found, all_jobs = preset_plan(name), preset_jobs(name)
    assert found.unplanned == []
    free = ("fetch_model", "write_page")
    files = {job.outputs for job in all_jobs if job.stage not in free}
    models = {
        job.outputs
        for job in all_jobs
        if any(path.endswith("fingerprint.json") for path in job.inputs + job.outputs)
    }
    assert {one.job.outputs for one in found.planned} == models & files


def test_the_paper_preset_asks_for_the_papers_numbers_of_27_files():
    """6,750 questions, 27,000 drafts, 1,080,000 scoring generations, 8,100 pairs."""
    assert total("paper", "draft_questions") == {TEACHER: 27 * 63}  # four of five are kept
    assert total("paper", "draft_rationales") == {TEACHER: 27 * 250 * 4}
    assert total("paper", "score_rationales") == {"gemma_2b": 1_080_000}
    assert jobs("paper", "score_rationales") == {"gemma_2b": 8}
    assert total("paper", "align_teacher") == {TEACHER: 27 * (250 + 50)}
    assert total("paper", "align_teacher", "steps") == {TEACHER: 507}  # 506 batches of 16, one of 4
    assert total("paper", "collect_consistency_outputs") == {"gemma_2b": 27 * 10 * 4 * 100}


def test_students_learn_from_arms_instruction_sets_and_data_of_their_own_benchmark():
    """Ten arms of 6,750 rows; two of them again for unseen students; 2,500 rows of 4 x 2 arms."""
    unseen = dict.fromkeys(("gemma_7b", "qwen1_5_1_8b"), 2 * 6750)
    assert total("paper", "finetune_student") == {"gemma_2b": 10 * 6750 + 8 * 2500, **unseen}
    steps = total("paper", "finetune_student", "steps")
    assert steps["gemma_2b"] == 10 * 422 + 8 * 157  # batches of 16, the last ones of 14 and 4


def test_models_are_tested_on_what_is_not_held_out():
    panel = dict.fromkeys(("gemma_2b", "gemma_7b", "qwen1_5_1_8b"), 27 * 100 * 4)
    assert total("paper", "collect_responses") == panel
    unseen = dict.fromkeys(("gemma_7b", "qwen1_5_1_8b"), 2 * 2 * LEFT)
    assert total("paper", "evaluate_student") == {"gemma_2b": 11 * 2 * LEFT, **unseen}
    assert total("paper", "evaluate_student_ood") == {"gemma_2b": 7 * 5 * 500 * 2}


def test_both_teachers_write_for_the_arms_the_technique_shift_and_the_benchmarks_outside():
    """question_only, the shift; rationale_only (and the shift), arte."""
    assert total("paper", "tailor_rationales") == {TEACHER: 13_500, "aligned_teacher": 13_500}
    both = total("paper", "transfer_rationales")
    assert both == {TEACHER: 10_000, "aligned_teacher": 10_000}


def test_a_later_round_begins_with_the_aligned_teacher():
    assert jobs("smoke", "align_teacher") == {"nano_teacher": 1, "aligned_teacher": 1}
    assert jobs("smoke", "draft_rationales") == {"nano_teacher": 1, "aligned_teacher": 1}
    assert total("smoke", "score_rationales") == {"nano_student": 2 * 2 * 4 * 4 * 6}
    assert total("smoke", "finetune_student")["nano_neox"] == 2 * 8


def test_nano_models_are_trained_on_whole_batches_and_gated():
    """4 rows of 512 tokens a step."""
    assert total("smoke", "train_nano_student", "steps") == {"nano_student": 300_000 // 2048}
    assert total("smoke", "train_nano_unseen", "steps") == {"nano_neox": 48}
    assert jobs("smoke", "check_gates") == {"nano_teacher": 1, "nano_student": 1}
    assert not [one for one in preset_plan("paper").planned if "nano" in one.job.rule]


@pytest.mark.parametrize("module", COMMANDS)
def test_every_entry_is_for_a_module_that_exists(module):
    assert importlib.util.find_spec(module)


def test_the_rows_of_a_plan_are_in_the_order_of_a_run():
    rows = [row.name for row in stages(preset_plan("smoke"), preset_jobs("smoke"))]
    order = ["train_nano_student", "collect_responses", "draft_questions", "draft_rationales"]
    order += ["score_rationales", "align_teacher", "tailor_questions", "finetune_student"]
    assert [rows.index(name) for name in order] == sorted(rows.index(name) for name in order)
    assert rows[-1] == "evaluate_student"


def test_scores_without_items_read_every_draft_once_and_write_nothing():
    """Of one of the paper's scoring jobs, the drafts alone: prefix shared by all of a subtask."""
    known, jobs = nothing_known(), preset_jobs("paper")
    score = next(job for job in jobs if job.stage == "score_rationales")
    plan(jobs, known)
    cfg = {key: value for key, value in score.cfg.items() if key != "max_tokens"}
    options = {key: values for key, values in score.options.items() if key != "preference"}
    bare = replace(score, options=options | {"cfg": [json.dumps(cfg)]})
    work = COMMANDS[score.module](bare, known)
    n = len(cfg["subtasks"])
    owns = [known.lengths(name) for name in cfg["subtasks"]]
    assert (work.requests, work.written) == (n * 1000, 0)
    chars = sum(1000 * (own.question + own.rationale) + own.student(0) for own in owns)
    assert work.read == pytest.approx(chars / work.model.chars_per_token)


def recast(job, known, change):
    """The work of a job with its config changed in place."""
    cfg = job.cfg
    change(cfg)
    return COMMANDS[job.module](
        replace(job, options=job.options | {"cfg": [json.dumps(cfg)]}), known
    )


SAID = {"chat": {"chat": "on", "system": "Be kind."}}
CHATS = {
    "draft_rationales": lambda cfg: cfg["engine"].update(SAID),
    "score_rationales": lambda cfg: cfg["engine"].update(SAID),
    "align_teacher": lambda cfg: cfg.update(
        chat=dict.fromkeys(("question", "rationale"), *SAID.values())
    ),
    "finetune_student": lambda cfg: cfg.update(SAID),
}
"""Rules that put prompts in turns, each in its own place of the config."""


@pytest.mark.parametrize("rule", CHATS)
def test_turns_add_their_marks_and_system_text_to_every_prompt(rule):
    known, jobs = nothing_known(), preset_jobs("paper")
    plan(jobs, known)
    job = next(job for job in jobs if job.stage == rule)
    bare = recast(
        job, known, lambda cfg: (cfg.pop("chat", 0), cfg.get("engine", {}).pop("chat", 0))
    )
    turns = recast(job, known, CHATS[rule])
    texts = bare.requests * (2 if rule == "align_teacher" else 1)
    added = known.assumed["lengths"]["chat_tokens"] + len("Be kind.") / bare.model.chars_per_token
    assert turns.prompt - bare.prompt == pytest.approx(texts * added)
    assert turns.written == bare.written
    assert (turns.requests, turns.steps) == (bare.requests, bare.steps)


def test_only_pairs_that_are_put_in_turns_have_their_marks():
    known, jobs = nothing_known(), preset_jobs("paper")
    plan(jobs, known)
    align = next(job for job in jobs if job.stage == "align_teacher")
    bare = recast(align, known, lambda cfg: cfg.pop("chat"))
    some = recast(align, known, lambda cfg: cfg.update(chat={"question": {"chat": "on"}}))
    marks = known.assumed["lengths"]["chat_tokens"]
    assert some.prompt - bare.prompt == pytest.approx(2 * 27 * 50 * marks)


NEW_RULE = """
include: "Snakefile"


rule critique:
    input:
        questions="<results>/elicit/questions/hyperbaton.parquet",
        model=model_file(config["roles"]["student"]),
    output:
        "<results>/critique/hyperbaton.parquet",
    params:
        model=subpath(input.model, parent=True),
        cfg=canonical(
            subtasks=["hyperbaton"],
            engine=engine_cfg(config["roles"]["student"]),
            techniques=["steps", "direct"]
        ),
    shell:
        "python -m arte.{module} --cfg {{params.cfg:q}} --model {{params.model}} "
        "--questions {{input.questions}} --output {{output}}"


rule wanted:
    default_target: True
    input:
        "<results>/critique/hyperbaton.parquet",
"""


@pytest.mark.parametrize("module", ["elicit.rationales", "critique"])
def test_a_new_rule_is_planned_by_its_module_and_an_unknown_module_is_said(module, tmp_path):
    tree = copy_checkout(tmp_path / "arte")
    new = tree / "workflow/new.smk"
    new.write_text(NEW_RULE.format(module=module))
    found = plan(list_jobs(tree, "config/presets/smoke.yaml", rules=new), nothing_known())
    planned = [one.work.requests for one in found.planned if one.job.rule == "critique"]
    if module == "critique":
        assert planned == []
        assert [(job.rule, why.split()[3]) for job, why in found.unplanned] == [
            ("critique", "arte.critique")
        ]
    else:
        assert (planned, found.unplanned) == ([4 * 2], [])


def test_what_reads_a_file_of_an_unknown_module_is_not_planned_either():
    train = Job("x", "arte.finetune.student", (), {"train": ["new.parquet"]})
    found = plan([train], nothing_known())
    assert (found.planned, found.unplanned) == ([], [(train, "unknown: rows of new.parquet")])
