"""The unit of a plan: what one stage asks of one model, in requests, tokens and training steps."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil


@dataclass
class Work:
    """One stage with one model: requests and tokens if it generates, steps if it trains.

    `read` are the prompt tokens left to compute when every shared prefix is computed once
    (numerics: p' = own + shared / sharers), `prompt` all of them, `written` the answers' tokens.
    Of a training, `prompt` are the tokens of all examples and epochs, and `processes` share them.
    """

    stage: str
    model: str
    jobs: int
    kind: str = "generate"
    requests: int = 0
    prompt: float = 0.0
    read: float = 0.0
    written: float = 0.0
    steps: int = 0
    processes: int = 1

    def ask(
        self, n: int, *, own: float, shared: float = 0.0, sharers: int = 1, answer: float
    ) -> None:
        """Add `n` requests of shared + own prompt tokens, `sharers` of which share a prefix."""
        self.requests += n
        self.prompt += n * (shared + own)
        self.read += n * (own + shared / max(1, min(sharers, n)))
        self.written += n * answer

    def learn(self, examples: int, tokens: float, block: dict, processes: int = 1) -> None:
        """Add the training on `examples` of `tokens` each, by arguments of TRL's config."""
        batch = block["per_device_train_batch_size"] * block.get("gradient_accumulation_steps", 1)
        batch *= processes
        self.requests += examples
        self.prompt += examples * tokens * block["num_train_epochs"]
        self.steps += ceil(examples / batch) * block["num_train_epochs"]

    def add(self, other: "Work") -> None:
        """Add another row of the same stage and model."""
        for name in ("jobs", "requests", "prompt", "read", "written", "steps"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def summed(rows: Iterable[Work]) -> list[Work]:
    """One row per stage and model, in the order of their first."""
    found: dict[tuple[str, str], Work] = {}
    for row in rows:
        key = (row.stage, row.model)
        if key in found:
            found[key].add(row)
        else:
            found[key] = row
    return list(found.values())
