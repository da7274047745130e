"""Where a run's results come from, so that others can check them.

records: what Snakemake knows of the jobs that made a run.
manifest: every published file of a run, its hash and the job that made it.
rules: ways to read an answer out of what a model wrote.
reread: kept outputs, read anew by such a rule.
rescore: tables and figures, made again without a model.
crate: a bundle, described as a Workflow Run RO-Crate.
bundle: a run, its code and its origins in one archive.
"""
