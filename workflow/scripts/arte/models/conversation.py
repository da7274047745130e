"""Prompts as the messages of a server, which has its model's chat template itself."""

from typing import Any

from arte.core.prompts import Prompt
from arte.models.chat import Turn


class Conversation:
    """What `arte.models.chat.Rendering` is for models whose tokenizer is elsewhere.

    `cfg` may have a text for the `system` role. A technique's prompt is a system message. Servers
    do not agree on how to go on with an answer that is begun for them, so its opening ("Answer:
    Let's think step by step.") ends the user's message, as it ends the bare text.
    """

    manner = "by chat completions; technique prompts are in system turns"
    template = "of the server"

    def __init__(self, cfg: dict[str, Any]) -> None:
        self.system = cfg.get("system", "")

    def turns(self, prompt: str) -> list[Turn]:
        """The messages of a prompt; the last is the user's."""
        parts = Prompt.of(prompt)
        system = "\n\n".join(text for text in (self.system, parts.system) if text)
        opening = f"\n{parts.lead}" if parts.opening else ""
        turns = [{"role": "system", "content": system}] if system else []
        return [*turns, {"role": "user", "content": parts.user + opening}]

    def text(self, prompt: str) -> str:
        """The messages to read, each below its role."""
        return "\n".join(f"[{turn['role']}]\n{turn['content']}" for turn in self.turns(prompt))
