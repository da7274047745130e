"""Models of a plan: their dimensions and what follows from these."""

from dataclasses import dataclass
from pathlib import Path

from arte.core.errors import ArteError
from arte.core.io import read_json
from arte.models.gguf_header import ARCHITECTURE, LENGTH, header


@dataclass(frozen=True)
class Shape:
    """A decoder's dimensions, as its config.json names them."""

    layers: int
    hidden: int
    ffn: int
    heads: int
    kv_heads: int
    head_dim: int
    vocab: int
    tied: bool
    gated: bool = True

    @property
    def projections(self) -> list[tuple[int, int]]:
        """(in, out) of a layer's linear maps: q, k, v, o, gate (where there is one), up, down."""
        q, kv = self.heads * self.head_dim, self.kv_heads * self.head_dim
        attention = [(self.hidden, q), (self.hidden, kv), (self.hidden, kv), (q, self.hidden)]
        inner = [(self.hidden, self.ffn)] * (2 if self.gated else 1)
        return [*attention, *inner, (self.ffn, self.hidden)]

    @property
    def parameters(self) -> int:
        """Weights, with two norms per layer and one at the end, without biases."""
        layer = sum(a * b for a, b in self.projections) + 2 * self.hidden
        embeddings = self.vocab * self.hidden * (1 if self.tied else 2)
        return self.layers * layer + embeddings + self.hidden

    def lora_parameters(self, r: int) -> int:
        """Weights of rank-`r` adapters on all linear maps of the layers."""
        return self.layers * sum(r * (a + b) for a, b in self.projections)

    def kv_bytes(self, width: int) -> int:
        """Bytes of keys and values per token, at `width` bytes per number."""
        return 2 * self.layers * self.kv_heads * self.head_dim * width


ELSEWHERE = Shape(
    **dict.fromkeys(("layers", "hidden", "ffn", "heads", "kv_heads", "head_dim", "vocab"), 0),
    tied=True,
)
"""The shape of a model that only a server has: it takes no time or memory of this machine."""


@dataclass(frozen=True)
class Model:
    """A model by the name under which a plan shows it, with its shape and its tokenizer's rate.

    `adapter`: only that is stored, beside the model that it changes. `linked`: nothing is.
    """

    name: str
    shape: Shape
    chars_per_token: float
    nano: bool = False
    adapter: bool = False
    linked: bool = False


def hub_shape(identifier: str, shapes: dict) -> Shape:
    """The shape of a hub model: the only place where shapes of models not made here come from.

    Raises ArteError for a model that `shapes`, block `models` of config/throughput.yaml, lacks.
    """
    if identifier not in shapes:
        raise ArteError(
            expected=f"the shape of every model, as for {', '.join(shapes)}",
            found=f"none of {identifier}",
            where="config/throughput.yaml, block models",
            remedy="add it from the model's config.json",
        )
    return Shape(**shapes[identifier])


UNGATED = ("gpt2", "gpt_neox", "gptj", "opt", "phi", "starcoder2")
"""Types of model whose feed-forward layers have two linear maps, not three."""


def folder_shape(folder: str) -> Shape:
    """The shape of a model on disk, from its config.json.

    Raises ArteError where that file lacks a dimension under the usual name.
    """
    path = Path(folder, "config.json")
    has = read_json(path)
    try:
        heads = has["num_attention_heads"]
        return Shape(
            layers=has["num_hidden_layers"],
            hidden=has["hidden_size"],
            ffn=has["intermediate_size"],
            heads=heads,
            kv_heads=has.get("num_key_value_heads") or heads,
            head_dim=has.get("head_dim") or has["hidden_size"] // heads,
            vocab=has["vocab_size"],
            tied=has.get("tie_word_embeddings", False),
            gated=has.get("model_type") not in UNGATED,
        )
    except KeyError as error:
        raise _unknown(error, path) from None


def gguf_shape(file: str) -> Shape:
    """The shape of a model in a GGUF file, from its header.

    Raises ArteError where that lacks a dimension.
    """
    path = Path(file)
    has = header(path)
    kind = has[ARCHITECTURE]
    try:
        hidden, heads = has[f"{kind}.embedding_length"], has[f"{kind}.attention.head_count"]
        return Shape(
            layers=has[f"{kind}.block_count"],
            hidden=hidden,
            ffn=has[f"{kind}.feed_forward_length"],
            heads=heads,
            kv_heads=has.get(f"{kind}.attention.head_count_kv", heads),
            head_dim=has.get(f"{kind}.attention.key_length", hidden // heads),
            vocab=has[f"tokenizer.ggml.tokens{LENGTH}"],
            tied="output.weight" not in has["tensors"],
            gated=any(".ffn_gate." in name for name in has["tensors"]),
        )
    except KeyError as error:
        raise _unknown(error, path) from None


def _unknown(error: KeyError, path: Path) -> ArteError:
    return ArteError(
        expected="the dimensions of a decoder",
        found=f"no {error}",
        where=str(path),
        remedy="the plan cannot cost this model; the run itself needs no plan",
    )


def nano_shape(cfg: dict) -> Shape:
    """The shape that a training of a nano model gives it."""
    return Shape(
        layers=cfg["num_hidden_layers"],
        hidden=cfg["hidden_size"],
        ffn=3 * cfg["hidden_size"],
        heads=cfg["num_attention_heads"],
        kv_heads=cfg["num_attention_heads"],
        head_dim=cfg["hidden_size"] // cfg["num_attention_heads"],
        vocab=cfg["vocab_size"],
        tied=True,
        gated=cfg["architecture"] != "gpt_neox",
    )
