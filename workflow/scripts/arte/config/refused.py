"""Arguments of libraries that this pipeline cannot pass on, and why; and bounds of numbers."""

import importlib.util
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TRAIN_ENVIRONMENT = Path(__file__).parents[3] / "envs/train.yaml"


@dataclass(frozen=True)
class Reason:
    """Why an argument is not passed on, and what to do."""

    rule: str
    remedy: str = "remove the key"


@dataclass(frozen=True)
class Bound:
    """A range: a number is in it where both comparisons hold."""

    text: str
    tests: tuple[tuple[Callable[[float, float], bool], float], ...]

    def holds(self, value: float) -> bool:
        """Whether `value` is in the range."""
        return all(compare(value, limit) for compare, limit in self.tests)


AT_LEAST_1 = Bound("of at least 1", ((operator.ge, 1),))
POSITIVE = Bound("above 0", ((operator.gt, 0),))
NOT_NEGATIVE = Bound("of at least 0", ((operator.ge, 0),))
SHARE = Bound("from 0 to below 1", ((operator.ge, 0), (operator.lt, 1)))
BOUNDS = {
    **dict.fromkeys(
        ("per_device_train_batch_size", "gradient_accumulation_steps", "max_length", "r"),
        AT_LEAST_1,
    ),
    **dict.fromkeys(
        ("learning_rate", "num_train_epochs", "beta", "lora_alpha", "logging_steps", "save_steps"),
        POSITIVE,
    ),
    **dict.fromkeys(("adam_epsilon", "ddp_timeout", "ref_model_sync_steps"), POSITIVE),
    **dict.fromkeys(("save_total_limit", "pad_to_multiple_of", "qalora_group_size"), AT_LEAST_1),
    **dict.fromkeys(("precompute_ref_batch_size", "dataset_num_proc"), AT_LEAST_1),
    **dict.fromkeys(("dataloader_prefetch_factor", "torch_empty_cache_steps"), AT_LEAST_1),
    **dict.fromkeys(("warmup_steps", "weight_decay", "max_grad_norm"), NOT_NEGATIVE),
    **dict.fromkeys(("dataloader_num_workers", "neftune_noise_alpha"), NOT_NEGATIVE),
    **dict.fromkeys(("lora_dropout", "adam_beta1", "adam_beta2", "label_smoothing"), SHARE),
    **dict.fromkeys(("label_smoothing_factor", "ref_model_mixup_alpha"), SHARE),
}
"""What the libraries find out late, or never."""

RENAMED = {
    "warmup_ratio": "use warmup_steps, which takes a share of the steps where it is below 1",
    "max_prompt_length": "use max_length, which holds for prompt and answer together",
    "max_completion_length": "use max_length, which holds for prompt and answer together",
    "max_seq_length": "use max_length",
    "rpo_alpha": "use loss_type: [sigmoid, sft] with loss_weights",
    "rank": "use r",
    "alpha": "use lora_alpha",
    "dropout": "use lora_dropout",
    "lr": "use learning_rate",
    "epochs": "use num_train_epochs",
    "batch_size": "use per_device_train_batch_size",
    "group_by_length": "use train_sampling_strategy: group_by_length",
    "evaluation_strategy": "remove the key: training has no evaluation set",
    "no_cuda": "remove the key: the pipeline sets use_cpu itself",
}
"""Names of other versions, and of the field's shorthand."""

OURS = Reason("no argument that the pipeline sets itself")
NO_EVALUATION = Reason("nothing that needs an evaluation set: training has none")
LOADED = Reason("nothing about how model, data or tokenizer are loaded: the pipeline loads them")
SHARDED = Reason(
    "no sharding or launching by training arguments", "use the block launch (docs/training.md)"
)
RESUMED = Reason("nothing that stops a killed training from being resumed")
UNPUBLISHED = Reason("nothing that publishes models")
PADDED = Reason("rows that are padded: without flash attention, packed rows would see each other")
SHOWN = ("output_dir", "seed", "data_seed", "report_to", "disable_tqdm", "use_cpu")
SET = (*SHOWN, "logging_nan_inf_filter", "dataloader_pin_memory")
"""What arte.training.common sets in every training."""

