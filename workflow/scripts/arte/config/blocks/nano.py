"""How the embedded models are trained, and what they must reach."""

from typing import Annotated, Literal

from pydantic import Field

from arte.config.blocks.base import Block, FromText, Integer, Name, Named, Number, key

MODEL_TYPE = r"^[a-z0-9_]+$"
Share = Annotated[float, Field(gt=0, le=1), FromText]


class Unseen(Block):
    """One unseen student."""

    architecture: str = key("its transformers model type", pattern=MODEL_TYPE)
    hidden_size: Integer = key("its width", ge=1)
    num_hidden_layers: Integer = key("its layers", ge=1)
    num_attention_heads: Integer = key("its attention heads", ge=1)
    tokens: Integer = key("its training from scratch (tokens)", ge=1)


class Gates(Block):
    """What nano models must reach before anything is built on them."""

    questions: Number = key(
        "least share of distinct, well-formed questions among those asked for", ge=0, le=1
    )
    rationales: Number = key(
        "least accuracy of the teacher's best technique, in every subtask of BBH", ge=0, le=1
    )
    naive: Number = key(
        "least accuracy of the teacher's answers to the naive prompt, in every subtask of BBH",
        ge=0,
        le=1,
    )
    preferring_subtasks: Integer = key(
        "least number of subtasks in which the student prefers a technique beyond its interval",
        ge=0,
    )
    best_techniques: Integer = key(
        "least number of techniques of which each is the student's best in some subtask of BBH, "
        "beyond the intervals of all others",
        ge=0,
        le=4,
    )
    zero_shot: Number = key("highest zero-shot accuracy of the untrained student", ge=0, le=1)
    problems: Integer = key("fresh problems per measurement", ge=1)
    calls: Integer = key("question calls per subtask", ge=1)


class Nano(Block):
    """Models of source nano."""

    corpus: Literal["generators", "items"] = key(
        "generators of the miniature tasks, or validation items of the data source"
    )
    vocab_size: Integer = key("tokens of the vocabulary", ge=300)
    architecture: str = key("a transformers model type", pattern=MODEL_TYPE)
    hidden_size: Integer = key("width", ge=1)
    num_hidden_layers: Integer = key("layers", ge=1)
    num_attention_heads: Integer = key("attention heads", ge=1)
    context: Integer = key("length of a training sequence (tokens)", ge=16)
    student_tokens: Integer = key("training of the student (tokens)", ge=1)
    teacher_tokens: Integer = key(
        "further training of the teacher, which starts from the student (tokens)", ge=1
    )
    learning_rate: Number = key("peak learning rate of AdamW: embeddings, norms, biases", gt=0)
    muon_learning_rate: Number = key("peak learning rate of Muon: matrices of hidden layers", gt=0)
    batch_tokens: Integer = key("one training step (tokens)", ge=16)
    processes: Integer = key(
        "processes that train student and teacher together, one thread each", ge=1
    )
    panel: Annotated[dict[Name, Share], Named] = key(
        "panel model: share of the student's training after which it was saved", min_length=1
    )
    unseen: Annotated[dict[Name, Annotated[Unseen, Named]], Named]
    gates: Gates
