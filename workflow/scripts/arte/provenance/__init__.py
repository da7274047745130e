"""Where a run's results come from, so that others can check them.

records: what Snakemake knows of the jobs that made a run.
manifest: every published file of a run, its hash and the job that made it.
"""
