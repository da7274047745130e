"""What a run will cost, before it starts.

stages: the stages of a run and their work.
sizes: items, rounds and trainings that a config asks for.
lengths: how long texts will be.
work: requests, tokens and steps.
training: work of trainings.
cost: time, memory and disk.
measured: what finished jobs cost.
report: the table.
"""
