"""What the paper claims, and what a run says of it.

listed: the claims of config/claims.yaml, checked.
needed: what a claim needs of a run.
measured: the differences that a claim is about.
verdicts: the verdict on a claim.
claim: the command that judges claims.
"""
