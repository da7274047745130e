"""A prompt as its model was asked: by bare text, or in the turns of its chat template."""

import shlex
from pathlib import Path
from typing import NamedTuple

from arte.core.errors import ArteError
from arte.core.io import read_json
from arte.core.prompts import Prompt
from arte.models.chat import BY_TEMPLATE, Rendering
from arte.models.conversation import Conversation
from arte.models.tokenizer import load_tokenizer

NO_MODEL = (
    "as it was before the chat template: the template and its special tokens are in the tokenizer"
    " of {model}, which this folder lacks (the run's own folder and `bundle_models` have it)"
)
BARE = "by bare text: its tokenizer has no chat template"


class Asked(NamedTuple):
    """The text of a prompt and, where a chat template could be applied, what was done."""

    text: str
    how: str = ""


class Askers:
    """How the jobs of a run put their prompts, by the tables that they wrote."""

    def __init__(self, run: Path, manifest: dict) -> None:
        self.run, self.manifest = run, manifest
        self._known: dict[str, Rendering | Conversation | str] = {}

    def asked(self, table: str, prompt: str) -> Asked:
        """A prompt as the model of the job that wrote `table` got it, or why that is unknown."""
        name = self.manifest["files"].get(table, {}).get("job")
        engine = (self.manifest["jobs"].get(name, {}).get("cfg") or {}).get("engine") or {}
        if "chat" not in engine:
            return Asked(str(prompt))
        if name not in self._known:
            served = engine["backend"] == "endpoint"
            job, chat = self.manifest["jobs"][name], engine["chat"]
            self._known[name] = Conversation(chat) if served else self._rendering(job, chat)
        found = self._known[name]
        if isinstance(found, str):
            return Asked(str(prompt), found)
        return Asked(found.text(Prompt.of(prompt)), found.manner)

    def _rendering(self, job: dict, chat: dict) -> Rendering | str:
        """The rendering of a job's prompts; in words why there is none."""
        model = _model(job)
        try:
            return Rendering(load_tokenizer(self.run / model), chat, where=model)
        except (ArteError, ImportError):
            applied = [read_json(self.run / path) for path in _stats(job)]
            bare = any(each.get(BY_TEMPLATE) is False for each in applied)
            return BARE if bare else NO_MODEL.format(model=model)


def _model(job: dict) -> str:
    """The folder of the model that a job asks, as its inputs name it."""
    words = shlex.split(job["command"])
    given = words[words.index("--model") + 1] if "--model" in words[:-1] else ""
    folders = [
        path.rpartition("/")[0] for path in job["inputs"] if path.endswith("/fingerprint.json")
    ]
    return next((folder for folder in folders if f"/{given}".endswith(f"/{folder}")), given)


def _stats(job: dict) -> list[str]:
    return [path for path in job["outputs"] if Path(path).name.startswith("stats-")]
