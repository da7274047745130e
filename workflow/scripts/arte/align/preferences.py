"""Preference pairs as the token ids that the teacher is trained on (§3.3, App. G)."""

import polars as pl
from transformers import PreTrainedTokenizerBase

from arte.core import job
from arte.core.errors import ArteError
from arte.models.chat import Rendering
from arte.models.tokenizer import load_tokenizer
from arte.training import common as training

Row = dict[str, list[int]]
"""A pair as TRL's {prompt_ids, chosen_ids, rejected_ids}."""

SEAM = {"rationale": ("", " "), "question": ("\n", "")}
"""What joins prompt and answer, as (end of prompt, start of answer), so that both tokenize apart.

A rationale follows its lead after a space; a question begins a new line, and the newline goes to
the prompt because byte-pair vocabularies merge it with the punctuation before it. It is common to
chosen and rejected, so it cancels in the DPO loss.
"""


def texts(pairs: pl.DataFrame) -> list[dict[str, str]]:
    """PAIRS as {kind, prompt, chosen, rejected}, in the table's order."""
    return [
        {
            "kind": row["kind"],
            "prompt": row["prompt"] + SEAM[row["kind"]][0],
            "chosen": SEAM[row["kind"]][1] + row["chosen"],
            "rejected": SEAM[row["kind"]][1] + row["rejected"],
        }
        for row in pairs.iter_rows(named=True)
    ]


def renderings(
    tokenizer: PreTrainedTokenizerBase, cfg: dict, *, model: str
) -> dict[str, Rendering]:
    """How the prompts of each kind of pair are put to the teacher, as in drafting."""
    chat = cfg.get("chat", {})
    found = {kind: Rendering(tokenizer, chat.get(kind), where=model) for kind in SEAM}
    for kind in sorted(chat):
        job.log(f"{model} is aligned on {kind} pairs {found[kind].manner}")
    return found


def tokenized(
    rows: list[dict[str, str]], by_kind: dict[str, Rendering], *, where: str
) -> list[Row]:
    """Texts of pairs as token ids, in their order."""
    found: list[Row] = [{} for _ in rows]
    for kind, rendering in by_kind.items():
        places = [i for i, row in enumerate(rows) if row["kind"] == kind]
        prompts = [rows[i]["prompt"] for i in places]
        for key in ("chosen", "rejected"):
            answers = [rows[i][key] for i in places]
            pairs = training.tokenized(rendering, prompts, answers, where=where)
            for i, (ids, head) in zip(places, pairs, strict=True):
                found[i] |= {"prompt_ids": ids[:head], f"{key}_ids": ids[head:]}
    return found


def count_clipped(rows: list[Row], *, max_length: int | None, where: str) -> dict[str, int]:
    """How many pairs lose tokens to `max_length`, and how many are dropped for their prompt."""
    lengths = []
    for row in rows:
        head = len(row["prompt_ids"])
        longer = max(len(row["chosen_ids"]), len(row["rejected_ids"]))
        lengths.append((head, head + longer))
    return training.count_clipped(lengths, max_length, key="align.dpo.max_length", where=where)


def of_pairs(pairs: pl.DataFrame, *, cfg: dict, model: str, where: str) -> list[Row]:
    """The pairs as the teacher is trained on them; raises ArteError without pairs."""
    if not pairs.height:
        raise ArteError(
            expected="at least one preference pair",
            found="0 rows",
            where=where,
            remedy="see the pairs report: all ties? then raise elicit.questions or pairs.ties",
        )
    by_kind = renderings(load_tokenizer(model), cfg, model=model)
    return tokenized(texts(pairs), by_kind, where=where)
