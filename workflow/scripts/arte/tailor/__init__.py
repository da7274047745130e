"""Training sets of all arms (§3.4, §4.1).

tables: columns of a training set.
training_set: one question and one rationale per row.
instructions: the instruction-tuning sets of the baselines.
own_rows: a training set from a file of the user's own.
"""
