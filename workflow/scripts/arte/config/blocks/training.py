"""Alignment, tailored data, the training sets that are compared, and fine-tuning (§3.3, §4.1)."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from arte.config.blocks.base import Block, Distinct, FromText, Integer, Name, Named, Number, key

Arguments = dict[str, Any]
"""Arguments of a library, by its own names; arte.config.libraries checks them."""


class Launch(Block):
    """How the processes of a training start."""

    num_processes: Integer = key(
        "processes of the training; with GPUs, as many as the model's `gpus`", "8 GPUs", ge=1
    )
    fsdp: Arguments = key(
        "arguments `fsdp_…` of accelerate's launcher, to shard weights over the processes "
        "(docs/training.md); none: each holds all"
    )


class Align(Block):
    """DPO of the teacher (§3.3)."""

    mode: Literal["lora", "qlora", "full"] = key(
        "what DPO trains: an adapter, one on 4-bit weights (needs bitsandbytes and a GPU), or all "
        "weights; learning rates in docs/training.md",
        "not said; full does not fit 8 × 80 GB",
    )
    dtype: Literal["float32", "bfloat16"] = key("weights that are not trained")
    dpo: Arguments = key(
        "arguments of TRL's `DPOConfig`, by their own names; without `save_steps`, a checkpoint a "
        "minute",
        "lr 1e-7, 1 epoch",
    )
    lora: Arguments = key("arguments of peft's `LoraConfig`, by their own names")
    launch: Launch


class Tailor(Block):
    """Data for the student (§3.3)."""

    questions: Integer = key("tailored questions per subtask", "250", ge=1)
    question_temperature: Number = key("sampling temperature of tailored questions", "1.0", ge=0)
    rationale_temperature: Number = key("sampling temperature of tailored rationales", "0.0", ge=0)


class WrittenArm(Block):
    """A training set that a teacher wrote."""

    questions: Literal["original", "aligned"] = key("whose questions", "4 rows")
    rationales: Literal["drafts", "original", "aligned"] = key(
        "the scored drafts, or whose answers to the naive prompt", "4 rows"
    )
    select: str = key(
        "with `drafts`: which of a question's drafts: `most_preferred`, `random`, "
        "`task_consistent`, or that of one technique by its name",
        default=None,
    )
    round: Integer = key("the round whose teacher writes; 1 where absent", ge=1, default=1)
    require_tag: bool = key(
        "leave out rationales without an answer tag", "no filter", default=False
    )


class InstructionArm(Block):
    """An instruction-tuning set, which no teacher wrote."""

    instructions: str = key(
        "an instruction-tuning set instead of a teacher's data: `gpt4_llm`, `tulu_v2`, "
        "`wizardlm`, `openorca`, or a file of your own (`.jsonl`, `.json` or `.parquet`)",
        "4 rows",
    )


class FileArm(Block):
    """A training set of the user's own."""

    file: str = key(
        "a training set of your own: a file (`.jsonl` or `.json`) of rows with `question` and "
        "`rationale`, or `prompt` and `completion`",
        min_length=1,
    )


KINDS = {"instructions": InstructionArm, "file": FileArm}
"""The key that tells an arm's kind; without one a teacher wrote it."""


def kind_of_arm(arm: Any) -> str:
    """Which of the three kinds an arm is, or is meant to be."""
    for name, kind in KINDS.items():
        if name in arm if isinstance(arm, dict) else isinstance(arm, kind):
            return name
    return "written"


Arm = Annotated[
    Annotated[WrittenArm, Tag("written")]
    | Annotated[InstructionArm, Tag("instructions")]
    | Annotated[FileArm, Tag("file")],
    Discriminator(kind_of_arm),
    Named,
]
Arms = Annotated[dict[Name, Arm], Named]
Seeds = Annotated[list[Annotated[int, Field(ge=0), FromText]], Distinct]


class Finetune(Block):
    """Training of the student (§4.1)."""

    seeds: Seeds = key("one student per arm and seed", "1", min_length=1)
    mode: Literal["lora", "full"] = key(
        "what is trained: an adapter, or all weights; learning rates in docs/training.md", "full"
    )
    dtype: Literal["float32", "bfloat16"] = key("with `lora`: weights that are not trained")
    lora: Arguments = key("with `lora`: arguments of peft's `LoraConfig`, by their own names")
    keep: Literal["adapters", "all", "none"] = key(
        "whose weights stay on disk when a student has answered everything that the run asks: "
        "only adapters', all students', or none (docs/training.md)"
    )
    sft: Arguments = key(
        "arguments of TRL's `SFTConfig`, by their own names; without `save_steps`, a checkpoint a "
        "minute",
        "lr 2e-5, 1 epoch",
    )
    launch: Launch
