"""Models, what each does, and which license clauses the user knows of."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from arte.config.blocks.base import Block, Distinct, Integer, Name, Named, Names, key
from arte.config.blocks.clauses import CLAUSES

LICENSE = r"^[a-z0-9][a-z0-9.-]*$"
PATH = "folder: folder of the model; gguf: its file; `~` and $VARIABLES are replaced"
GPUS = "hub, folder, gguf: GPUs that a job with this model asks for"
TERMS = "all but nano: its license, by the hub's name for it ([docs/models.md](../docs/models.md))"


def switch(value: Any) -> Any:
    """YAML 1.1 reads on and off as true and false."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


Switch = Annotated[
    Literal["auto", "on", "off"],
    BeforeValidator(switch, json_schema_input_type=Literal["auto", "on", "off", True, False]),
]


class ChatByUse(Block):
    """Whether the chat template is applied, for each use of a model."""

    questions: Switch = "auto"
    rationales: Switch = "auto"
    answers: Switch = "auto"


def kind_of_chat(value: Any) -> str:
    """Whether one word is given for all uses, or one for each."""
    return "uses" if isinstance(value, dict | ChatByUse) else "all"


Chat = Annotated[
    Annotated[Switch, Tag("all")] | Annotated[ChatByUse, Tag("uses")], Discriminator(kind_of_chat)
]


class Asked(Block):
    """A model that may have an engine of its own."""

    engine: dict[str, Any] = key(
        "keys of the block `engine` that differ for this model, such as "
        "`{ backend: vllm, dtype: bfloat16 }`",
        default=None,
    )


class Chatty(Asked):
    """A model that may have a chat template."""

    chat: Chat = key(
        "whether it is asked in the turns of its chat template ([docs/chat.md](../docs/chat.md)): "
        "`auto`, as teacher if it has one; or for each of `questions`, `rationales`, `answers`",
        "on",
        default="auto",
    )
    system: str = key("a text for the template's system role", default=None, min_length=1)
    template_args: dict[str, Any] = key(
        "arguments of the template, such as `enable_thinking: false`", default=None
    )


class NanoModel(Asked):
    """A model that the pipeline trains itself."""

    source: Literal["nano"] = key(
        "`nano`: trained here; `hub`: from the hub or its cache; `folder`: used where it lies; "
        "`gguf`: one GGUF file, dequantized once; `endpoint`: of a server, for a teacher that is "
        "not aligned",
        "hub",
    )


class HubModel(Chatty):
    """A model of the Hugging Face hub at a pinned commit."""

    source: Literal["hub"]
    id: str = key(
        "hub: repository", "Llama-3-70B-Instruct, Gemma-2B, …", pattern=r"^[^/\s]+/[^/\s]+$"
    )
    revision: str = key("hub: commit, 40 hex digits", pattern=r"^[0-9a-f]{40}$")
    license: str = key(TERMS, "llama3, gemma, …", pattern=LICENSE)
    gpus: Integer = key(GPUS, "8", ge=0)


class FolderModel(Chatty):
    """A model that lies on disk; its folder is only read."""

    source: Literal["folder"]
    path: str = key(PATH, min_length=1)
    license: str = key(TERMS, pattern=LICENSE)
    gpus: Integer = key(GPUS, ge=0)


class GgufModel(Chatty):
    """A model in one GGUF file, of which the run makes a folder."""

    source: Literal["gguf"]
    path: str = key(PATH, min_length=1)
    license: str = key(TERMS, pattern=LICENSE)
    gpus: Integer = key(GPUS, ge=0)


class EndpointModel(Chatty):
    """A model that only a server has; arte.config.endpoints says what it may do."""

    source: Literal["endpoint"]
    url: str = key(
        "endpoint: an OpenAI-compatible server, up to `/v1`", pattern=r"^https?://[^\s@?#]+$"
    )
    model: str = key("endpoint: the server's name of the model", min_length=1)
    key_env: str = key(
        "endpoint: the environment variable that has the server's key; without it none is sent",
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$",
        default=None,
    )
    license: str = key(TERMS, pattern=LICENSE)


Model = Annotated[
    NanoModel | HubModel | FolderModel | GgufModel | EndpointModel,
    Field(discriminator="source"),
    Named,
]
Models = Annotated[dict[Name, Model], Named, Field(min_length=1)]


class Roles(Block):
    """Which model does what."""

    teacher: str = key(
        "the model that writes questions and rationales and is aligned", "Llama-3-70B-Instruct"
    )
    student: str = key("the model that gives the preferences and is fine-tuned", "Gemma-2B")
    panel: Names = key("raters of the item response model, at least two", "5", min_length=2)
    unseen: Names = key(
        "students that gave no preferences (Table 5); `[]` leaves the table out",
        "Gemma-7B, Qwen1.5-1.8B, CodeGemma-2B",
    )


Clause = Literal[tuple(clause.name for clause in CLAUSES.values())]


class Licenses(Block):
    """What the licenses of the models ask."""

    acknowledged: Annotated[list[Clause], Distinct] = key(
        "license clauses that forbid this teacher for this or an unseen student; the run is "
        "refused unless they are listed"
    )
