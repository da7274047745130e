"""The preference scorers, a line each: rules, plan and Figure 2 read what a scorer needs here.

No job imports this table: a line more makes no other scorer's scores out of date.
"""

from typing import NamedTuple


class Scorer(NamedTuple):
    """A module with a function `score` (arte.prefer.scorers.contract), and what stands around it.

    `reads` names the keys of config block `prefer` in the job's config. With `items` the job gets
    the preference set and keeps the student's answers to it. `axis` and `unit` are for figures: its
    label, and how many of its units one score is.
    """

    module: str
    reads: tuple[str, ...]
    items: bool
    axis: str
    unit: int = 1


SCORERS = {
    "icl": Scorer(
        "arte.prefer.scorers.icl",
        ("max_tokens",),
        items=True,
        axis="one-shot accuracy, %",
        unit=100,
    ),
    "loglik": Scorer(
        "arte.prefer.scorers.loglik", (), items=False, axis="mean log-probability per token, nats"
    ),
}
"""Values of config key `prefer.scorer`."""
