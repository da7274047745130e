"""Rules that join keys: both keys are named, and nothing runs."""

import pytest
from configs import DEFAULT, HUB, PRESETS, ROOT, at, hub, merged, preset, refusals, value_at

from arte.config.arms import learner
from arte.config.check import checked

LIMITS = ("evaluate.max_tokens", "prefer.max_tokens", "elicit.question_max_tokens")


def refusal(changes: dict, *keys: str):
    """The one error of `changes`, which names all these keys."""
    (error,) = refusals(changes)
    assert all(key in str(error) for key in keys), str(error)
    return error


@pytest.mark.parametrize("key", LIMITS)
@pytest.mark.parametrize("above", [0, 1, 2048])
def test_a_limit_that_leaves_no_room_for_a_prompt_is_refused(key, above):
    length = DEFAULT["engine"]["max_model_len"]
    refusal(at(key, length + above), key, f"engine.max_model_len, which is {length}")
    checked(merged(DEFAULT, at(key, length - 1)))


def test_a_model_length_below_every_limit_is_refused_for_each():
    errors = refusals({"engine": {"max_model_len": 100}})
    assert len(errors) == 4
    assert all("engine.max_model_len, which is 100" in error.expected for error in errors)


@pytest.mark.parametrize("key", ["evaluate.max_tokens", "prefer.max_tokens"])
def test_a_student_may_answer_as_long_as_the_rationales_it_learns_from(key):
    longest = DEFAULT["elicit"]["rationale_max_tokens"]
    refusal(at(key, longest - 1), key, f"elicit.rationale_max_tokens, which is {longest}")
    checked(merged(DEFAULT, at(key, longest)))


@pytest.mark.parametrize("name", ["paper", "single-gpu"])
def test_presets_of_real_models_have_room_for_published_exemplars(name):
    """The longest exemplar of BBH has 758 tokens, the longest three-shot prompt 2,590."""
    config = preset(name)
    for block in ("evaluate", "prefer"):
        answer = config[block]["max_tokens"]
        assert 758 <= answer <= config["engine"]["max_model_len"] - 2590


def test_a_training_takes_one_process_per_gpu():
    several = hub(gpus=2) | {"engine": {"backend": "vllm"}}
    errors = refusals(several)
    where = {error.where for error in errors}
    assert where == {f"config key {b}.launch.num_processes" for b in ("align", "finetune")}
    assert all(".gpus, which is 2" in error.expected for error in errors)
    both = {"launch": {"num_processes": 2, "fsdp": {"fsdp_version": 2}}}
    checked(merged(DEFAULT, several | {"align": both, "finetune": both}))


def test_an_unseen_student_is_trained_by_as_many_processes():
    changes = merged(hub(), {"models": {"u": HUB | {"gpus": 2}}, "roles": {"unseen": ["u"]}})
    changes["engine"] = {"backend": "vllm"}
    refusal(changes, "finetune.launch.num_processes", "models.u.gpus")


def test_the_transformers_engine_loads_a_model_on_one_gpu():
    both = {"launch": {"num_processes": 2}}
    errors = refusals(hub(gpus=2) | {"align": both, "finetune": both})
    assert {error.where for error in errors} == {f"config key models.{name}.gpus" for name in "tsp"}
    assert all("engine.backend is transformers" in error.expected for error in errors)


def test_sharding_needs_several_gpus():
    changes = merged(hub(), {"align": {"launch": {"fsdp": {"fsdp_version": 2}}}})
    refusal(changes, "align.launch.fsdp", "models.t.gpus is 1")


@pytest.mark.parametrize("arguments", [{"fp16": True}, {"tf32": True}])
def test_precision_of_gpus_is_refused_without_one(arguments):
    (name,) = arguments
    refusal({"align": {"dpo": arguments}}, f"align.dpo.{name}", "models.<name>.gpus")
    refusal({"finetune": {"sft": arguments}}, f"finetune.sft.{name}")
    checked(merged(DEFAULT, hub() | {"align": {"dpo": arguments}}))


