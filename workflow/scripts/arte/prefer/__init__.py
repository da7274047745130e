"""What the student prefers (§3.2, §3.3).

tables: columns of what this room makes.
responses: the panel's answers to the validation items.
irt: the two-parameter model fitted to them.
preference_set: the items that tell models apart best.
score_rationales: preference scores of the drafts (Eq. 3, 4).
scorers: the ways to score.
ties: lots that decide between equal scores.
pairs: preference pairs for DPO.
consistency_outputs: answers to all validation items (App. E).
"""