TRL = {
    **dict.fromkeys(SET, OURS),
    **dict.fromkeys(
        (
            *("eval_strategy", "eval_steps", "eval_delay", "eval_on_start", "eval_packing"),
            *("eval_accumulation_steps", "eval_do_concat_batches", "eval_use_gather_object"),
            *("per_device_eval_batch_size", "prediction_loss_only", "batch_eval_metrics"),
            *("include_for_metrics", "bf16_full_eval", "fp16_full_eval", "do_eval", "do_predict"),
            *("load_best_model_at_end", "metric_for_best_model", "greater_is_better"),
        ),
        NO_EVALUATION,
    ),
    **dict.fromkeys(
        (
            *("model_init_kwargs", "trust_remote_code", "chat_template_path", "eos_token"),
            *("dataset_text_field", "dataset_kwargs", "assistant_only_loss", "label_names"),
            *("completion_only_loss", "remove_unused_columns", "do_train"),
        ),
        LOADED,
    ),
    **dict.fromkeys(
        ("fsdp", "fsdp_config", "deepspeed", "parallelism_config", "local_rank", "ddp_backend"),
        SHARDED,
    ),
    **dict.fromkeys(
        ("resume_from_checkpoint", "save_only_model", "enable_jit_checkpoint", "ignore_data_skip"),
        RESUMED,
    ),
    **dict.fromkeys(
        (
            *("push_to_hub", "hub_token", "hub_private_repo", "hub_model_id", "hub_strategy"),
            *("hub_always_push", "hub_revision", "trackio_space_id", "trackio_bucket_id"),
            *("trackio_static_space_id",),
        ),
        UNPUBLISHED,
    ),
    **dict.fromkeys(("padding_free", "packing", "packing_strategy"), PADDED),
}
LORA = dict.fromkeys(
    (
        *("task_type", "peft_type", "auto_mapping", "peft_version", "base_model_name_or_path"),
        *("revision", "inference_mode"),
    ),
    OURS,
)
VLLM = {
    **dict.fromkeys(
        (
            *("model", "dtype", "max_model_len", "tensor_parallel_size", "generation_config"),
            *("enable_prefix_caching", "disable_log_stats", "use_tqdm_on_load", "seed"),
            *("enable_lora", "max_loras", "max_lora_rank", "max_cpu_loras", "lora_dtype"),
            *("runner", "convert", "override_generation_config", "logits_processors"),
        ),
        OURS,
    ),
    **dict.fromkeys(
        (
            *("tokenizer", "revision", "code_revision", "tokenizer_revision", "hf_token"),
            *("trust_remote_code", "load_format", "hf_config_path", "hf_overrides"),
            *("served_model_name", "config_format", "skip_tokenizer_init", "model_weights"),
            *("allowed_local_media_path", "tokenizer_mode"),
        ),
        LOADED,
    ),
}
BY_BLOCK = {
    **dict.fromkeys(("align.dpo", "finetune.sft"), TRL),
    **dict.fromkeys(("align.lora", "finetune.lora"), LORA),
    "engine.vllm": VLLM,
}

OPTIMIZERS = (
    (r"galore", "galore_torch"),
    (r"apollo", "apollo_torch"),
    (r"adamw_torch_[48]bit", "torchao"),
    (r"(.*_bnb|.*8bit|.*32bit|paged|lion|ademamix)", "bitsandbytes"),
    (r"(ada)?lomo", "lomo_optim"),
    (r"grokadamw", "grokadamw"),
    (r"schedule_free", "schedulefree"),
    (r"stable_adamw", "torch_optimi"),
    (r"adamw_anyprecision", "torchdistx"),
    (r"adamw_torch_npu", "torch_npu"),
    (r"adamw_torch_xla", "torch_xla"),
)
"""How the name of an optimizer begins, and the package that it needs."""

PREPARED = ("eva", "corda", "loftq", "lora_ga")
"""Ways to start LoRA weights that need data or another package."""

EMBEDDINGS = ("lm_head", "embed_tokens", "wte", "embed_in", "embed_out")
"""Names of embeddings in transformers. TRL never trains an adapter of the output embedding, and
where weights are tied an adapter of the input embedding comes back as another model."""


def reason(path: str, name: str, value: Any) -> Reason | None:
    """Why the argument `name` of the block `path` is not passed on; None where it is."""
    found = BY_BLOCK.get(path, {}).get(name)
    if found and not (found in (NO_EVALUATION, PADDED) and value in (False, None, "no")):
        return found
    if path in ("align.lora", "finetune.lora"):
        return _lora(name, value)
    if path in ("align.dpo", "finetune.sft"):
        return _missing_package(name, value) or _best(name, value)
    return None


def _best(name: str, value: Any) -> Reason | None:
    return NO_EVALUATION if (name, value) == ("save_strategy", "best") else None


def _lora(name: str, value: Any) -> Reason | None:
    if name == "target_modules" and any(_targets(value, each) for each in EMBEDDINGS):
        return Reason("target_modules without embeddings", "take lm_head and its like out")
    if name == "init_lora_weights" and value in PREPARED:
        return Reason("weights that need neither data nor another package to start")
    return None


def _targets(value: Any, module: str) -> bool:
    """Whether target_modules, a list of names or one regular expression, takes a module in."""
    if not isinstance(value, str):
        names = value if isinstance(value, list) else []
        return any(str(name).rpartition(".")[2] == module for name in names)
    try:
        found = [re.fullmatch(value, prefix + module) for prefix in ("", "model.", "transformer.")]
    except re.error:
        return False  # the library says so
    return value != "all-linear" and any(found)


def needed_package(name: str, value: Any) -> str | None:
    """The package that an argument needs beyond those of the training environment."""
    if name in ("use_liger_kernel", "liger_kernel_config") and value:
        return "liger_kernel"
    if name != "optim" or not isinstance(value, str):
        return None
    return next((package for start, package in OPTIMIZERS if re.match(start, value)), None)


def is_missing(package: str) -> bool:
    """Whether neither this Python nor the training environment has a package."""
    listed = TRAIN_ENVIRONMENT.read_text(encoding="utf-8").replace("-", "_")
    return importlib.util.find_spec(package) is None and package not in listed


def _missing_package(name: str, value: Any) -> Reason | None:
    package = needed_package(name, value)
    if package is None or not is_missing(package):
        return None
    return Reason(
        f"a value that needs no further package: {value} needs {package}",
        f"change the value, or install {package} and list it in workflow/envs/train.yaml",
    )