def test_four_bits_need_a_package_and_a_gpu():
    refusal({"align": {"mode": "qlora"}}, "align.mode", "models.nano_teacher")
    refusal(hub() | {"align": {"mode": "qlora"}}, "align.mode", "bitsandbytes")


def test_later_rounds_make_their_arms():
    for rounds in (1, 2, 3):
        arms = checked(merged(DEFAULT, {"rounds": rounds}))["arms"]
        later = {name: arm for name, arm in arms.items() if "round" in arm}
        aligned = {"questions": "aligned", "rationales": "aligned"}
        assert later == {f"arte_round{k}": aligned | {"round": k} for k in range(2, rounds + 1)}
        assert list(arms)[: len(DEFAULT["arms"])] == list(DEFAULT["arms"])


def test_a_round_learns_the_preferences_of_the_student_taught_by_the_aligned_teacher():
    aligned = {"questions": "aligned", "rationales": "aligned"}
    own = {"arte": None, "mine": aligned, "second": aligned | {"round": 2}}
    arms = checked(merged(DEFAULT, {"rounds": 3, "arms": own}))["arms"]
    assert [learner(arms, number) for number in (1, 2, 3)] == ["mine", "second", "arte_round3"]
    tagged = {"a": aligned | {"require_tag": True}, "b": aligned}
    assert learner(tagged, 1) == "b"


def test_rounds_without_such_an_arm_are_refused():
    refusal({"rounds": 2, "arms": {"arte": None}}, "rounds", "arms", "keep the arm arte")
    checked(merged(DEFAULT, {"arms": {"arte": None}}))


def test_a_name_that_a_round_needs_is_not_another_arms():
    arm = {"questions": "original", "rationales": "original"}
    refusal({"rounds": 2, "arms": {"arte_round2": arm}}, "arms.arte_round2", "rounds is 2")


def test_an_arm_of_a_round_that_never_comes_is_refused():
    arm = {"questions": "aligned", "rationales": "aligned", "round": 3}
    refusal({"arms": {"third": arm}}, "arms.third.round", "rounds, which is 1")


def test_an_arm_that_tables_show_is_not_taken_away():
    changes = {"arms": {"arte": None}, "ood": {"benchmarks": ["piqa"]}}
    refusal(changes, "arms.arte", "ood.benchmarks")


def test_miniatures_have_no_end():
    changes = {"ood": {"benchmarks": ["piqa"], "test_items": 0}}
    refusal(changes, "ood.test_items", "ood.source")


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({"nano": {"context": 10000}}, ("nano.context", "nano.batch_tokens")),
        ({"nano": {"processes": 3}}, ("nano.processes", "batch_tokens")),
        ({"nano": {"panel": {"other": 0.5}}}, ("nano.panel", "roles.panel")),
        ({"roles": {"teacher": "nano_panel_1"}}, ("nano.panel", "roles.panel")),
        ({"roles": {"teacher": "nano_student"}}, ("roles.teacher", "roles.student")),
        ({"ood": {"transfer": ["piqa"]}}, ("ood.transfer", "ood.benchmarks")),
        ({"data": {"validation_items": 10}}, ("prefer.preference_items", "data.validation_items")),
    ],
)
def test_other_rules_name_both_keys(changes, keys):
    assert any(all(key in str(error) for key in keys) for error in refusals(changes))


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_every_limit_of_a_preset_leaves_room(path):
    config = preset(path.stem)
    assert all(value_at(config, key) < config["engine"]["max_model_len"] for key in LIMITS)
    assert ROOT.joinpath(config["prompts"]).is_dir()


def test_runs_to_pool_are_other_runs_that_exist(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results/there/evaluate").mkdir(parents=True)
    found = refusals({"report": {"teachers": ["embedded", "absent", "there"]}})
    assert [error.found for error in found] == ["'embedded'", "no folder results/absent/evaluate"]
