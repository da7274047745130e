"""Drafts, the preference set, scores and pairs (§3.1 to §3.3)."""

from typing import Annotated, Literal

from pydantic import Field

from arte.config.blocks.base import Block, Distinct, FromText, Integer, Name, Number, key
from arte.prefer.scorers.table import SCORERS

Shots = Annotated[list[Annotated[int, Field(ge=0, le=3), FromText]], Distinct]


class Elicit(Block):
    """Draft questions and rationales (§3.1)."""

    questions: Integer = key("draft questions per subtask", "250", ge=1)
    questions_per_call: Integer = key("questions asked for in one prompt", "5", ge=1)
    seed_questions: Integer = key("exemplars shown in the question prompt", "3", ge=1, le=3)
    question_temperature: Number = key("sampling temperature of draft questions", "1.0", ge=0)
    rationale_temperature: Number = key("sampling temperature of draft rationales", ge=0)
    max_calls: Integer = key(
        "calls after which a subtask, or a benchmark of `ood.transfer`, keeps what it has", ge=1
    )
    question_max_tokens: Integer = key("longest answer to a question prompt (tokens)", ge=1)
    rationale_max_tokens: Integer = key(
        "longest rationale (tokens); at most `prefer.max_tokens` and `evaluate.max_tokens`", ge=1
    )
    keep_cut_off: bool = key(
        "whether rationales that this limit cut off may be DPO's chosen ones and training data"
    )
    tag_stated_answers: bool = key(
        "tag the answer that a draft or tailored rationale ends by stating without a tag, as those "
        "of exemplars are tagged; counted as `tagged_here`"
    )
    techniques: Annotated[list[Name], Distinct] = key(
        "one rationale each, asked for by `<prompts>/<subtask>/<technique>.md`; any names for "
        "which every subtask has the file",
        "4",
        min_length=2,
    )


class Irt(Block):
    """Fit of the two-parameter model (§3.2)."""

    steps: Integer = key("optimization steps", ge=1)
    learning_rate: Number = key("learning rate", gt=0)
    particles: Integer = key("samples per gradient", ge=1)
    prior_sd: Number = key("prior standard deviation of log discrimination", gt=0)


class Prefer(Block):
    """Preference set and scores (§3.2)."""

    scorer: Literal[tuple(SCORERS)] = key(
        "preference scores: `icl`, one-shot accuracy with the draft as example (a share), or "
        "`loglik`, mean log-probability of the draft per token (nats)",
        "icl",
    )
    shots: Shots = key("numbers of exemplars in the response matrix", "0–3", min_length=1)
    preference_items: Integer = key(
        "items kept per subtask by discrimination; at most `data.validation_items`", "40", ge=1
    )
    balance: bool = key(
        "choose them so that answers keep the proportions of the validation items", "false"
    )
    max_tokens: Integer = key("longest answer of the student (tokens)", ge=1)
    irt: Irt


class Pairs(Block):
    """Preference pairs (§3.3)."""

    question_pairs: Integer = key("question pairs per subtask", "50", ge=0)
    question_share: Number = key(
        "share at the top and at the bottom by s_q from which they are drawn",
        "0.25",
        gt=0,
        le=0.5,
    )
    ties: Literal["drop", "break"] = key(
        "questions whose rationales all have one score: drop them, or draw a pair by seed"
    )
