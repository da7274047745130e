"""arte.config.libraries: what libraries refuse hours later is refused before anything runs."""

import json

import pytest
import yaml
from configs import DEFAULT, PRESETS, ROOT, merged
from dryrun import DryRuns

from arte.config import generate_arguments, libraries, refused
from arte.config.check import checked
from arte.config.wrong import ConfigError
from arte.training.common import DEFAULTS

TRAININGS = {"align.dpo": "DPOConfig", "finetune.sft": "SFTConfig"}
KNOWN = libraries.known_arguments()


def refusals(path: str, block: dict) -> list:
    return libraries.passed_on(path, block, KNOWN)[1]


@pytest.mark.parametrize("name", [name for name in KNOWN if name != "EngineArgs"])
def test_the_list_is_that_of_the_installed_library(name):
    assert KNOWN[name] == generate_arguments.library(name)


def test_a_version_in_the_list_is_the_pinned_one():
    locks = "".join(path.read_text() for path in (ROOT / "requirements").glob("*.lock"))
    for library in KNOWN.values():
        assert f"\n{library['package']}=={library['version']}\n" in locks


@pytest.mark.parametrize("path", TRAININGS)
@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("max_prompt_length", 512, "max_length"),
        ("warmup_ratio", 0.1, "warmup_steps"),
        ("rpo_alpha", 1.0, "sft"),
        ("max_seq_length", 512, "max_length"),
        ("learning_rte", 1e-5, "learning_rate"),
        ("nonsense", 1, "remove"),
        ("output_dir", "x", "remove"),
        ("seed", 1, "remove"),
        ("report_to", "wandb", "remove"),
        ("eval_strategy", "steps", "remove"),
        ("eval_steps", 10, "remove"),
        ("load_best_model_at_end", True, "remove"),
        ("metric_for_best_model", "loss", "remove"),
        ("save_strategy", "best", "remove"),
        ("optim", "paged_adamw_8bit", "bitsandbytes"),
        ("optim", "galore_adamw", "galore_torch"),
        ("optim", "lomo", "lomo_optim"),
        ("optim", "adamw", "adamw_torch"),
        ("use_liger_kernel", True, "liger_kernel"),
        ("padding_free", True, "remove"),
        ("deepspeed", "zero3.json", "launch"),
        ("fsdp", "full_shard", "launch"),
        ("push_to_hub", True, "remove"),
        ("trust_remote_code", True, "remove"),
        ("save_only_model", True, "remove"),
        ("lr_scheduler_type", "cosin", "cosine"),
        ("per_device_train_batch_size", 0, "change"),
        ("per_device_train_batch_size", 1.5, "change"),
        ("gradient_accumulation_steps", 0, "change"),
        ("num_train_epochs", 0, "change"),
        ("learning_rate", -1e-5, "change"),
        ("learning_rate", "fast", "change"),
        ("learning_rate", [1e-5], "change"),
        ("learning_rate", True, "change"),
        ("logging_steps", 0, "change"),
        ("bf16", "yes please", "change"),
        ("max_length", "long", "change"),
        ("gradient_checkpointing_kwargs", 3, "change"),
        ("parallelism_config", {}, "launch"),
    ],
)  # fmt: skip
def test_a_training_argument_that_fails_late_is_refused(path, name, value, remedy):
    (error,) = refusals(path, {name: value})
    assert error.where == f"config key {path}.{name}"
    assert repr(value) in error.found or name in error.found
    assert remedy in error.remedy


@pytest.mark.parametrize("path", TRAININGS)
def test_what_is_refused_is_named_as_the_library_names_it(path):
    known = KNOWN[libraries.PASSED[path]]["arguments"]
    both = KNOWN["DPOConfig"]["arguments"].keys() | KNOWN["SFTConfig"]["arguments"].keys()
    assert refused.TRL.keys() <= both
    assert DEFAULTS.keys() <= known.keys()
    assert not refused.RENAMED.keys() & known.keys()


def test_what_is_refused_of_adapters_and_of_vllm_is_theirs():
    assert refused.LORA.keys() <= KNOWN["LoraConfig"]["arguments"].keys()
    assert refused.VLLM.keys() <= KNOWN["EngineArgs"]["arguments"].keys()


