"""GPUs against what runs on them: generation, processes of a training, number formats."""

from collections.abc import Iterator

from arte.config.arms import aligns
from arte.config.engines import engine_of
from arte.config.refused import is_missing
from arte.core.errors import ArteError, config_error

GPU_ONLY = ("fp16", "tf32")
"""Arguments of TRL that a training on the CPU refuses."""


def problems(config: dict) -> Iterator[ArteError]:
    """What is wrong with GPUs, launch and arguments together."""
    yield from _generation(config)
    for block, arguments, names in _trainings(config):
        for name in names:
            yield from _launch(config, block, name)
        if not any(_gpus(config, name) for name in names):
            yield from _on_cpu(f"{block}.{arguments}", config[block][arguments])
    yield from _mode(config)


def _trainings(config: dict) -> list[tuple[str, str, list[str]]]:
    """Block, its arguments and the models that it trains."""
    roles = config["roles"]
    students = dict.fromkeys([roles["student"], *roles["unseen"]])
    known = [name for name in students if name in config["models"]]
    teacher = [roles["teacher"]] if roles["teacher"] in config["models"] else []
    trainings = [("align", "dpo", teacher), ("finetune", "sft", known)]
    return trainings if aligns(config) else trainings[1:]


def _gpus(config: dict, name: str) -> int:
    return config["models"][name].get("gpus", 0)


def _generation(config: dict) -> Iterator[ArteError]:
    for name, model in config["models"].items():
        if engine_of(config, name)["backend"] == "transformers" and model.get("gpus", 0) > 1:
            yield config_error(
                f"models.{name}.gpus",
                model["gpus"],
                rule="at most 1 where engine.backend is transformers, which loads a model on one "
                "GPU and leaves the others idle",
                remedy="set engine.backend to vllm, or gpus to 1",
            )


def _launch(config: dict, block: str, name: str) -> Iterator[ArteError]:
    launch, gpus = config[block]["launch"], _gpus(config, name)
    if gpus and launch["num_processes"] != gpus:
        yield config_error(
            f"{block}.launch.num_processes",
            launch["num_processes"],
            rule=f"models.{name}.gpus, which is {gpus}: one process trains on one GPU",
            remedy="make the two equal",
        )
    if launch["fsdp"] and gpus < 2:
        yield config_error(
            f"{block}.launch.fsdp",
            launch["fsdp"],
            rule=f"empty, unless several GPUs share the weights; models.{name}.gpus is {gpus}",
            remedy=f"set it to {{}}, or raise models.{name}.gpus",
        )


def _on_cpu(path: str, arguments: dict) -> Iterator[ArteError]:
    for name in GPU_ONLY:
        if arguments.get(name):
            yield config_error(
                f"{path}.{name}",
                True,
                rule="false where the models that are trained have no GPU (models.<name>.gpus)",
                remedy="remove the key",
            )


def _mode(config: dict) -> Iterator[ArteError]:
    align, teacher = config["align"], config["roles"]["teacher"]
    if align["dpo"].get("bf16") and align["dpo"].get("fp16"):
        yield config_error(
            "align.dpo.fp16", True, rule="false where align.dpo.bf16 is true", remedy="keep one"
        )
    if align["dpo"].get("sync_ref_model") and align["mode"] != "full":
        yield config_error(
            "align.dpo.sync_ref_model",
            True,
            rule="false unless align.mode is full: an adapter's reference is its base",
            remedy="remove the key, or set align.mode to full",
        )
    if align["mode"] != "qlora" or teacher not in config["models"] or not aligns(config):
        return
    if not _gpus(config, teacher):
        yield config_error(
            "align.mode",
            "qlora",
            rule=f"lora or full where models.{teacher} has no GPU: weights of 4 bits need one",
            remedy="set align.mode to lora",
        )
    elif is_missing("bitsandbytes"):
        yield config_error(
            "align.mode",
            "qlora",
            rule="lora or full, unless bitsandbytes is installed",
            remedy="pip install bitsandbytes and list it in workflow/envs/train.yaml, or set "
            "align.mode to lora",
        )
