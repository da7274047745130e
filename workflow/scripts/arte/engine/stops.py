"""Finding stop strings in generated tokens, which rarely end where a token does."""

import numpy as np
from transformers import PreTrainedTokenizerBase

SLACK = 4
"""Tokens decoded before the longest possible match: some decode to nothing on their own."""


def decode(tokenizer: PreTrainedTokenizerBase, ids: list[int]) -> str:
    """The text of generated token ids, without special tokens."""
    return tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)


def cut_text(text: str, stop: tuple[str, ...]) -> str | None:
    """`text` up to the end of its first stop string, which is kept; None if there is none."""
    ends = [text.index(each) + len(each) for each in stop if each in text]
    return text[: min(ends)] if ends else None


class Stops:
    """Says whether a row's newest token completes a stop string, decoding only where it may.

    A match ends in the newest token, so that token's text holds the last character of a stop
    string: `may_end` marks those tokens (a boolean per token id), and all others need no decoding.
    """

    def __init__(
        self, tokenizer: PreTrainedTokenizerBase, stop: tuple[str, ...], vocab_size: int
    ) -> None:
        self.tokenizer = tokenizer
        self.stop = stop
        # each token of a match holds at least one of its bytes
        self.window = max((len(s.encode()) for s in stop), default=0) + SLACK
        self.may_end = np.zeros(max(vocab_size, len(tokenizer)), dtype=bool)
        last = {s[-1] for s in stop}
        if any(not char.isascii() or char == " " for char in last):
            # split over several tokens, or stripped by some tokenizers: look after every token
            self.may_end[:] = True
        elif last:
            texts = tokenizer.batch_decode([[i] for i in range(len(tokenizer))])
            self.may_end[: len(texts)] = [not last.isdisjoint(text) for text in texts]

    def cut(self, ids: list[int]) -> str | None:
        """The text up to the end of the first stop string, which is kept; None if there is none."""
        tail = decode(self.tokenizer, ids[-self.window :])
        if not any(stop in tail for stop in self.stop):
            return None
        return cut_text(decode(self.tokenizer, ids), self.stop)