@pytest.mark.parametrize(
    ("block", "remedy"),
    [
        ({"rank": 16}, "use r"),
        ({"task_type": "SEQ_CLS"}, "remove"),
        ({"inference_mode": True}, "remove"),
        ({"r": 0}, "change"),
        ({"r": "all"}, "change"),
        ({"lora_dropout": 1}, "change"),
        ({"bias": "some"}, "change"),
        ({"target_modules": ["q_proj", "lm_head"]}, "lm_head"),
        ({"target_modules": ["model.embed_tokens"]}, "lm_head"),
        ({"target_modules": ".*"}, "lm_head"),
        ({"target_modules": 3}, "change"),
        ({"init_lora_weights": "eva"}, "remove"),
        ({"init_lora_weights": "pisssa"}, "pissa"),
        ({"eva_config": {}}, "change"),
        ({"runtime_config": {}}, "change"),
    ],
)
def test_an_adapter_argument_that_fails_late_is_refused(block, remedy):
    (error,) = refusals("align.lora", block)
    assert remedy in error.remedy


@pytest.mark.parametrize(
    "block",
    [
        {"target_modules": ".*(q_proj|v_proj)"},
        {"target_modules": "all-linear"},
        {"target_modules": ["q_proj"], "modules_to_save": None},
        {"init_lora_weights": "pissa_niter_4"},
        {"init_lora_weights": False, "use_rslora": True},
    ],
)
def test_what_peft_takes_is_passed_on(block):
    assert libraries.passed_on("align.lora", block, KNOWN) == (block, [])


@pytest.mark.parametrize(
    ("path", "block"),
    [
        ("engine.vllm", {"quantisation": "fp8"}),
        ("engine.vllm", {"trust_remote_code": True}),
        ("engine.vllm", {"dtype": "half"}),
        ("engine.vllm", {"max_num_partial_prefills": "two"}),
        ("align.launch.fsdp", {"fsdp_versions": 2}),
        ("align.launch.fsdp", {"fsdp_version": 3}),
        ("finetune.launch.fsdp", {"fsdp_min_num_params": "many"}),
    ],
)
def test_arguments_of_vllm_and_accelerate_are_checked_too(path, block):
    assert len(refusals(path, block)) == 1


def test_yaml_reads_no_as_false_and_the_library_gets_the_word():
    block = yaml.safe_load(
        "{logging_strategy: no, save_strategy: no, max_length: null, beta: null}"
    )
    ready, errors = libraries.passed_on("align.dpo", block, KNOWN)
    assert not errors
    assert ready == {"logging_strategy": "no", "save_strategy": "no", "max_length": None}


@pytest.mark.parametrize(("path", "kind"), TRAININGS.items())
def test_what_is_accepted_makes_the_librarys_own_object(path, kind, tmp_path):
    trl = pytest.importorskip("trl")
    block = {"learning_rate": "5e-6", "num_train_epochs": "2", "lr_scheduler_type": "cosine"}
    block |= {"optim": "adafactor", "logging_strategy": False, "max_length": None}
    ready, errors = libraries.passed_on(path, block, KNOWN)
    assert not errors
    made = getattr(trl, kind)(output_dir=str(tmp_path), use_cpu=True, bf16=False, **ready)
    assert made.learning_rate == 5e-6


def test_dpo_takes_one_loss_or_several(tmp_path):
    trl = pytest.importorskip("trl")
    for loss in ("ipo", ["sigmoid", "sft"]):
        ready, errors = libraries.passed_on("align.dpo", {"loss_type": loss}, KNOWN)
        assert not errors
        trl.DPOConfig(output_dir=str(tmp_path), use_cpu=True, bf16=False, **ready)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
def test_the_arguments_of_presets_are_those_of_the_libraries(preset):
    config = merged(DEFAULT, yaml.safe_load(preset.read_text()))
    for path in libraries.PASSED:
        block = config
        for step in path.split("."):
            block = block[step]
        assert not refusals(path, block)


def test_the_workflow_refuses_bad_arguments_when_it_is_parsed(tmp_path):
    file = tmp_path / "bad.yaml"
    dpo = {"warmup_ratio": 0.1, "optim": "paged_adamw_8bit", "learning_rate": "slow"}
    blocks = {"align": {"dpo": dpo, "lora": {"rank": 4}}, "finetune": {"sft": {"packing": True}}}
    file.write_text(json.dumps(blocks))
    with DryRuns() as dry_run:
        status, output = dry_run(ROOT, "config/presets/smoke.yaml", file)
    assert status == 1
    assert "the configuration has 5 errors" in output
    keys = [f"align.dpo.{name}" for name in dpo] + ["align.lora.rank", "finetune.sft.packing"]
    assert all(f"where: config key {key}\n" in output for key in keys)


def test_precision_that_needs_a_gpu_is_refused_on_the_cpu():
    with pytest.raises(ConfigError, match=r"align\.dpo\.fp16"):
        checked(merged(DEFAULT, {"align": {"dpo": {"fp16": True}}}))
