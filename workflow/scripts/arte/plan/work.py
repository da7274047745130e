"""The unit of a plan: what one job asks of one model, in requests, tokens and training steps."""

from dataclasses import dataclass, field
from math import ceil

from arte.plan.shapes import Model


@dataclass(frozen=True)
class Training:
    """What the time and memory of a training depend on, beside its tokens.

    `block` holds arguments of TRL. `rows` are sequences of at most `length` tokens of one process's
    batch. With `rank`, only an adapter of that rank is trained, on a frozen model of `frozen` bytes
    per weight; of DPO (`pairs`) that is the reference, too. `loads_once`: not in every process.
    `kept`: the weights stay on disk.
    """

    block: dict
    rows: float
    length: int
    pairs: bool = False
    rank: int | None = None
    frozen: float = 0.0
    loads_once: bool = False
    kept: bool = True


@dataclass
class Work:
    """One job: requests and tokens if it generates, steps if it trains.

    Texts are given in characters, and counted in tokens of the model. `read` are the prompt tokens
    left to compute when every shared prefix is computed once (own + shared / sharers), `prompt` all
    of them, `written` the answers' tokens. Of a training, `prompt` are the tokens of all examples
    and epochs, and `processes` share them. `engine` is the block of a job that generates. A chat
    template adds `marks` and `system` to every prompt (characters, of which the latter come first).
    """

    model: Model
    gpus: int = 0
    engine: dict = field(default_factory=dict)
    training: Training | None = None
    requests: int = 0
    prompt: float = 0.0
    read: float = 0.0
    written: float = 0.0
    steps: int = 0
    processes: int = 1
    marks: float = 0.0
    system: float = 0.0

    def ask(
        self, n: int, *, own: float, shared: float = 0.0, sharers: int = 1, answer: float
    ) -> None:
        """Add `n` requests of shared + own characters, `sharers` of which share a prefix."""
        ratio = self.model.chars_per_token
        own, shared = own + self.marks, shared + self.system
        self.requests += n
        self.prompt += n * (shared + own) / ratio
        self.read += n * (own + shared / max(1, min(sharers, n))) / ratio
        self.written += n * answer / ratio

    def learn(self, examples: int, chars: float, block: dict) -> None:
        """Add the training on `examples` of `chars` each, by arguments of TRL's config."""
        batch = block["per_device_train_batch_size"] * block.get("gradient_accumulation_steps", 1)
        batch *= self.processes
        self.requests += examples
        self.prompt += examples * chars / self.model.chars_per_token * block["num_train_epochs"]
        self.steps += ceil(examples / batch) * block["num_train_epochs"]
