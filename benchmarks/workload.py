"""Random-weight models, and scoring prompts with the shape of numerics: D, q, r, t and G tokens."""

import random
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    GemmaConfig,
    GemmaForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)
from transformers.utils.logging import disable_progress_bar

from arte.models.folder import write_fingerprint

STOP = "!"
"""The stop string: the end of some words, as the tag's is of some tokens."""
CAP = 256
"""Output tokens at most, and how far a base model writes that nothing stops."""


@dataclass(frozen=True)
class Shape:
    """Tokens of a scoring prompt's parts, and how many share each (mid case of the estimates)."""

    description: int = 45
    question: int = 105
    rationale: int = 150
    test: int = 105
    output: int = 150
    cap: int = CAP
    questions: int = 2  # 250 in the paper; more of them repeat the same pattern
    rationales: int = 4
    items: int = 40

    @property
    def prompt(self) -> int:
        """P: tokens of a prompt."""
        return self.description + self.question + self.rationale + self.test

    @property
    def requests(self) -> int:
        """All prompts of the workload."""
        return self.questions * self.rationales * self.items

    @property
    def computed(self) -> float:
        """p': prompt tokens per request when every shared prefix is computed once."""
        prefix = self.rationale + (self.question + self.description / self.questions) / (
            self.rationales
        )
        return self.test + prefix / self.items


def scaled(scale: float, *, questions: int, items: int) -> Shape:
    """The shape with all lengths multiplied by `scale`."""
    whole = Shape()
    lengths = {
        name: max(4, round(scale * length))
        for name, length in vars(whole).items()
        if name not in ("questions", "rationales", "items")
    }
    return Shape(**lengths, questions=questions, items=items)


def prompts(shape: Shape, words: list[str]) -> list[str]:
    """Prompts in the order description, question, rationale, test; a word is a token."""
    rng = random.Random(0)

    def some(n: int) -> str:
        return " ".join(rng.choices(words, k=n))

    description = some(shape.description)
    items = [some(shape.test) for _ in range(shape.items)]
    made = []
    for _ in range(shape.questions):
        question = some(shape.question)
        for _ in range(shape.rationales):
            prefix = f"{description} {question} {some(shape.rationale)}"
            made += [f"{prefix} {item}" for item in items]
    return made


def save_model(name: str, folder: Path) -> list[str]:
    """Write a random model (nano or gemma) that never ends a text, with a word tokenizer.

    Returns the words of its vocabulary.
    """
    torch.manual_seed(0)
    disable_progress_bar()
    model = _nano() if name == "nano" else _gemma()
    n_words = model.config.vocab_size - 2
    with torch.no_grad():
        model.lm_head.weight[n_words] = 0
    model.generation_config.eos_token_id = n_words
    model.generation_config.pad_token_id = n_words
    model.save_pretrained(folder)
    return save_tokenizer(folder, n_words, stops=set())


def save_tokenizer(folder: Path, n_words: int, *, stops: set[int]) -> list[str]:
    """Write a tokenizer of `n_words` words, those of token ids `stops` ending in STOP."""
    words = [f"w{i:04d}" + (STOP if i in stops else "") for i in range(n_words)]
    vocabulary = {word: i for i, word in enumerate([*words, "<eos>", "<unk>"])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, padding_side="left", eos_token="<eos>", pad_token="<eos>"
    ).save_pretrained(folder)
    write_fingerprint(folder)
    return words


def choose_stops(outputs: list[list[int]], *, n_words: int, length: float) -> set[int]:
    """Token ids that, as stops, cut unstopped outputs to `length` tokens on average."""
    order = random.Random(1).sample(range(n_words), n_words)
    first = [{token: i for i, token in reversed(list(enumerate(ids)))} for ids in outputs]
    ends = [len(ids) for ids in outputs]
    for n, token in enumerate(order):
        if sum(ends) / len(ends) <= length:
            return set(order[:n])
        ends = [
            min(end, seen.get(token, end - 1) + 1) for end, seen in zip(ends, first, strict=True)
        ]
    raise RuntimeError("the model repeats itself: no set of stops cuts all of its outputs")


def _nano() -> PreTrainedModel:
    """The embedded student: 1 M parameters. Large weights keep it from repeating one token."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=768,
            hidden_size=128,
            intermediate_size=384,
            num_hidden_layers=4,
            num_attention_heads=4,
            max_position_embeddings=4096,
            initializer_range=0.2,
            eos_token_id=766,
        )
    )


def _gemma() -> PreTrainedModel:
    """Gemma-2B's proportions (feed-forward 8 times the width, one key-value head), 103 M."""
    return GemmaForCausalLM(
        GemmaConfig(
            vocab_size=8192,
            hidden_size=640,
            intermediate_size=5120,
            num_hidden_layers=8,
            num_attention_heads=4,
            num_key_value_heads=1,
            head_dim=256,
            max_position_embeddings=4096,
            initializer_range=0.08,
            tie_word_embeddings=False,
            eos_token_id=8190,
        )
    )
