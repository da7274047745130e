"""The configuration as typed blocks: each key's type, range, meaning and value in the paper.

base: what all blocks share.
clauses: license clauses that forbid a teacher to improve other models.
data: benchmarks and instruction sets.
engine: how models generate.
gates: what a model's first calls must give.
models: models, their roles and their licenses.
nano: how embedded models are trained.
preferences: drafts, scores and pairs.
reports: evaluation, reports and the spread of work.
training: alignment, tailored data, arms and fine-tuning.
whole: all blocks together.
"""
