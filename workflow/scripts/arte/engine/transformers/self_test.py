"""Two short texts through the slot cache and plainly: the same logits, or the model is refused."""

from contextlib import nullcontext

import numpy as np
import torch
from transformers import PreTrainedModel

from arte.core.errors import ArteError
from arte.engine.transformers.attention import NAME
from arte.engine.transformers.batch import forward, logits
from arte.engine.transformers.prefix_store import Prefixes
from arte.engine.transformers.slot_cache import SlotCache
from arte.models.precision import Float32

SHARED = 9
"""Tokens that the two texts share: more than a block of the smallest windows."""
LENGTHS = (29, 21)
TOLERANCE = 1e-3
"""Largest difference of two logits, relative to the spread of all. Rounding makes 1e-5 of it."""


@torch.inference_mode()
def install(model: PreTrainedModel, *, where: str) -> None:
    """Make a model compute attention by slots; raise ArteError where that changes its logits.

    Catches what no list of architectures can: attention with sinks, differences of two maps, keys
    and values of different sizes, states that no cache of keys and values holds. In float32
    arithmetic, so that only true differences show.
    """
    texts = _texts(model)
    with nullcontext() if model.dtype == torch.float32 else Float32():
        try:
            model.set_attn_implementation("eager")  # the others leave out Gemma 2's soft caps
            expected = [_plain(model, ids) for ids in texts]
            model.set_attn_implementation(NAME)
            found = _by_slots(model, texts)
        except ArteError as error:
            raise _refusal(model, error.found, where) from error
        except Exception as error:  # whatever its code makes of a cache that it does not expect
            text = (str(error).splitlines() or [""])[0]
            raise _refusal(model, f"{type(error).__name__}: {text}", where) from error
    spread = max(float(logits.std()) for logits in expected)
    error = max(
        float((one - other).abs().max()) / spread
        for one, other in zip(found, expected, strict=True)
    )
    if not error <= TOLERANCE:
        raise _refusal(model, f"logits that differ by {error:.2g} of their spread", where)


def _texts(model: PreTrainedModel) -> list[tuple[int, ...]]:
    """Token ids of two texts that share their beginning, the longer first."""
    size = model.get_input_embeddings().num_embeddings
    drawn = np.random.default_rng(0).integers(min(3, size - 1), size, sum(LENGTHS)).tolist()
    first, second = drawn[: LENGTHS[0]], drawn[LENGTHS[0] :]
    return [tuple(first), tuple(first[:SHARED] + second[SHARED:])]


def _plain(model: PreTrainedModel, ids: tuple[int, ...]) -> torch.Tensor:
    """Logits (tokens beyond the shared ones, vocabulary) of one text, as the library has them."""
    tokens = torch.tensor([ids], device=model.device)
    return model(input_ids=tokens, use_cache=False).logits[0, SHARED:]


def _by_slots(model: PreTrainedModel, texts: list[tuple[int, ...]]) -> list[torch.Tensor]:
    """The same by a shared prefix, a padded span of each text, and one decoding step."""
    cache = SlotCache(len(texts), LENGTHS[0], dtype=model.dtype, device=model.device)
    prefixes = Prefixes(model.dtype, model.device)
    cache.aim_prefix(SHARED)
    forward(model, cache, [texts[0][:SHARED]], 0)
    prefixes.add(texts[0][:SHARED], cache.computed)
    rest = [ids[SHARED:-1] for ids in texts]
    cache.aim_span(0, len(texts), width=len(rest[0]), prefix=cache.computed)
    span = forward(model, cache, rest, SHARED, keep=len(rest[0]))
    slots = torch.tensor([len(ids) for ids in rest], device=model.device)
    shared = prefixes.shared_by(np.zeros(len(texts), dtype=np.int64))
    cache.aim_step(slots, used=int(slots.max()) + 1, shared=shared)
    current = torch.tensor([[ids[-1]] for ids in texts])
    step = logits(model, cache, current, SHARED + slots[:, None], keep=1)
    return [torch.cat([span[row, : len(ids)], step[row, -1:]]) for row, ids in enumerate(rest)]


def _refusal(model: PreTrainedModel, found: str, where: str) -> ArteError:
    return ArteError(
        expected="a model whose attention this engine computes as transformers itself does",
        found=f"{type(model).__name__}: {found}",
        where=where,
        remedy="use engine.backend vllm; docs/models.md lists the architectures that were tried",
    )
