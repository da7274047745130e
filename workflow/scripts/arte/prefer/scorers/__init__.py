"""Preference scorers: how much the student likes a rationale (docs/extending.md).

table: the scorers there are, and what each of them needs.
contract: what a scorer takes and gives.
icl: one-shot accuracy on the preference set, the paper's (Eq. 3).
loglik: log-probability of the rationale itself.
"""
