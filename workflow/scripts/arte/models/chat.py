"""How prompts are put to a model: as bare text, or in the turns of its chat template."""

import re
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError

from arte.core.errors import ArteError
from arte.core.prompts import Prompt

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

BY_TEMPLATE = "by_chat_template"
"""In the counts of a job that may ask by a chat template: whether it did."""

Turn = dict[str, str]
"""A message: its role and its content."""

_SYSTEM, _USER, _ANSWER = "Be brief, says A7.", "Is it so, asks B8?", "It is so, says C9."
"""A conversation that shows what a template does."""


class Rendering:
    """Prompts as text and token ids of one model, and their answers as it is trained on them.

    `cfg` says how (`arte.config.chat`): `chat` auto or on, perhaps `system` and `template_args`;
    None is bare text. With auto, a tokenizer without a template gets bare text, too. `where` names
    the model. Raises ArteError for a template that is missing or fails, for arguments that it does
    not read, and for a system text where it has no such role.
    """

    def __init__(
        self, tokenizer: "PreTrainedTokenizerBase", cfg: dict[str, Any] | None, *, where: str
    ) -> None:
        self.tokenizer, self.where = tokenizer, where
        self.template = _template(tokenizer, cfg, where) if cfg else None
        self.system = (cfg or {}).get("system", "")
        self.arguments = (cfg or {}).get("template_args", {})
        if self.template is None:
            self.has_system, self._closing = False, [tokenizer.eos_token_id]
            return
        self._check_arguments()
        self._check_user()
        self.has_system = self._finds_system()
        self._closing = self._end_of_turn()

    @property
    def manner(self) -> str:
        """How prompts are put, in words for the log."""
        if self.template is None:
            return "by bare text: its tokenizer has no chat template"
        where = "system turns" if self.has_system else "the user's turns, for lack of a system role"
        return f"by its chat template; technique prompts are in {where}"

    @property
    def end(self) -> int:
        """The token that ends an answer: of the turn, or of the text."""
        return self._closing[-1]

    def turns(self, prompt: str) -> list[Turn]:
        """The messages of a prompt; the last is the assistant's where its answer is begun.

        A technique's prompt goes into the user's turn where the template has no system role.
        """
        parts = Prompt.of(prompt)
        system = "\n\n".join(text for text in (self.system, parts.system) if text)
        user = parts.user
        if system and not self.has_system:
            system, user = "", f"{parts.system}\n{parts.user}"
        turns = [{"role": "system", "content": system}] if system else []
        turns.append({"role": "user", "content": user})
        if parts.opening:
            turns.append({"role": "assistant", "content": parts.opening})
        return turns

    def text(self, prompt: str) -> str:
        """What the model is asked, special tokens of the template among it."""
        if self.template is None:
            return str(prompt)
        begun = bool(Prompt.of(prompt).opening)
        form = {"continue_final_message": begun, "add_generation_prompt": not begun}
        return self._render(self.turns(prompt), **form) + Prompt.of(prompt).written

    def ids(self, prompts: list[str]) -> list[list[int]]:
        """Token ids of prompts: what the template gives, or the bare text as the tokenizer does."""
        return self._encoded([self.text(prompt) for prompt in prompts])

    def answered(self, prompts: list[str], answers: list[str]) -> list[list[int]]:
        """Token ids of prompts with what follows them; answers are as they follow bare text."""
        pairs = zip(prompts, answers, strict=True)
        return self._encoded([self.text(prompt) + self._follows(prompt, a) for prompt, a in pairs])

    def finished(self, prompts: list[str], answers: list[str]) -> list[list[int]]:
        """The same up to the token that ends the answer, as a model is trained on them."""
        if self.template is None:
            return self.answered(prompts, [answer + self.tokenizer.eos_token for answer in answers])
        return [ids + self._closing for ids in self.answered(prompts, answers)]

    def _follows(self, prompt: str, answer: str) -> str:
        begun = self.template is None or Prompt.of(prompt).opening
        return answer if begun else answer.removeprefix(" ")

    def _encoded(self, texts: list[str]) -> list[list[int]]:
        if not texts:
            return []
        # a template brings its own start token
        return self.tokenizer(texts, add_special_tokens=self.template is None)["input_ids"]

    def _render(self, turns: list[Turn], **form: bool) -> str:
        try:
            return self.tokenizer.apply_chat_template(
                turns, tokenize=False, **form, **self.arguments
            )
        except (TemplateError, TypeError, ValueError, KeyError, AttributeError) as error:
            raise ArteError(
                expected="a chat template that renders "
                + " and ".join(f"a {turn['role']} turn" for turn in turns),
                found=f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}",
                where=f"the chat template of {self.where}",
                remedy="set models.<name>.chat: off, or correct template_args or the template",
            ) from error

    def _check_arguments(self) -> None:
        words = set(re.findall(r"\w+", self.template))
        unknown = sorted(set(self.arguments) - words)
        if unknown:
            raise ArteError(
                expected="template_args that the template reads",
                found=", ".join(unknown),
                where=f"the chat template of {self.where}",
                remedy="correct models.<name>.template_args: a template ignores other names",
            )

    def _check_user(self) -> None:
        shown = self._render([{"role": "user", "content": _USER}], add_generation_prompt=True)
        if _USER not in shown:
            raise ArteError(
                expected="a chat template that shows the user's text",
                found=repr(shown[:200]),
                where=f"the chat template of {self.where}",
                remedy="set models.<name>.chat: off, or correct the template",
            )

    def _finds_system(self) -> bool:
        """Whether a system turn shows in what the template makes of it."""
        turns = [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": _USER}]
        try:
            shown = self._render(turns, add_generation_prompt=True)
        except ArteError:
            shown = ""
        if _SYSTEM in shown:
            return True
        if self.system:
            raise ArteError(
                expected="a chat template with a system role, for models.<name>.system",
                found="a template that refuses a system turn, or leaves it out",
                where=f"the chat template of {self.where}",
                remedy="remove the key system, or write the text into the prompt files",
            )
        return False

    def _end_of_turn(self) -> list[int]:
        """The tokens that follow an answer, up to the special one that ends it."""
        user, answer = {"role": "user", "content": _USER}, {"role": "assistant", "content": _ANSWER}
        _, shown, below = self._render([user, answer], add_generation_prompt=False).rpartition(
            _ANSWER
        )
        closing = self._encoded([below])[0] if shown and below else []
        special = _marks(self.tokenizer)
        for n, token in enumerate(closing, start=1):
            if token in special:
                return closing[:n]
        return [self.tokenizer.eos_token_id]


def _template(tokenizer: "PreTrainedTokenizerBase", cfg: dict[str, Any], where: str) -> str | None:
    """The text of the chat template; None where there is none and none is asked for."""
    if tokenizer.chat_template:
        return tokenizer.get_chat_template()
    asked = [key for key in ("system", "template_args") if cfg.get(key)]
    if cfg["chat"] == "on" or asked:
        raise ArteError(
            expected="a tokenizer with a chat template",
            found=f"none, and models.<name>.{asked[0] if asked else 'chat: on'}",
            where=where,
            remedy="set models.<name>.chat: off and remove system and template_args, or take the "
            "instruct model's tokenizer files (chat_template.jinja, tokenizer_config.json)",
        )
    return None


def _marks(tokenizer: "PreTrainedTokenizerBase") -> set[int]:
    """Token ids that no text has by itself: special and added tokens."""
    return {*tokenizer.all_special_ids, *tokenizer.added_tokens_decoder}
