"""Completions from the journal where it has them, from the model where it does not."""

import os
import time
from collections import Counter
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from arte.core import job
from arte.core.errors import ArteError
from arte.core.io import digest
from arte.core.prompts import Prompt
from arte.engine.backends import load_engine
from arte.engine.contract import Completion, Engine, Likelihood, Sampling, check_room
from arte.engine.echoes import going_on
from arte.engine.journal import Journal, journal_path
from arte.engine.prefix import shared_length
from arte.models.chat import BY_TEMPLATE, Rendering, Turn
from arte.models.conversation import Conversation
from arte.models.folder import read_fingerprint
from arte.models.tokenizer import load_tokenizer

COUNTS = (
    "requests",
    "from_journal",
    "generated",
    "duplicates",
    "length_stops",
    "echoes",
    "model_loads",
    "prompt_tokens",
    "cached_tokens",
    "output_tokens",
)


@dataclass(frozen=True)
class _Request:
    """A prompt's token ids or messages, its key in the journal and its seed."""

    key: str
    asked: list[int] | list[Turn]
    seed: int | None


class Generator:
    """One model's completions for one stage; `engine` is the config block of that name.

    With its key `chat`, prompts are put in the turns of the model's chat template (`Rendering`).

    `stats` sums over calls: requests = from_journal + generated + duplicates. Tokens and
    seconds are those of what this run generated; length_stops are all requests that ended at
    `max_tokens`, also by subtask.
    """

    def __init__(
        self, model_dir: str | os.PathLike, engine: dict, journal: str | os.PathLike, stage: str
    ) -> None:
        self.model_dir, self.cfg, self.journal, self.stage = model_dir, engine, journal, stage
        self.fingerprint = read_fingerprint(model_dir)
        self.rendering = _rendering(model_dir, engine)
        self._served = isinstance(self.rendering, Conversation)
        if "chat" in engine:
            job.log(f"{stage}: {model_dir} is asked {self.rendering.manner}")
        self._engine: Engine | None = None
        self._counts: Counter[str] = Counter()
        self._length_stops: Counter[str] = Counter()
        self._seconds = 0.0

    @property
    def stats(self) -> dict:
        """What was asked, found and generated so far, ready for JSON."""
        return {
            **{name: self._counts[name] for name in COUNTS},
            "seconds": round(self._seconds, 1),
            "length_stops_by_subtask": dict(sorted(self._length_stops.items())),
            **({BY_TEMPLATE: bool(self.rendering.template)} if "chat" in self.cfg else {}),
        }

    def complete(
        self,
        subtask: str,
        prompts: list[str],
        sampling: Sampling,
        seeds: list[int] | None = None,
    ) -> list[Completion]:
        """Completions in the order of `prompts`, which go on where one stopped at an echo.

        See `_complete` for what is asked, and `arte.engine.echoes`: `stats` counts each as echoes.
        """
        asked = [Prompt.of(prompt) for prompt in prompts]
        if self._served:  # its engine takes whole answers
            return self._complete(subtask, asked, sampling, seeds)
        found, times = going_on(
            partial(self._complete, subtask),
            asked,
            sampling,
            seeds,
            shown=self.rendering.text,
            room=self._room,
        )
        self._counts["echoes"] += times
        return found

    def _room(self, prompt: Prompt) -> int:
        """How many tokens the model's context leaves after a prompt."""
        return self.cfg["max_model_len"] - len(self.rendering.ids([prompt])[0])

    def _complete(
        self,
        subtask: str,
        prompts: list[Prompt],
        sampling: Sampling,
        seeds: list[int] | None = None,
    ) -> list[Completion]:
        """Completions in the order of `prompts`; each new one is journaled as it arrives.

        Equal prompts (with equal seeds, when sampling) are asked once. Raises ArteError where a
        prompt leaves no room for `max_tokens`, and when sampling without seeds.
        """
        if not prompts:
            return []
        requests = self._requests(subtask, prompts, sampling=sampling, seeds=seeds)
        path = journal_path(
            Path(self.journal), fingerprint=self.fingerprint, stage=self.stage, subtask=subtask
        )
        with Journal(path) as journal:
            missing = {
                request.key: request for request in requests if request.key not in journal.entries
            }
            if missing:
                self._generate(subtask, journal, list(missing.values()), sampling)
            completions = [journal.entries[request.key] for request in requests]
        asked = sum(request.key in missing for request in requests)
        cut_off = sum(completion.finish_reason == "length" for completion in completions)
        self._counts["requests"] += len(requests)
        self._counts["duplicates"] += asked - len(missing)
        self._counts["from_journal"] += len(requests) - asked
        self._counts["length_stops"] += cut_off
        self._length_stops[subtask] += cut_off
        return completions

    def likelihoods(
        self, subtask: str, prompts: list[str], continuations: list[str]
    ) -> list[Likelihood]:
        """How likely the model finds each continuation after its prompt, in their order.

        Counted in `stats` as requests generated, with no output. Not journaled: a text costs one
        pass and no decoding, so a whole subtask costs less than a few of its generations.
        """
        if not prompts:
            return []
        start = time.monotonic()
        heads = self.rendering.ids(prompts)
        wholes = self.rendering.answered(prompts, continuations)
        seams = map(shared_length, heads, wholes)
        parts = [(whole[:n], whole[n:]) for whole, n in zip(wholes, seams, strict=True)]
        found = dict(self._loaded().likelihoods(*map(list, zip(*parts, strict=True))))
        self._counts["requests"] += len(found)
        self._counts["generated"] += len(found)
        self._counts["prompt_tokens"] += sum(
            each.n_prompt_tokens + each.n_tokens for each in found.values()
        )
        self._counts["cached_tokens"] += sum(each.n_cached_tokens for each in found.values())
        self._tell(subtask, f"{len(found)} likelihoods", time.monotonic() - start)
        return [found[i] for i in range(len(prompts))]

    def _requests(
        self, subtask: str, prompts: list[Prompt], *, sampling: Sampling, seeds: list[int] | None
    ) -> list[_Request]:
        drawn: list = [None] * len(prompts)
        if sampling.temperature:
            drawn = seeds or []
        if len(drawn) != len(prompts):
            raise ArteError(
                expected=f"one seed for each of {len(prompts)} sampled prompts",
                found=f"{len(drawn)} seeds",
                where=f"generating for stage {self.stage}",
                remedy="this is a bug of that stage: report it",
            )
        return [
            _Request(self._key(each, sampling, seed), each, seed)
            for each, seed in zip(self._asked(subtask, prompts, sampling), drawn, strict=True)
        ]

    def _asked(
        self, subtask: str, prompts: list[Prompt], sampling: Sampling
    ) -> list[list[int]] | list[list[Turn]]:
        """Token ids of the prompts, which leave room for the answer; of a server, messages."""
        if self._served:
            return [self.rendering.turns(prompt) for prompt in prompts]
        ids = self.rendering.ids(prompts)
        check_room(
            prompts,
            [len(tokens) for tokens in ids],
            sampling=sampling,
            max_model_len=self.cfg["max_model_len"],
            where=f"stage {self.stage}, subtask {subtask}, model {self.model_dir}",
        )
        return ids

    def _key(self, asked: list, sampling: Sampling, seed: int | None) -> str:
        """What decides a completion: backend and precision too, for both may flip an answer."""
        engine = [self.cfg["backend"], self.cfg.get("dtype")]
        return digest([asked, self.fingerprint, asdict(sampling), seed, engine], length=64)

    def _generate(
        self, subtask: str, journal: Journal, requests: list[_Request], sampling: Sampling
    ) -> None:
        """Ask the model and journal what it answers."""
        engine = self._loaded()
        start = time.monotonic()
        seeds = [request.seed for request in requests] if sampling.temperature else None
        prompts = [request.asked for request in requests]
        for index, completion in engine.generate(prompts, sampling, seeds):
            journal.append(requests[index].key, completion)
            self._counts["generated"] += 1
            self._counts["prompt_tokens"] += completion.n_prompt_tokens
            self._counts["cached_tokens"] += completion.n_cached_tokens
            self._counts["output_tokens"] += completion.n_output_tokens
        self._tell(subtask, f"{len(requests)} completions", time.monotonic() - start)

    def _loaded(self) -> Engine:
        """The engine, loaded at the first need."""
        if self._engine is None:
            job.log(f"{self.stage}: loading {self.model_dir}")
            known = self.rendering.template and not self._served
            end = {"end": self.rendering.end} if known else {}
            self._engine = load_engine(self.model_dir, self.cfg | end)
            self._counts["model_loads"] += 1
        return self._engine

    def _tell(self, subtask: str, what: str, seconds: float) -> None:
        self._seconds += seconds
        job.log(f"{self.stage}: {subtask}: {what} in {seconds:.1f} s")


def _rendering(model_dir: str | os.PathLike, engine: dict) -> Rendering | Conversation:
    """How prompts are put to the model in a folder."""
    if engine["backend"] == "endpoint":
        return Conversation(engine["chat"])
    return Rendering(load_tokenizer(model_dir), engine.get("chat"), where=os.fspath(model_dir))
