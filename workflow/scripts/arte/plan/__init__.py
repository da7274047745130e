"""What a run will cost, before it starts.

jobs: the jobs of a dry run, read from their command lines.
commands: what each command makes and costs, one line for a module.
known: tables, texts and models that earlier jobs make.
data: rows of the tables that are made without a model.
requests: work of the jobs that ask a model.
training: work of the jobs that make a model.
lengths: how long texts will be.
shapes: dimensions of models.
work: requests, tokens and steps of a job.
cost: time, memory and disk.
measured: what finished jobs cost.
schedule: how long jobs take on some devices.
forecast: a plan in seconds.
claims: how long each of the paper's claims takes.
report: the tables.
"""
