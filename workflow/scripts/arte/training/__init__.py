"""What all trainings share.

common: TRL's arguments, tokenized data, published folders.
checkpoints: when a training saves, and from what it continues.
kept: a finished training, not repeated for nothing.
processes: trainings of several processes.
written: what a training writes, and whether it is what was trained.
"""
