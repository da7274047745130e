"""Preference scores without generating: how likely the student finds each draft itself.

A rationale's score s_r is the mean log-probability per token that the untrained student gives it
after the zero-shot prompt of its question (Table 13 without example), in nats per token, at most 0.
The paper scores by one-shot accuracy instead (§3.2, arte.prefer.scorers.icl). This scorer costs one
pass per draft and needs no preference set.
"""

import polars as pl

from arte.prefer.scorers.contract import Request, Scored, scores_of


def score(request: Request) -> Scored:
    """The log-probability per token of every rationale; `n` is the number of tokens.

    Empty rationales have no tokens, hence no score: they are no candidates.
    """
    drafts = request.drafts.filter(pl.col("rationale") != "")
    rows = drafts.to_dicts()
    found = request.ask.likelihoods(
        request.drafts["subtask"][0],
        [request.prompts.student(row["subtask"], [], row["question"]) for row in rows],
        [f" {row['rationale']}" for row in rows],  # as in training
    )
    means = [each.log_probability / each.n_tokens for each in found]
    return Scored(scores_of(drafts, means, [each.n_tokens for each in found]))
