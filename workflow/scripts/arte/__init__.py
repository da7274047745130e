"""ARTE in Python, a package per room, in the order of the paper; `docs/design.md` describes it.

core: errors, files, tables, jobs, tasks, prompts and answers that all rooms share.
config: the configuration, checked before anything runs.
tasks: tasks of the user's own, as folders.
data: test and validation items and exemplars of BIG-Bench Hard and other benchmarks (§4.1).
mini: miniatures of them, drawn by programs.
models: folders of models, and how they come here.
engine: backends that complete prompts, and the journal that keeps what they wrote.
nano: models that are trained from scratch on the CPU, and their gates.
elicit: draft questions and rationales of the teacher (§3.1).
prefer: the student's preferences: preference set, preference scores, pairs (§3.2, §3.3).
training: what all trainings share.
align: DPO of the teacher (§3.3).
tailor: training sets of all arms (§3.4).
finetune: students trained on them (§4.1).
evaluate: the students' answers to the test items (§4.2).
stats: intervals and tests.
report: tables and figures (§4, §5).
preview: what the models are asked and answer, before a run.
plan: what a run will cost, before it starts.
provenance: where results come from, so that others can check them.
explain: what stands behind a number of a table or a point of a figure.
verify: checks a folder against its manifest, with nothing but Python.
console: the program `arte`, which asks something of a run or of this machine.
"""
