"""What all trainings share.

common: TRL's arguments, tokenized data, published folders.
checkpoints: when a training saves, and from what it continues.
processes: trainings of several processes.
"""
